import { spawn } from 'node:child_process';
import { readArguments } from './tool-arguments.ts';

/** Same command, several folders, in turn; every other round backwards, so that no variant is always the second. */
export async function bench(words: readonly string[]) {
  const args = readArguments(words, ['runs', 'warmup', 'variant', 'seconds']);
  const variants = (args.options['variant'] ?? ['here=.']).slice(0, 4).map((text) => {
    const split = text.indexOf('=');
    if (split < 1) throw new Error('--variant wants NAME=FOLDER');
    return { name: text.slice(0, split), folder: text.slice(split + 1), seconds: [] as number[], failed: 0 };
  });
  const runs = Math.round(args.number('runs', 20, 1_000));
  const warmUp = Math.round(args.number('warmup', 1, 20));
  const until = Date.now() + args.number('seconds', 60, 600) * 1000;
  const notes: string[] = [];
  let output = '';
  for (let round = -warmUp; round < runs; round += 1) {
    // A round is whole or it is not begun: variants keep the same number of runs.
    if (Date.now() > until) {
      notes.push(`Time was over after ${Math.max(0, round)} of ${runs} rounds.`);
      break;
    }
    for (const variant of Math.abs(round) % 2 === 0 ? variants : variants.toReversed()) {
      const run = await once(args.argv, variant.folder);
      if (run.code !== 0) {
        variant.failed += 1;
        output = run.output;
      } else if (round >= 0) variant.seconds.push(run.seconds);
    }
    if (variants.every((variant) => variant.failed > 2 && variant.seconds.length === 0)) {
      notes.push('The command fails.');
      break;
    }
  }
  return {
    variants: variants.map(({ name, seconds, failed }) => ({ name, seconds, failed })),
    output,
    notes,
  };
}

function once(
  argv: readonly string[],
  folder: string,
): Promise<{ code: number; seconds: number; output: string }> {
  return new Promise((resolve) => {
    const [command = '', ...rest] = argv;
    const startedAt = performance.now();
    const child = spawn(command, rest, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const keep = (chunk: string): void => {
      output = (output + chunk).slice(-4_000);
    };
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', keep);
    child.on('error', (error) => resolve({ code: 127, seconds: 0, output: error.message }));
    child.on('close', (code) =>
      resolve({ code: code ?? 1, seconds: (performance.now() - startedAt) / 1000, output }),
    );
  });
}

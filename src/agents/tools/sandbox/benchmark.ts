import { z } from 'zod';
import { compareTimings, type TimingComparison } from '../../../analysis/benchmark/compare-timings.ts';
import type { Service } from '../../../domain/service.ts';
import type { Sandbox } from '../../../ports/sandbox.ts';
import type { SourceControl } from '../../../ports/source-control.ts';
import { defineTool } from '../tool.ts';
import { askTool } from './ask-tool.ts';
import { notAnswered } from './debug-code.ts';
import { argv, handOver, inSandbox, observe, place, readable } from './use-sandbox.ts';

const folder = '.warroom-bench';
const fileBytes = 4_000_000;
/** Both variants begin as the workspace; what differs is written into one of them. */
const copyTwice = `set -e; for one in before after; do mkdir -p ${folder}/$one; find . -mindepth 1 -maxdepth 1 ! -name ${folder} -exec cp -R {} ${folder}/$one/ ';'; done`;

type Change = { readonly path: string; readonly content: Uint8Array | string | null };

export const benchmarkTool = defineTool({
  name: 'benchmark',
  changing: true,
  description:
    'Times a command before and after a commit (against its parent), or with and without a patch: interleaved runs, medians, a 95 % interval of the ratio, and a verdict. Resets the workspace.',
  input: z.object({
    ...place,
    argv,
    patch: z.string().max(200_000).optional().describe('Without it, the commit is compared with its parent.'),
    runs: z.number().int().min(6).max(100).default(20),
    seconds: z.number().int().min(10).max(180).default(90).describe('For all runs together.'),
  }),
  async run(context, input, signal) {
    const query = `time ${input.argv.join(' ')}`;
    const look = {
      title: input.patch === undefined ? 'Time against the parent' : 'Time with the patch',
      query,
    };
    const { source } = context.desk.sources;
    return inSandbox(context, input, look, signal, async (bench) => {
      const { sandbox, service, at } = bench;
      const differs = await findChanges(source, service, at, input.patch, signal);
      handOver(bench);
      await sandbox.reset(null, signal);
      try {
        await makeVariants(sandbox, differs, signal);
        const options = [
          ['variant', `before=${folder}/before`],
          ['variant', `after=${folder}/after`],
          ['runs', String(input.runs)],
          ['seconds', String(input.seconds)],
        ] as const;
        const answer = await askTool(bench, 'bench', options, input.argv, input.seconds + 30, signal);
        if (!answer.answered) return notAnswered(service.name, look, answer.why);
        const secondsOf = (name: string): readonly number[] =>
          answer.result.variants.find((variant) => variant.name === name)?.seconds ?? [];
        const compared = compareTimings(secondsOf('before'), secondsOf('after'));
        const seen = observe(
          { ...bench, edited: false },
          {
            ...look,
            summary: sayCompared(compared),
            data: {
              ...compared,
              variants: answer.result.variants,
              output: answer.result.output,
              notes: answer.result.notes,
            },
          },
        );
        return { ...seen, empty: Math.min(...compared.runs) === 0 };
      } finally {
        if (!signal.aborted) {
          await sandbox.reset(null, signal);
          bench.edited = false;
        }
      }
    });
  },
});

/** `slower: 1.4 s → 2.1 s (×1.50, 95 % between 1.44 and 1.58; 20 and 20 runs)`. */
export function sayCompared(compared: TimingComparison): string {
  const { verdict, medianBefore, medianAfter, ratio, interval, runs } = compared;
  if (Math.min(...runs) === 0)
    return 'The command did not succeed in both variants, so nothing can be compared.';
  const [low, high] = interval;
  return `${verdict}: ${medianBefore.toFixed(3)} s → ${medianAfter.toFixed(3)} s (×${ratio.toFixed(2)}, 95 % between ${low.toFixed(2)} and ${high.toFixed(2)}; ${runs[0]} and ${runs[1]} runs)`;
}

async function findChanges(
  source: SourceControl,
  service: Service,
  at: string,
  patch: string | undefined,
  signal: AbortSignal,
): Promise<{ variant: 'before' | 'after'; changes: Change[] }> {
  if (patch !== undefined) {
    const outcome = await source.patch(service, { base: at, patch }, signal);
    if (outcome.kind === 'refused') throw new RangeError(`The patch does not apply: ${outcome.reason}.`);
    return { variant: 'after', changes: outcome.kind === 'clean' ? [...outcome.changes] : [] };
  }
  const [commit] = await source.log(service, { at, limit: 1 }, signal);
  const parent = commit?.parents[0];
  if (commit === undefined || parent === undefined)
    throw new RangeError('The commit has no parent to compare with.');
  const changes: Change[] = [];
  for (const { path } of commit.files)
    changes.push({ path, content: (await source.read(service, parent, path, fileBytes, signal)) ?? null });
  return { variant: 'before', changes };
}

async function makeVariants(
  sandbox: Sandbox,
  differs: { variant: 'before' | 'after'; changes: readonly Change[] },
  signal: AbortSignal,
): Promise<void> {
  const limits = { timeoutMs: 60_000, outputBytes: 16_000 };
  const copied = await sandbox.run(['/bin/sh', '-c', copyTwice], limits, signal);
  if (copied.exitCode !== 0 || copied.output !== '')
    throw new RangeError(`Two copies of the workspace could not be made: ${readable(copied.output, 300)}`);
  const into = (path: string): string => `${folder}/${differs.variant}/${path}`;
  const written = differs.changes.flatMap(({ path, content }) =>
    content === null ? [] : [{ path: into(path), content }],
  );
  const deleted = differs.changes.flatMap(({ path, content }) => (content === null ? [into(path)] : []));
  if (written.length > 0) await sandbox.write(written, signal);
  if (deleted.length > 0) await sandbox.run(['rm', '-f', '--', ...deleted], limits, signal);
}

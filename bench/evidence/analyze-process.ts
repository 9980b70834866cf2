import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const cli = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));

export interface ProcessRun {
  /** Of processor time, with the start of the process: on a shared machine the clock tells of the neighbours. */
  readonly seconds: number;
  readonly clockSeconds: number;
  readonly peakMb: number;
  readonly answers: number;
}

/** `warroom analyze NAME` as a process of its own, fed as fast as it takes; its answers are counted and dropped. */
export async function runAnalyzeProcess(name: string, requests: Iterable<object>): Promise<ProcessRun> {
  const child = spawn(process.execPath, [cli, 'analyze', name], { stdio: ['pipe', 'pipe', 'pipe'] });
  let answers = 0;
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    for (const byte of chunk) if (byte === 10) answers += 1;
  });
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const closed = once(child, 'close');
  const began = performance.now();
  for (const request of requests)
    if (!child.stdin.write(`${JSON.stringify(request)}\n`)) await once(child.stdin, 'drain');
  child.stdin.end();
  const [code] = (await closed) as [number | null];
  const [, processor, peak] = /([\d.]+) s of processor, at most (\d+) MB/.exec(said) ?? [];
  if (code !== 0 || processor === undefined || peak === undefined)
    throw new Error(`analyze ${name} ended with ${code}: ${said}`);
  return {
    seconds: Number(processor),
    clockSeconds: (performance.now() - began) / 1000,
    peakMb: Number(peak),
    answers,
  };
}

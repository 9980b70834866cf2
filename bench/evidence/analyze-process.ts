import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const cli = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));

export interface ProcessRun {
  readonly seconds: number;
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
  const peak = /at most (\d+) MB/.exec(said)?.[1];
  if (code !== 0 || peak === undefined) throw new Error(`analyze ${name} ended with ${code}: ${said}`);
  return { seconds: (performance.now() - began) / 1000, peakMb: Number(peak), answers };
}

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface ServerProcess {
  readonly url: string;
  readonly port: number;
  readonly folder: string;
  /** What it printed so far. */
  output(): string;
  stop(): Promise<void>;
}

/** Starts a real server in a folder of its own and on a free port; it ends with the test that stops it, or with the run. */
export async function startServerProcess(options: {
  /** Names under which systems install it, first one found is taken. */
  programs: readonly string[];
  prepare(folder: string, port: number): Promise<readonly string[]>;
  /** Path that answers 200 once it is ready. */
  readyPath: string;
}): Promise<ServerProcess> {
  const program = findProgram(options.programs);
  const folder = await mkdtemp(path.join(os.tmpdir(), 'warroom-test-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(program, [...(await options.prepare(folder, port))], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      output = (output + chunk.toString('utf8')).slice(-20_000);
    });
  const killAtExit = (): void => void child.kill('SIGKILL');
  process.once('exit', killAtExit);

  const stop = async (): Promise<void> => {
    process.off('exit', killAtExit);
    await endProcess(child);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await untilReady(`${url}${options.readyPath}`, child, () => output);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, port, folder, output: () => output, stop };
}

export async function freePort(): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const server = createServer();
  server.once('error', reject);
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
  });
  return promise;
}

/** Polls until `look` gives something; fails with what was awaited. */
export async function until<Value>(
  what: string,
  look: () => Promise<Value | undefined | false> | Value | undefined | false,
  timeoutMs = 20_000,
): Promise<Value> {
  const endMs = Date.now() + timeoutMs;
  for (;;) {
    const value = await look();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > endMs) throw new Error(`waited ${timeoutMs} ms in vain for ${what}`);
    await sleep(50);
  }
}

function findProgram(names: readonly string[]): string {
  for (const name of names) {
    try {
      return execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim();
    } catch {
      // The next name may be there.
    }
  }
  throw new Error(`none of ${names.join(', ')} is installed; npm test installs it or says how`);
}

async function untilReady(url: string, child: ChildProcess, output: () => string): Promise<void> {
  await until(`${url} to answer`, async () => {
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(`the server ended before it was ready:\n${output()}`);
    const response = await fetch(url).catch(() => undefined);
    return response?.ok === true || response?.status === 401;
  });
}

async function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  child.once('exit', () => resolve());
  child.kill('SIGTERM');
  const impatience = setTimeout(() => child.kill('SIGKILL'), 5_000);
  await promise;
  clearTimeout(impatience);
}

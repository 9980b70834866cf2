import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { AccessRefused, type CommandRunner, NotFound } from '../../ports/runtime.ts';
import type { CommandResult } from '../../ports/sandbox.ts';

const usualPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
/** The last bytes are kept: what went wrong is said at the end. */
const outputBytes = 1024 * 1024;
/** Between asking a command to end and ending it. */
const graceMs = 2_000;
/** For output that is still on its way when the command has ended; a daemon that it left may hold the pipe for ever. */
const drainMs = 300;

/** Commands beside Warroom: no shell, none of its environment, in `/`, each in a process group of its own. */
export function createLocalCommands({ path = usualPath }: { path?: string } = {}): CommandRunner {
  return {
    async run({ argv, container, timeoutMs }, signal) {
      if (container !== null) throw new TypeError('a command in a container does not run beside Warroom');
      signal.throwIfAborted();
      const began = performance.now();
      const [program = '', ...rest] = argv;
      const child = spawn(program, rest, {
        env: { PATH: path },
        cwd: '/',
        detached: true,
        shell: false,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const tail = new Tail(outputBytes);
      child.stdout.on('data', (chunk: Buffer) => tail.add(chunk));
      child.stderr.on('data', (chunk: Buffer) => tail.add(chunk));
      const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
      const exited = new Promise<number | null>((resolve, reject) => {
        child.once('exit', (code) => resolve(code));
        child.once('error', (error) => reject(asStartError(program, error)));
      });
      exited.catch(() => undefined);

      const givenUp = Promise.withResolvers<'timeout' | 'aborted'>();
      const timer = setTimeout(() => givenUp.resolve('timeout'), timeoutMs);
      const onAbort = (): void => givenUp.resolve('aborted');
      signal.addEventListener('abort', onAbort, { once: true });
      try {
        const ended = await Promise.race([exited, givenUp.promise]);
        if (typeof ended === 'string') await endGroup(child.pid, exited);
        await Promise.race([closed, sleep(drainMs)]);
        if (ended === 'aborted') throw signal.reason;
        const durationMs = Math.round(performance.now() - began);
        return { ...reasonOf(ended), output: tail.text(), durationMs };
      } finally {
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
        child.stdout.destroy();
        child.stderr.destroy();
      }
    },
  };
}

function reasonOf(ended: number | null | 'timeout'): Pick<CommandResult, 'exitCode' | 'reason'> {
  if (ended === 'timeout') return { exitCode: null, reason: 'timeout' };
  return { exitCode: ended, reason: ended === null ? 'signal' : 'exit' };
}

async function endGroup(pid: number | undefined, exited: Promise<unknown>): Promise<void> {
  if (pid === undefined) return;
  killGroup(pid, 'SIGTERM');
  await Promise.race([exited, sleep(graceMs)]);
  // also those that outlived the first of the group
  killGroup(pid, 'SIGKILL');
  await exited.catch(() => undefined);
}

function killGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // nobody is left in it
  }
}

function asStartError(program: string, error: Error): Error {
  const code = 'code' in error ? error.code : '';
  if (code === 'ENOENT') {
    return new NotFound(
      `There is no program ${program} beside Warroom.`,
      `Install it on ${usualPath}, or write its whole path into the catalogue.`,
      { cause: error },
    );
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return new AccessRefused(`${program} may not be run here (${code}).`, 'Check its permissions.', {
      cause: error,
    });
  }
  return error;
}

/** Keeps the last bytes. */
class Tail {
  readonly #most: number;
  #chunks: Buffer[] = [];
  #size = 0;
  #lost = false;

  constructor(most: number) {
    this.#most = most;
  }

  add(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    while (this.#size - (this.#chunks[0]?.length ?? 0) >= this.#most) {
      this.#size -= this.#chunks.shift()?.length ?? 0;
      this.#lost = true;
    }
  }

  text(): string {
    const text = Buffer.concat(this.#chunks).subarray(-this.#most).toString('utf8');
    return this.#lost || this.#size > this.#most ? `(earlier output was not kept)\n${text}` : text;
  }
}

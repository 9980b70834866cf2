import { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Container } from 'dockerode';
import { engineAnswer } from './engine-answer.ts';
import { engineStatus, SandboxLost } from './sandbox-errors.ts';

export interface ExecRequest {
  readonly argv: readonly string[];
  readonly user: string;
  readonly environment: readonly string[];
  readonly workFolder: string;
  /** At most this much output is kept; `onOverflow` is called once when there is more. */
  readonly outputBytes: number;
  readonly onOverflow?: () => void;
  /** Gets the command's standard input; without it the command reads nothing. */
  readonly writeInput?: (input: NodeJS.WritableStream) => Promise<void>;
}

export interface Exec {
  /** Resolves when the command has ended and what it printed has arrived. */
  readonly ended: Promise<{ exitCode: number | null }>;
  output(): string;
  /** Stops listening. What runs inside goes on: the engine cannot kill an exec. */
  abandon(): void;
}

const startTimeoutMs = 20_000;
const pollMs = 250;
/** Output that is still on its way when the engine already knows that the command ended. */
const drainMs = 300;

/** @throws SandboxLost when the container is gone */
export async function startExec(container: Container, request: ExecRequest): Promise<Exec> {
  try {
    return await engineAnswer(start(container, request), startTimeoutMs);
  } catch (error) {
    throw asSandboxError(error);
  }
}

async function start(container: Container, request: ExecRequest): Promise<Exec> {
  const exec = await container.exec({
    Cmd: [...request.argv],
    User: request.user,
    Env: [...request.environment],
    WorkingDir: request.workFolder,
    AttachStdin: request.writeInput !== undefined,
    AttachStdout: true,
    AttachStderr: true,
  });
  const stream = await exec.start({ hijack: true, stdin: request.writeInput !== undefined });
  const sink = new CappedSink(request.outputBytes, request.onOverflow);
  container.modem.demuxStream(stream, sink, sink);
  const closed = new Promise<void>((resolve) => {
    for (const event of ['end', 'close', 'error']) stream.once(event, () => resolve());
  });

  async function finish(): Promise<{ exitCode: number | null }> {
    // Rejects when the command does not read to the end; how the command ended says more.
    await request.writeInput?.(stream).catch(() => undefined);
    for (;;) {
      // A process left behind may hold the stream open for ever, so the engine is asked, too.
      const isClosed = await Promise.race([closed.then(() => true), sleep(pollMs, false)]);
      const state = await exec.inspect();
      if (state.Running) {
        if (isClosed) await sleep(10);
        continue;
      }
      if (!isClosed) await Promise.race([closed, sleep(drainMs)]);
      stream.destroy();
      return { exitCode: state.ExitCode };
    }
  }
  const ended = finish().catch((error: unknown) => {
    throw asSandboxError(error);
  });
  ended.catch(() => undefined);
  return { ended, output: () => sink.text(), abandon: () => stream.destroy() };
}

function asSandboxError(error: unknown): unknown {
  const status = engineStatus(error);
  return status === 404 || status === 409
    ? new SandboxLost('The sandbox is gone.', 'The investigation opens a new one when it runs again.', {
        cause: error,
      })
    : error;
}

/** Keeps the first bytes and swallows the rest, so that the sender never waits for us. */
class CappedSink extends Writable {
  readonly #chunks: Buffer[] = [];
  readonly #onOverflow: (() => void) | undefined;
  #left: number;
  #overflown = false;

  constructor(most: number, onOverflow: (() => void) | undefined) {
    super();
    this.#left = most;
    this.#onOverflow = onOverflow;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    if (this.#left > 0) this.#chunks.push(chunk.subarray(0, this.#left));
    this.#left -= chunk.length;
    if (this.#left < 0 && !this.#overflown) {
      this.#overflown = true;
      this.#onOverflow?.();
    }
    done();
  }

  text(): string {
    // A character that the cap cut in half becomes U+FFFD.
    return Buffer.concat(this.#chunks).toString('utf8');
  }
}

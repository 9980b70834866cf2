import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Container } from 'dockerode';
import { KeptOutput } from '../../platform/kept-output.ts';
import { SandboxLost } from '../../ports/sandbox-errors.ts';
import { engineAnswer } from './engine-answer.ts';
import { demultiplex, type OutputSource } from './sandbox/exec/demultiplex.ts';
import type { Beginning, FreezeLock } from './sandbox/exec/freeze-lock.ts';
import { engineStatus } from './sandbox-errors.ts';

export interface ExecRequest {
  readonly argv: readonly string[];
  /** `uid:gid`; empty: the container's own. */
  readonly user: string;
  readonly environment: readonly string[];
  /** Empty: the container's own. */
  readonly workFolder: string;
  readonly onOutput: (chunk: Buffer, source: OutputSource) => void;
  /** Of a container that is frozen now and then. */
  readonly lock?: FreezeLock;
}

export interface ExecOptions extends Omit<ExecRequest, 'onOutput'> {
  readonly onOutput?: ExecRequest['onOutput'];
  /** At most this much is kept for `output`; default: nothing. */
  readonly outputBytes?: number;
  /** Gets the command's standard input; without it the command reads nothing. */
  readonly writeInput?: (input: NodeJS.WritableStream) => Promise<void>;
}

export interface Exec {
  /** Resolves when the command has ended and what it printed has arrived. */
  readonly ended: Promise<{ exitCode: number | null }>;
  /** What it has printed, output and errors in the order in which they came. */
  output(): string;
  /** Asks the engine. An exec that has not begun yet has not ended. */
  hasEnded(): Promise<boolean>;
  /** Stops listening. What runs inside goes on: the engine cannot kill an exec. */
  abandon(): void;
}

const startTimeoutMs = 20_000;
const answerTimeoutMs = 20_000;
const thawedMs = 3_000;
/** The engine learns of an end a moment after the stream does; a command may also close it and go on. */
const settleMs = { first: 1, last: 1_000 };
/** How often the engine is asked about a command whose stream stays open; less and less often. */
const askMs = { first: 250, last: 2_000 };
/** Output that is still on its way when the engine already knows that the command ended. */
const drainMs = 300;

/** An exec with its stream, for who follows it alone. */
export interface OpenExec extends Beginning {
  readonly stream: Duplex;
  readonly closed: Promise<void>;
  readonly inspect: () => Promise<{ running: boolean; exitCode: number | null }>;
}

/** @throws SandboxLost when the container is gone */
export async function openExec(
  container: Container,
  request: ExecRequest & { readonly hasInput: boolean },
): Promise<OpenExec> {
  const start = (onBegun: () => void): Promise<OpenExec> =>
    engineAnswer(openWhenThawed(container, request, onBegun), startTimeoutMs);
  try {
    return await (request.lock?.begin(start) ?? start(() => undefined));
  } catch (error) {
    throw asSandboxError(error);
  }
}

/** The engine may hear late that a container was frozen, and takes it for frozen a while after it was thawed. */
async function openWhenThawed(...opened: Parameters<typeof open>): Promise<OpenExec> {
  const [container, { lock }] = opened;
  const untilMs = performance.now() + thawedMs;
  for (;;) {
    try {
      return await open(...opened);
    } catch (error) {
      const mayBeThawed = lock !== undefined && engineStatus(error) === 409 && performance.now() < untilMs;
      if (!mayBeThawed || !(await container.inspect()).State.Running) throw error;
      await sleep(settleMs.first);
    }
  }
}

async function open(
  container: Container,
  request: ExecRequest & { readonly hasInput: boolean },
  onBegun: () => void,
): Promise<OpenExec> {
  const exec = await container.exec({
    Cmd: [...request.argv],
    User: request.user,
    Env: [...request.environment],
    WorkingDir: request.workFolder,
    AttachStdin: request.hasInput,
    AttachStdout: true,
    AttachStderr: true,
  });
  const stream: Duplex = await exec.start({ hijack: true, stdin: request.hasInput });
  // Its loss is seen as its end; the engine then says how the command fares.
  stream.on('error', () => undefined);
  const closed = new Promise<void>((resolve) => {
    for (const event of ['end', 'close']) stream.once(event, () => resolve());
  });
  let isBegun = false;
  function noteBegun(): void {
    if (!isBegun) onBegun();
    isBegun = true;
  }
  demultiplex(stream, (chunk, source) => {
    noteBegun();
    request.onOutput(chunk, source);
  });

  async function inspect(): Promise<{ running: boolean; exitCode: number | null }> {
    try {
      const { Running, ExitCode, Pid } = await engineAnswer(exec.inspect(), answerTimeoutMs);
      const running = Running || ExitCode === null;
      // It is said to run from the first, but has a process only once it does.
      if (Pid > 0 || !running) noteBegun();
      return { running, exitCode: ExitCode };
    } catch (error) {
      throw asSandboxError(error);
    }
  }

  return {
    stream,
    closed,
    inspect,
    async hasBegun() {
      try {
        if (!isBegun) await inspect();
        return isBegun;
      } catch (error) {
        if (error instanceof SandboxLost) return true;
        throw error;
      }
    },
  };
}

/** @throws SandboxLost when the container is gone */
export async function startExec(container: Container, options: ExecOptions): Promise<Exec> {
  const { writeInput, onOutput } = options;
  const kept = new KeptOutput(options.outputBytes ?? 0);
  const { stream, closed, inspect } = await openExec(container, {
    ...options,
    hasInput: writeInput !== undefined,
    onOutput: (chunk, source) => {
      kept.add(chunk);
      onOutput?.(chunk, source);
    },
  });

  async function finish(): Promise<{ exitCode: number | null }> {
    // Rejects when the command does not read to the end; how the command ended says more.
    const written = writeInput?.(stream).catch(() => undefined);
    let restMs = settleMs.first;
    for (let waitMs = askMs.first; ; waitMs = Math.min(askMs.last, waitMs * 1.5)) {
      // A process left behind may hold the stream open for ever, so the engine is asked, too.
      const isClosed = await isDoneWithin(closed, waitMs);
      const { running, exitCode } = await inspect();
      if (running) {
        if (isClosed) await sleep(restMs);
        restMs = Math.min(settleMs.last, restMs * 2);
        continue;
      }
      if (!isClosed) await isDoneWithin(closed, drainMs);
      stream.destroy();
      await written;
      return { exitCode };
    }
  }
  const ended = finish();
  ended.catch(() => undefined);
  return {
    ended,
    output: () => kept.text(),
    hasEnded: async () => !(await inspect()).running,
    abandon: () => stream.destroy(),
  };
}

async function isDoneWithin(work: Promise<void>, waitMs: number): Promise<boolean> {
  const late = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => late.resolve(false), waitMs);
  try {
    return await Promise.race([work.then(() => true), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

export function asSandboxError(error: unknown): unknown {
  const status = engineStatus(error);
  return status === 404 || status === 409
    ? new SandboxLost('The sandbox is gone.', 'The investigation opens a new one when it runs again.', {
        cause: error,
      })
    : error;
}

import { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { KeptOutput } from '../../../platform/kept-output.ts';
import type { ExecEnd } from './pod-exec.ts';
import type { SandboxPod } from './sandbox-pod.ts';

const errorBytes = 4096;
const flushTimeoutMs = 5_000;

export interface ControlRequest {
  readonly argv: readonly string[];
  readonly writeInput?: (input: NodeJS.WritableStream) => Promise<void>;
  readonly onOutput?: (chunk: Buffer) => void;
  /** Without it: the one that commands run in. */
  readonly container?: string;
}

/**
 * A command of our own, to its end.
 * @throws SandboxLost, SandboxUnavailable, the reason of `signal`, or what `onOutput` throws
 */
export async function control(
  pod: SandboxPod,
  request: ControlRequest,
  signal: AbortSignal,
): Promise<{ exitCode: number; errors: string }> {
  signal.throwIfAborted();
  const errors = new KeptOutput(errorBytes);
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => undefined);
  const stdout = sinkOf((chunk) => {
    try {
      request.onOutput?.(chunk);
    } catch (error) {
      failed.reject(error);
    }
  });
  const onAbort = (): void => failed.reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  const { argv, writeInput, container } = request;
  const exec = await pod.start(
    {
      argv,
      stdout,
      stderr: sinkOf((chunk) => errors.add(chunk)),
      ...(writeInput === undefined ? {} : { writeInput }),
    },
    signal,
    container,
  );
  try {
    const end: ExecEnd = await Promise.race([exec.ended, failed.promise]);
    stdout.end();
    await Promise.race([finished(stdout), failed.promise, sleep(flushTimeoutMs, undefined, { ref: false })]);
    if (end.kind !== 'exited') throw await pod.explain(end, container);
    return { exitCode: end.exitCode, errors: errors.text() };
  } finally {
    exec.abandon();
    signal.removeEventListener('abort', onAbort);
  }
}

export function sinkOf(take: (chunk: Buffer) => void): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      take(chunk);
      done();
    },
  });
}

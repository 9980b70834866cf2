import { setTimeout as sleep } from 'node:timers/promises';
import { type StopSign, watchCommand } from '../../../platform/command-watch.ts';
import { KeptOutput } from '../../../platform/kept-output.ts';
import type { CommandOptions, ExitReason } from '../../../ports/sandbox.ts';
import { type CommandBounds, readExitCode, wrapCommand } from './keeper.ts';
import { sinkOf } from './pod-command.ts';
import type { ExecEnd, PodExec } from './pod-exec.ts';
import type { SandboxPod } from './sandbox-pod.ts';

/** Output that is still on its way when the command is known to have ended. */
const quietMs = 300;
const errorBytes = 4096;
const signals = 64;

export interface CommandEnd {
  readonly how:
    | { readonly kind: 'exited'; readonly exitCode: number }
    /** It may still run. */
    | { readonly kind: 'stopped'; readonly sign: StopSign }
    | { readonly kind: 'lost'; readonly why: ExecEnd };
  readonly output: string;
  readonly durationMs: number;
}

/**
 * One command, until it ends or something speaks against its going on. Nothing is ended here.
 * @throws SandboxLost, SandboxUnavailable, or what `onOutput` throws
 */
export async function runInPod(
  pod: SandboxPod,
  container: string,
  argv: readonly string[],
  bounds: CommandBounds,
  options: CommandOptions,
  signal: AbortSignal,
): Promise<CommandEnd> {
  const beganMs = performance.now();
  const watch = watchCommand(options, signal);
  const errors = new KeptOutput(errorBytes);
  const told = Promise.withResolvers<'told'>();
  let heardMs = 0;
  const stdout = sinkOf((chunk) => {
    heardMs = performance.now();
    watch.output.add(chunk);
  });
  const stderr = sinkOf((chunk) => {
    errors.add(chunk);
    if (readExitCode(errors.text()) !== undefined) told.resolve('told');
  });
  let exec: PodExec | null = null;
  try {
    exec = await pod.start({ argv: wrapCommand(argv, bounds), stdout, stderr }, signal, container);
    let end = await Promise.race([exec.ended, told.promise, watch.stopped]);
    // What the command left behind may hold the stream open for ever.
    while (end === 'told') {
      const sinceMs = performance.now();
      const more = await Promise.race([exec.ended, watch.stopped, sleep(quietMs, 'quiet' as const)]);
      if (more !== 'quiet') end = more;
      else if (heardMs < sinceMs) break;
    }
    const output = watch.output.text();
    const durationMs = Math.round(performance.now() - beganMs);
    return { how: howOf(end, readExitCode(errors.text())), output, durationMs };
  } finally {
    exec?.abandon();
    watch.end();
  }
}

function howOf(end: ExecEnd | StopSign | 'told', exitCode: number | undefined): CommandEnd['how'] {
  if (typeof end === 'string' && end !== 'told') return { kind: 'stopped', sign: end };
  if (exitCode !== undefined) return { kind: 'exited', exitCode };
  // The shell around it was killed as well, or all of the container.
  if (typeof end === 'object' && end.kind === 'exited') return end;
  return { kind: 'lost', why: typeof end === 'object' ? end : { kind: 'cut' } };
}

/** By the shell's convention: a program that itself exits with such a number cannot be told from one that was killed. */
export function reasonOfExit(exitCode: number): ExitReason {
  return exitCode > 128 && exitCode <= 128 + signals ? 'signal' : 'exit';
}

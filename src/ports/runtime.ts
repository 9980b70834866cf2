import type { Workload } from '../domain/service.ts';
import { WarroomError } from '../platform/errors.ts';
import type { CommandResult } from './sandbox.ts';

export class AccessRefused extends WarroomError {
  readonly code = 'access_refused';
}

/** There is no such workload, container or program: nothing was done. */
export class NotFound extends WarroomError {
  readonly code = 'not_found';
}

/** What a workload is doing now. */
export interface WorkloadState {
  /** Changes with every restart and with nothing else: what tells whether one has happened. */
  readonly incarnation: string;
  readonly image: string;
  /** `ready`: of the newest template; those that a rollout has yet to replace count for nothing. */
  readonly replicas: { readonly wanted: number; readonly ready: number };
  /** One sentence on what a restart does to requests in flight, and on the disruption budget where there is one. */
  readonly effect: string;
  /** Whether replicas are replaced one after another, so that at least half keep serving. */
  readonly rolling: boolean;
  /** `key` of the last restart that was ours; null where there was none, or where the runtime cannot keep it. */
  readonly mark: string | null;
}

/**
 * Restarts workloads. Throws `SourceUnreachable` (retryable: whether it took effect is unknown), `AccessRefused`, or
 * `NotFound`, with hints.
 */
export interface WorkloadRuntime {
  state(workload: Workload, signal: AbortSignal): Promise<WorkloadState>;
  /** Asks the runtime whether it would accept the restart, without doing it. Null when it would; otherwise why not. */
  rehearse(workload: Workload, signal: AbortSignal): Promise<string | null>;
  /**
   * Restarts if the incarnation is still `from`; one that has changed means that the restart is done. `key` marks it as ours.
   * Returns once it serves again, or was not ready in time.
   */
  restart(
    workload: Workload,
    expected: { readonly from: string; readonly key: string },
    signal: AbortSignal,
  ): Promise<WorkloadState>;
}

/**
 * Runs an operator's command as an argument vector, never through a shell. Throws `NotFound` or `AccessRefused` when it did
 * not begin; after any other error it may have.
 */
export interface CommandRunner {
  /** `container` null: beside Warroom, with an empty environment but for PATH. */
  run(
    command: {
      readonly argv: readonly string[];
      readonly container: string | null;
      readonly timeoutMs: number;
    },
    signal: AbortSignal,
  ): Promise<CommandResult>;
}

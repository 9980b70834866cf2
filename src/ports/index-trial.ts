import type { DatabaseTarget } from '../domain/service.ts';
import type { PlanNode } from './database.ts';
import type { IndexOrder } from './database-admin.ts';

/** A plan that was run on the replica, and how long it took. */
export interface TrialRun {
  readonly plan: PlanNode;
  /** Median over `runs`. */
  readonly ms: number;
  readonly runs: number;
}

export interface TrialOutcome {
  readonly before: TrialRun;
  readonly after: TrialRun;
  /** Whether the plan after uses the new index. */
  readonly used: boolean;
  /** How long the build took there. */
  readonly buildMs: number;
  /** Of the table on the replica, and on the target as its planner estimates. */
  readonly rows: { readonly replica: number; readonly target: number };
}

export type TrialAnswer =
  | { readonly tried: true; readonly outcome: TrialOutcome }
  /** A sentence: why there is no measurement. */
  | { readonly tried: false; readonly reason: string };

/**
 * Tries an index on a synthetic replica: a throwaway PostgreSQL in a sandbox without a network, with the target's schema and
 * made-up rows that follow the target's statistics. No row of the target leaves it, other than the sample values that its
 * own statistics hold, and those do not leave the sandbox.
 */
export interface IndexTrial {
  /** Reads the target's schema and statistics, nothing else; `statement` is one `SELECT`, with or without parameters. */
  try(
    target: DatabaseTarget,
    order: IndexOrder,
    statement: string,
    signal: AbortSignal,
  ): Promise<TrialAnswer>;
}

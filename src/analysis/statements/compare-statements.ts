import { median } from '../series/robust-statistics.ts';
import { normaliseStatement } from './normalise-statement.ts';
import type { SlowExecution } from './read-slow-lines.ts';

export interface StatementSide {
  readonly count: number;
  readonly totalMs: number;
  /** Zero when there was none. */
  readonly medianMs: number;
  readonly longestMs: number;
}

/** One statement, however its values differ, in both windows. */
export interface StatementChange {
  readonly normalised: string;
  /** The longest execution of the incident. */
  readonly example: SlowExecution;
  /** First execution of the incident. */
  readonly firstAt: Date;
  readonly before: StatementSide;
  readonly after: StatementSide;
  /** Database time a second that it takes more than before. */
  readonly growthMsPerS: number;
}

/**
 * Statements of both windows side by side, those that took most more time first.
 * @param seconds how long each window lasted, so that totals compare
 */
export function compareStatements(
  before: readonly SlowExecution[],
  after: readonly SlowExecution[],
  seconds: { readonly before: number; readonly after: number },
): StatementChange[] {
  const was = Map.groupBy(before, (one) => normaliseStatement(one.statement));
  return [...Map.groupBy(after, (one) => normaliseStatement(one.statement))]
    .flatMap(([normalised, executions]) => {
      const example = executions.toSorted((a, b) => b.durationMs - a.durationMs)[0];
      if (example === undefined) return [];
      const sides = { before: sideOf(was.get(normalised) ?? []), after: sideOf(executions) };
      return [
        {
          normalised,
          example,
          firstAt: new Date(
            executions.reduce((first, one) => Math.min(first, one.at.getTime()), Number.POSITIVE_INFINITY),
          ),
          ...sides,
          growthMsPerS:
            sides.after.totalMs / Math.max(1, seconds.after) -
            sides.before.totalMs / Math.max(1, seconds.before),
        },
      ];
    })
    .toSorted((a, b) => b.growthMsPerS - a.growthMsPerS || a.normalised.localeCompare(b.normalised));
}

function sideOf(executions: readonly SlowExecution[]): StatementSide {
  const times = executions.map((one) => one.durationMs);
  return {
    count: times.length,
    totalMs: times.reduce((sum, ms) => sum + ms, 0),
    medianMs: times.length === 0 ? 0 : median(times),
    longestMs: times.reduce((most, ms) => Math.max(most, ms), 0),
  };
}

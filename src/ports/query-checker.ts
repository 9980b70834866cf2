/** What is wrong with an expression, for somebody who can write it anew. */
export interface QueryFault {
  /** From 1. */
  readonly line: number;
  readonly column: number;
  /** A sentence without its full stop. */
  readonly problem: string;
  /** What to write instead. */
  readonly hint: string;
}

/** Reads PromQL without asking a server. */
export interface QueryChecker {
  /**
   * The first fault, or null: the expression is well formed, names its metrics, looks back no further than a week in all and
   * makes the server compute no more than a bounded number of steps.
   * @param points at which it will be asked for
   */
  check(expression: string, points: number): QueryFault | null;
  /** The different selectors of a checked expression, `metric{label="value"}`, without ranges: what the server has to find. */
  selectors(expression: string): readonly string[];
}

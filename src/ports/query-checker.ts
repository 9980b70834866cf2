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
  /** The first fault, or null: the expression is well formed, names its metrics, and looks back no further than a week. */
  check(expression: string): QueryFault | null;
}

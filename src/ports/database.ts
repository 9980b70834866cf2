import type { DatabaseTarget } from '../domain/service.ts';

export interface TableFacts {
  readonly schema: string;
  readonly name: string;
  /** The planner's own estimates. */
  readonly rows: number;
  readonly bytes: number;
  readonly columns: readonly { readonly name: string; readonly type: string; readonly nullable: boolean }[];
  readonly indexes: readonly IndexFacts[];
}

export interface IndexFacts {
  readonly name: string;
  /** In order; an expression is given as its text. */
  readonly columns: readonly string[];
  readonly unique: boolean;
  readonly primary: boolean;
  readonly valid: boolean;
  /** The statement that makes it, as PostgreSQL writes it. */
  readonly definition: string;
  readonly bytes: number;
  /** Scans since the statistics were reset. */
  readonly scans: number;
}

/** One node of a plan, as `EXPLAIN (FORMAT JSON)` names it. */
export interface PlanNode {
  readonly type: string;
  readonly table: string | null;
  readonly index: string | null;
  /** Text of the filter, null when there is none. */
  readonly filter: string | null;
  readonly cost: number;
  readonly rows: number;
  readonly children: readonly PlanNode[];
}

/**
 * Reads a service's PostgreSQL: read-only transactions, statement and lock timeouts, catalogue targets alone. Throws
 * `SourceUnreachable` (no answer, retryable) or `SourceRefused` (bad statement, missing right), both with a hint.
 */
export interface DatabaseInspector {
  /** Tables of the target's schemas. */
  tables(target: DatabaseTarget, signal: AbortSignal): Promise<TableFacts[]>;
  /** Plan of one `SELECT`, not run. Anything but a single read-only statement is refused before it is sent. */
  explain(target: DatabaseTarget, statement: string, signal: AbortSignal): Promise<PlanNode>;
}

/** How one `SELECT` uses one table: what an index for it would be made of. Aliases are resolved; names are as in the statement. */
export interface TableUse {
  /** Null where the statement does not say. */
  readonly schema: string | null;
  readonly name: string;
  /** Compared for equality with a value: `=`, `in (…)`, `= any (…)`, `is null`. */
  readonly equality: readonly string[];
  /** Compared with a value by `<`, `<=`, `>`, `>=` or `between`. */
  readonly range: readonly string[];
  /** Equated with a column of another table. */
  readonly joined: readonly string[];
  /** Empty unless the whole order is by columns of this table. */
  readonly orderBy: readonly { readonly name: string; readonly order: 'asc' | 'desc' }[];
  /** Of the `SELECT` that the table stands in: `unknown` for a parameter, null for none. */
  readonly limit: number | 'unknown' | null;
}

export interface StatementFacts {
  /**
   * Sub-selects and common table expressions included; a table that is there twice is there twice. A column without a
   * qualifier, in a `SELECT` over several tables, is given to each of them: keep those that the table has.
   */
  readonly tables: readonly TableUse[];
}

/** Reads the shape of a statement, without a connection and without trusting it. */
export interface StatementReader {
  /** Null for what is not exactly one `SELECT`, or does not parse. */
  read(statement: string): StatementFacts | null;
  /**
   * The same statement with `$n` in place of the values in it, so that it can be kept and shown; what says of nobody and
   * matters to the plan stays (LIMIT, intervals). Null for what is not exactly one `SELECT`, or where that is not certain.
   */
  withoutValues(statement: string): string | null;
}

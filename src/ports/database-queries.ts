import type { DatabaseTarget } from '../domain/service.ts';
import type { Json } from '../platform/canonical-json.ts';

export interface QueriedRows {
  readonly columns: readonly string[];
  /** Cells in the order of `columns`; values that may be of a person or a secret are marks, the same mark for the same value. */
  readonly rows: readonly (readonly Json[])[];
  /** There was more: another row, or rows too wide to be shown. */
  readonly cut: boolean;
  readonly maskedCells: number;
}

/**
 * Rows of a service's PostgreSQL for eyes that are not allowed to see persons. Only targets with `queries: true`, through their
 * `readUrl`, whose role is checked to be one that can only read. Throws `SourceRefused` with what to change in the statement,
 * or `SourceUnreachable`.
 */
export interface DatabaseQueries {
  /** One `SELECT` over tables of the target's schemas, at most 100 rows. */
  query(target: DatabaseTarget, statement: string, signal: AbortSignal): Promise<QueriedRows>;
}

import { DatabaseError } from 'pg';
import { SourceRefused, SourceUnreachable, WarroomError } from '../../platform/errors.ts';

/** Somebody else's transaction is in the way. */
export class DatabaseBusy extends WarroomError {
  readonly code = 'database_busy';
  override readonly retryable = true;
}

/** SQLSTATE of what the server said; undefined when it said nothing. */
export function sqlState(error: unknown): string | undefined {
  return error instanceof DatabaseError ? error.code : undefined;
}

/** What the server gave up waiting for, or was told to stop: nothing is wrong with the statement. */
export const lockTimeout = '55P03';
export const cancelled = '57014';
export const undefinedFunction = '42883';

const passing = /^(08|53300|57P0|40|XX)/;
/**
 * What the server says here names parts of the statement and the schema. Everywhere else its text may quote a value of a row:
 * "invalid input syntax for type integer: …" (22), a key (23), a query for text search (42601), whatever code raises (P0001).
 */
const quotesNoValue = /^(42(?!601)|0A|3F|54|55)/;
const ourWords: Readonly<Record<string, string>> = {
  '22': 'a value is not of the form that it needs',
  '23': 'a constraint of the schema is not met',
  '42': 'it could not make sense of it',
};

/**
 * The driver's error in our words. Its own text is passed on only where it cannot quote a value; the error itself never
 * is: it may carry the connection's settings.
 * @param database as the catalogue names it
 */
export function explainFailure(error: unknown, database: string): WarroomError {
  if (error instanceof WarroomError) return error;
  const state = sqlState(error);
  const where = `PostgreSQL ${database}`;
  if (state === undefined) {
    return new SourceUnreachable(
      `${where} cannot be reached (${networkReason(error)}).`,
      'Check the address in the secret that the catalogue names for it, and network access from Warroom.',
    );
  }
  if (state.startsWith('28')) {
    return new SourceRefused(
      `${where} does not admit Warroom (${state}).`,
      'Check user and password in the secret that the catalogue names for it, and pg_hba.conf.',
    );
  }
  if (state === '3D000')
    return new SourceRefused(`${where}: there is no such database.`, 'Check the end of its URL.');
  if (state === '42501')
    return new SourceRefused(
      `${where}: Warroom's role has not the right for this.`,
      'Reading needs USAGE on the schema; building and dropping indexes needs the role that owns the table.',
    );
  if (state === '25006')
    return new SourceRefused(
      `${where} takes no writes: it is a standby, or read-only by setting.`,
      'Point the secret at the primary.',
    );
  if (state.startsWith('53') && state !== '53300')
    return new SourceRefused(
      `${where} has no room for this (${state}).`,
      'Free disk or memory on the server, then ask for the fix again.',
    );
  if (state === lockTimeout)
    return new DatabaseBusy(
      `${where}: another transaction holds what this waits for.`,
      'Look at pg_stat_activity for a transaction that has been open for long.',
    );
  if (state === cancelled)
    return new SourceUnreachable(
      `${where} did not finish in time.`,
      'Look at pg_stat_activity for what keeps it busy.',
    );
  if (passing.test(state))
    return new SourceUnreachable(
      `${where} could not answer (${state}).`,
      'It is starting, stopping, out of connections or in trouble: see its log.',
    );
  const said =
    quotesNoValue.test(state) && error instanceof Error
      ? error.message.slice(0, 300)
      : (ourWords[state.slice(0, 2)] ?? 'its reason may quote a value and stays there');
  return new SourceRefused(
    `${where} refused the statement: ${said} (${state}).`,
    'Check its names and types against the schema.',
  );
}

function networkReason(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return 'the connection ended';
}

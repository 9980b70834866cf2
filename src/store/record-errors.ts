import { WarroomError } from '../platform/errors.ts';

/** The database cannot be reached or gave no answer in time; nothing was committed by the call that failed, as far as we know. */
export class RecordUnavailable extends WarroomError {
  readonly code = 'record_unavailable';
  override readonly retryable = true;
}

/** Another process works on the same embedded database. */
export class RecordInUse extends WarroomError {
  readonly code = 'record_in_use';
}

/** PostgreSQL's five-character code, when the error is the server's answer. */
export function sqlState(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || !('severity' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** Serialisation failure or deadlock: the same transaction may succeed when it runs again. */
export function mayRunAgain(error: unknown): boolean {
  const state = sqlState(error);
  return state === '40001' || state === '40P01';
}

/**
 * Turns what the `pg` driver threw into `RecordUnavailable` unless the server answered about the statement itself.
 * @param place host, port and database, without the password
 */
export function asRecordError(error: unknown, place: string): unknown {
  if (error instanceof WarroomError) return error;
  const state = sqlState(error);
  if (state === undefined)
    return unavailable('gave no answer', `Check that PostgreSQL runs at ${place} (DATABASE_URL).`);
  if (state.startsWith('28')) return unavailable('refused us', 'Check user and password in DATABASE_URL.');
  if (state === '3D000')
    return unavailable('has no such database', `Create it (createdb), or correct DATABASE_URL (${place}).`);
  if (state === '57014')
    return unavailable(
      'took too long over a statement',
      'It is overloaded or a lock is held; look at pg_stat_activity.',
    );
  if (state.startsWith('53'))
    return unavailable('has no room left for us', 'Free connections, memory or disk on the server.');
  if (state.startsWith('08') || state.startsWith('57P')) {
    return unavailable(
      'ended the connection',
      `It may be restarting; check PostgreSQL at ${place} (DATABASE_URL).`,
    );
  }
  return error;

  function unavailable(what: string, hint: string): RecordUnavailable {
    const detail = error instanceof Error ? `: ${error.message}` : '';
    return new RecordUnavailable(`PostgreSQL at ${place} ${what}${detail}.`, hint, { cause: error });
  }
}

import { type Kysely, PostgresDialect, sql } from 'kysely';
import type { AuditKey } from '../domain/audit-seal.ts';
import { WarroomError } from '../platform/errors.ts';
import { silentLog } from '../platform/log.ts';
import type { AuditDesk } from '../ports/audit.ts';
import { demandKey } from './audit-adopt.ts';
import { readActs } from './audit-export.ts';
import { rekeyRecord } from './audit-rekey.ts';
import { verifyRecord } from './audit-verify.ts';
import { pendingMigrations } from './migrate.ts';
import { createDb, openPglite, type RecordOptions } from './open-record.ts';
import { createPostgresPool } from './postgres-pool.ts';
import type { Database } from './schema.ts';

/** The tables are of another version; nothing can be said of them. */
export class RecordOutdated extends WarroomError {
  readonly code = 'record_outdated';
}

/**
 * Opens what `openRecord` left, without bringing it up to this version: whoever checks a record should not change it.
 * @throws RecordUnavailable, RecordInUse, RecordOutdated
 */
export async function openAuditDesk(options: RecordOptions): Promise<AuditDesk> {
  const { db, destroy } = await openAsItIs(options);
  return {
    verify: (anchor) =>
      db
        .transaction()
        .setIsolationLevel('repeatable read')
        .setAccessMode('read only')
        .execute(async (snapshot) => {
          await demandKey(snapshot, options.auditKey);
          return await verifyRecord(snapshot, options.auditKey, anchor);
        }),
    async hasStream(incidentId) {
      const entry = db.selectFrom('timeline').select('seq').where('incidentId', '=', incidentId).limit(1);
      return (await entry.executeTakeFirst()) !== undefined;
    },
    acts: (filter) => readActs(db, filter),
    close: destroy,
  };
}

/**
 * Gives the record another key. Seals that did not hold under the old one do not hold under the new one either.
 * @throws WrongAuditKey when `oldKey` is not the one that it was sealed with
 */
export async function rekey(options: RecordOptions, oldKey: AuditKey): Promise<void> {
  const { db, destroy } = await openAsItIs(options);
  try {
    await rekeyRecord(db, oldKey, options.auditKey);
  } finally {
    await destroy();
  }
}

async function openAsItIs(
  options: RecordOptions,
): Promise<{ db: Kysely<Database>; destroy: () => Promise<void> }> {
  const { db, destroy } = await connect(options);
  try {
    // Tells at once that nobody is there; asking for the migrations would say it less plainly.
    await sql`select 1`.execute(db);
    const pending = await pendingMigrations(db, options.auditKey);
    if (pending.length === 0) return { db, destroy };
    throw new RecordOutdated(
      `The record lacks what this version needs (${pending.join(', ')}).`,
      'Run: npm run warroom -- migrate',
    );
  } catch (error) {
    await destroy();
    throw error;
  }
}

async function connect(
  options: RecordOptions,
): Promise<{ db: Kysely<Database>; destroy: () => Promise<void> }> {
  if (options.databaseUrl === null) return await openPglite(options.dataDir);
  const pool = createPostgresPool(options.databaseUrl, options.log ?? silentLog);
  const db = createDb(new PostgresDialect({ pool }));
  return { db, destroy: () => db.destroy() };
}

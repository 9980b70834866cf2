import { existsSync } from 'node:fs';
import path from 'node:path';
import { PostgresDialect, sql } from 'kysely';
import type { AuditKey } from '../domain/audit-seal.ts';
import type { Log } from '../platform/log.ts';
import { runningHolder } from './directory-lock.ts';
import { pendingMigrations } from './migrate.ts';
import { createDb } from './open-record.ts';
import { createPostgresPool, describeDatabase } from './postgres-pool.ts';
import { hasTrigrams, withoutTrigrams } from './similar-incidents.ts';

/**
 * What opening the record would find. Reads only: no migration, no folder, no lock.
 * @returns one sentence for a person
 * @throws RecordUnavailable when the server cannot be reached or refuses us
 */
export async function examineRecord(options: {
  databaseUrl: string | null;
  dataDir: string;
  auditKey: AuditKey;
  log: Log;
}): Promise<string> {
  return options.databaseUrl === null
    ? examineEmbedded(options.dataDir)
    : examineServer(options.databaseUrl, options.auditKey, options.log);
}

async function examineServer(databaseUrl: string, auditKey: AuditKey, log: Log): Promise<string> {
  const db = createDb(new PostgresDialect({ pool: createPostgresPool(databaseUrl, log) }));
  try {
    const { rows } = await sql<{ now: Date }>`select clock_timestamp() as now`.execute(db);
    const pending = await pendingMigrations(db, auditKey);
    const trigrams = pending.length > 0 || (await hasTrigrams(db)) ? '' : `; ${withoutTrigrams}`;
    const answers = `PostgreSQL at ${describeDatabase(databaseUrl)} answers; its clock says ${rows[0]?.now.toISOString()}`;
    return pending.length === 0
      ? `${answers}; its tables are of this version${trigrams}`
      : `${answers}; ${pending.length} migrations pending (${pending.join(', ')}): they run at the next start, or now with: npm run warroom -- migrate`;
  } finally {
    await db.destroy();
  }
}

/** Opening it would take its lock and write to its files; what can be known without is enough here. */
function examineEmbedded(dataDir: string): string {
  const holder = runningHolder(path.join(dataDir, 'record.lock'));
  if (holder !== undefined) return `embedded database in ${dataDir}, in use by process ${holder.pid}`;
  return existsSync(path.join(dataDir, 'record'))
    ? `embedded database in ${dataDir} (set DATABASE_URL to use PostgreSQL)`
    : `embedded database, made at the first start in ${dataDir} (set DATABASE_URL to use PostgreSQL)`;
}

import type { Kysely } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import type { AuditKey } from '../domain/audit-seal.ts';
import * as record from './migrations/001-record.ts';
import * as telemetry from './migrations/002-telemetry.ts';
import * as approvals from './migrations/003-approvals.ts';
import * as audit from './migrations/004-audit.ts';
import * as conversations from './migrations/005-conversations.ts';
import * as collaboration from './migrations/006-collaboration.ts';
import * as similarIncidents from './migrations/007-similar-incidents.ts';
import * as toolOutputs from './migrations/008-tool-outputs.ts';
import * as changes from './migrations/009-changes.ts';
import * as countedSpending from './migrations/010-counted-spending.ts';

/** In order of their numbers; a released one is never edited. */
const migrations = (auditKey: AuditKey): Record<string, Migration> => ({
  '001-record': record,
  '002-telemetry': telemetry,
  '003-approvals': approvals,
  '004-audit': { up: (db) => audit.up(db, auditKey) },
  '005-conversations': conversations,
  '006-collaboration': collaboration,
  '007-similar-incidents': similarIncidents,
  '008-tool-outputs': toolOutputs,
  '009-changes': changes,
  '010-counted-spending': countedSpending,
});

/**
 * Brings the database up to this version. Kysely holds an advisory lock meanwhile, so several processes may start at once.
 * @throws the database's own error
 */
export async function migrateToLatest<T>(db: Kysely<T>, auditKey: AuditKey): Promise<void> {
  const { error } = await migratorOf(db, auditKey).migrateToLatest();
  if (error !== undefined) throw error;
}

/** Names of the migrations that this version would still run; changes nothing. */
export async function pendingMigrations<T>(db: Kysely<T>, auditKey: AuditKey): Promise<string[]> {
  const known = await migratorOf(db, auditKey).getMigrations();
  return known.filter((one) => one.executedAt === undefined).map((one) => one.name);
}

function migratorOf<T>(db: Kysely<T>, auditKey: AuditKey): Migrator {
  return new Migrator({ db, provider: { getMigrations: async () => migrations(auditKey) } });
}

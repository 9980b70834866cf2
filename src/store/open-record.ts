import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { pg_trgm as trigrams } from '@electric-sql/pglite/contrib/pg_trgm';
import { CamelCasePlugin, type Dialect, Kysely, PGliteDialect, PostgresDialect } from 'kysely';
import type { AuditKey } from '../domain/audit-seal.ts';
import type { Clock } from '../platform/clock.ts';
import type { KnownSecrets } from '../platform/known-secrets.ts';
import { type Log, silentLog } from '../platform/log.ts';
import type { AuditAnchors } from '../ports/audit.ts';
import type { ChangeSource } from '../ports/change-source.ts';
import type { LogSource } from '../ports/log-source.ts';
import type { Record } from '../ports/record.ts';
import type { TelemetryStore } from '../ports/telemetry-store.ts';
import type { TraceSource } from '../ports/trace-source.ts';
import { demandKey } from './audit-adopt.ts';
import { createAuditAnchors } from './audit-anchors.ts';
import { lockDirectory } from './directory-lock.ts';
import { migrateToLatest } from './migrate.ts';
import { createMigrationPool, createPostgresPool } from './postgres-pool.ts';
import { createRecord } from './rows.ts';
import type { Database } from './schema.ts';
import { RootSession } from './session.ts';
import { hasTrigrams, withoutTrigrams } from './similar-incidents.ts';
import { StorableTextPlugin } from './storable.ts';
import { createTelemetry } from './telemetry.ts';

export interface RecordOptions {
  /** A PostgreSQL server; null for the embedded database. */
  readonly databaseUrl: string | null;
  /** Folder of the embedded database, made when absent; null keeps it in memory. */
  readonly dataDir: string | null;
  /** Seals the audit; the same for every process on this database. */
  readonly auditKey: AuditKey;
  /** In place of the database's clock, for tests. */
  readonly clock?: Clock;
  readonly log?: Log;
  /** Masked in what is kept of what was seen and said; absent: nothing is. */
  readonly secrets?: KnownSecrets;
}

export interface OpenedRecord {
  readonly record: Record;
  readonly audit: AuditAnchors;
  readonly telemetry: TelemetryStore & LogSource & TraceSource & ChangeSource;
  readonly driver: 'postgres' | 'pglite';
  close(): Promise<void>;
}

/**
 * Opens the record and brings it up to this version.
 * @throws RecordUnavailable when the server cannot be reached
 * @throws RecordInUse when another process has the embedded database open
 * @throws WrongAuditKey when it was sealed with another key
 */
export async function openRecord(options: RecordOptions): Promise<OpenedRecord> {
  return options.databaseUrl === null
    ? await openEmbedded(options)
    : await openServer(options.databaseUrl, options, options.log ?? silentLog);
}

async function openServer(databaseUrl: string, options: RecordOptions, log: Log): Promise<OpenedRecord> {
  const migrationDb = createDb(new PostgresDialect({ pool: createMigrationPool(databaseUrl, log) }));
  try {
    await migrateToLatest(migrationDb, options.auditKey);
    await demandKey(migrationDb, options.auditKey);
    if (!(await hasTrigrams(migrationDb))) log.warn({}, withoutTrigrams);
  } finally {
    await migrationDb.destroy();
  }
  const db = createDb(new PostgresDialect({ pool: createPostgresPool(databaseUrl, log) }));
  return assemble(db, options, 'postgres', () => db.destroy());
}

async function openEmbedded(options: RecordOptions): Promise<OpenedRecord> {
  const { db, destroy } = await openPglite(options.dataDir);
  try {
    await migrateToLatest(db, options.auditKey);
    await demandKey(db, options.auditKey);
  } catch (error) {
    await destroy();
    throw error;
  }
  return assemble(db, options, 'pglite', destroy);
}

/** The embedded database as it lies in its folder, made when absent; `destroy` lets another process have it. */
export async function openPglite(
  dataDir: string | null,
): Promise<{ db: Kysely<Database>; destroy: () => Promise<void> }> {
  let release = (): void => undefined;
  if (dataDir !== null) {
    mkdirSync(dataDir, { recursive: true });
    release = lockDirectory(path.join(dataDir, 'record.lock'));
  }
  try {
    const pglite = await PGlite.create({
      dataDir: dataDir === null ? 'memory://' : path.join(dataDir, 'record'),
      extensions: { pg_trgm: trigrams },
    });
    const db = createDb(new PGliteDialect({ pglite }));
    const destroy = async (): Promise<void> => {
      try {
        await db.destroy();
      } finally {
        release();
      }
    };
    return { db, destroy };
  } catch (error) {
    release();
    throw error;
  }
}

export function createDb(dialect: Dialect): Kysely<Database> {
  return new Kysely<Database>({
    dialect,
    plugins: [new CamelCasePlugin({ maintainNestedObjectKeys: true }), new StorableTextPlugin()],
  });
}

function assemble(
  db: Kysely<Database>,
  { clock, auditKey, secrets }: RecordOptions,
  driver: OpenedRecord['driver'],
  destroy: () => Promise<void>,
): OpenedRecord {
  const session = new RootSession(db, clock, auditKey);
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= destroy();
    return closing;
  };
  return {
    record: createRecord(session, close, secrets),
    audit: createAuditAnchors(session),
    telemetry: createTelemetry(session),
    driver,
    close,
  };
}

import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { CamelCasePlugin, type Dialect, Kysely, PGliteDialect, PostgresDialect } from 'kysely';
import type { Clock } from '../platform/clock.ts';
import { type Log, silentLog } from '../platform/log.ts';
import type { LogSource } from '../ports/log-source.ts';
import type { Record } from '../ports/record.ts';
import type { TelemetryStore } from '../ports/telemetry-store.ts';
import type { TraceSource } from '../ports/trace-source.ts';
import { lockDirectory } from './directory-lock.ts';
import { migrateToLatest } from './migrate.ts';
import { createMigrationPool, createPostgresPool } from './postgres-pool.ts';
import { createRecord } from './rows.ts';
import type { Database } from './schema.ts';
import { RootSession } from './session.ts';
import { StorableTextPlugin } from './storable.ts';
import { createTelemetry } from './telemetry.ts';

export interface RecordOptions {
  /** A PostgreSQL server; null for the embedded database. */
  readonly databaseUrl: string | null;
  /** Folder of the embedded database, made when absent; null keeps it in memory. */
  readonly dataDir: string | null;
  /** In place of the database's clock, for tests. */
  readonly clock?: Clock;
  readonly log?: Log;
}

export interface OpenedRecord {
  readonly record: Record;
  readonly telemetry: TelemetryStore & LogSource & TraceSource;
  readonly driver: 'postgres' | 'pglite';
  close(): Promise<void>;
}

/**
 * Opens the record and brings it up to this version.
 * @throws RecordUnavailable when the server cannot be reached
 * @throws RecordInUse when another process has the embedded database open
 */
export async function openRecord(options: RecordOptions): Promise<OpenedRecord> {
  return options.databaseUrl === null
    ? await openEmbedded(options.dataDir, options.clock)
    : await openServer(options.databaseUrl, options.clock, options.log ?? silentLog);
}

async function openServer(databaseUrl: string, clock: Clock | undefined, log: Log): Promise<OpenedRecord> {
  const migrationDb = createDb(new PostgresDialect({ pool: createMigrationPool(databaseUrl, log) }));
  try {
    await migrateToLatest(migrationDb);
  } finally {
    await migrationDb.destroy();
  }
  const db = createDb(new PostgresDialect({ pool: createPostgresPool(databaseUrl, log) }));
  return assemble(db, clock, 'postgres', () => db.destroy());
}

async function openEmbedded(dataDir: string | null, clock: Clock | undefined): Promise<OpenedRecord> {
  let release = (): void => undefined;
  if (dataDir !== null) {
    mkdirSync(dataDir, { recursive: true });
    release = lockDirectory(path.join(dataDir, 'record.lock'));
  }
  try {
    const pglite = await PGlite.create(dataDir === null ? 'memory://' : path.join(dataDir, 'record'));
    const db = createDb(new PGliteDialect({ pglite }));
    try {
      await migrateToLatest(db);
    } catch (error) {
      await pglite.close();
      throw error;
    }
    return assemble(db, clock, 'pglite', async () => {
      try {
        await db.destroy();
      } finally {
        release();
      }
    });
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
  clock: Clock | undefined,
  driver: OpenedRecord['driver'],
  destroy: () => Promise<void>,
): OpenedRecord {
  const session = new RootSession(db, clock);
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= destroy();
    return closing;
  };
  return { record: createRecord(session, close), telemetry: createTelemetry(session), driver, close };
}

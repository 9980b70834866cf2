import type { PostgresPool, PostgresPoolClient } from 'kysely';
import { Pool, type PoolClient } from 'pg';
import type { Log } from '../platform/log.ts';
import { asRecordError } from './record-errors.ts';

const connectTimeoutMs = 5_000;
const statementTimeoutMs = 15_000;

/**
 * A `pg` pool as Kysely wants it. Every connection trouble comes out as `RecordUnavailable`, at the one place where
 * an error can only be the driver's; a lost connection never ends the process.
 */
export function createPostgresPool(databaseUrl: string, log: Log): PostgresPool {
  return guardPool(
    new Pool({
      connectionString: databaseUrl,
      max: 10,
      connectionTimeoutMillis: connectTimeoutMs,
      statement_timeout: statementTimeoutMs,
      // The client's own limit catches what the server cannot report: a network that swallows packets.
      query_timeout: statementTimeoutMs + 5_000,
      idle_in_transaction_session_timeout: 60_000,
      keepAlive: true,
      application_name: 'warroom',
    }),
    describeDatabase(databaseUrl),
    log,
  );
}

/** One connection without a statement limit: a migration may wait for another process's, and may be long. */
export function createMigrationPool(databaseUrl: string, log: Log): PostgresPool {
  return guardPool(
    new Pool({
      connectionString: databaseUrl,
      max: 1,
      connectionTimeoutMillis: connectTimeoutMs,
      application_name: 'warroom-migrate',
    }),
    describeDatabase(databaseUrl),
    log,
  );
}

/** `host:port/database`, never the password. */
export function describeDatabase(databaseUrl: string): string {
  if (!URL.canParse(databaseUrl)) return 'the address in DATABASE_URL';
  const url = new URL(databaseUrl);
  const host = url.hostname || url.searchParams.get('host') || 'localhost';
  return `${decodeURIComponent(host)}:${url.port || '5432'}${url.pathname}`;
}

function guardPool(pool: Pool, place: string, log: Log): PostgresPool {
  const guards = new WeakMap<PoolClient, PostgresPoolClient>();
  const onLost = (error: Error): void =>
    log.warn({ place, reason: error.message }, 'database connection lost');
  pool.on('error', onLost);
  // While a client is handed out the pool does not listen for it, and an unheard 'error' ends the process.
  pool.on('connect', (client) => client.on('error', onLost));
  return {
    options: pool.options,
    end: () => pool.end(),
    connect: async () => {
      const client = await pool.connect().catch((error: unknown) => {
        throw asRecordError(error, place);
      });
      const guarded = guards.get(client) ?? guardClient(client, place);
      guards.set(client, guarded);
      return guarded;
    },
  };
}

function guardClient(client: PoolClient, place: string): PostgresPoolClient {
  const query = async (sql: string, parameters: readonly unknown[]): Promise<unknown> => {
    try {
      return await client.query(sql, parameters as unknown[]);
    } catch (error) {
      throw asRecordError(error, place);
    }
  };
  // Kysely's other overload is for cursors, which we never use.
  return { query: query as PostgresPoolClient['query'], release: (destroy) => client.release(destroy) };
}

import { Client } from 'pg';
import { createDatabaseAdmin } from '../../src/adapters/postgres/database-admin.ts';
import { createDatabaseInspector } from '../../src/adapters/postgres/database-inspector.ts';
import type { DatabaseTarget, Service } from '../../src/domain/service.ts';
import type { IndexTrial } from '../../src/ports/index-trial.ts';
import type { Secrets } from '../../src/ports/secrets.ts';
import type { Tools } from '../../src/remedies/tools.ts';
import { startCuttingProxy } from '../support/cutting-proxy.ts';
import { createTestDatabase } from '../support/databases.ts';

/** The server lets anybody in, so any password does; it must be shown nowhere. */
export const password = 'correct-horse-battery';

/** A service's database with a table in it, and what goes on there. */
export interface PostgresHouse {
  readonly target: DatabaseTarget;
  readonly secrets: Secrets;
  query(statement: string): Promise<Record<string, unknown>[]>;
  /** Somebody else at work in the same database, in a transaction that is open until it is told to end. */
  begin(statement: string): Promise<{ end(): Promise<void> }>;
  /** Connections of Warroom that are there now. */
  readonly connections: () => Promise<Record<string, unknown>[]>;
  /** Definitions of all indexes, without what makes no difference. */
  readonly indexes: () => Promise<string[]>;
  /** How often the server has carried out such a command. */
  commands(tag: 'CREATE INDEX' | 'DROP INDEX'): Promise<number>;
  /** The next statement that holds this text is carried out, and its answer gets lost with the connection. */
  loseReplyTo(text: string): void;
  readonly close: () => Promise<void>;
}

const payments = `
  create table payments (
    id bigint generated always as identity primary key,
    user_id integer not null,
    state text not null,
    created_at timestamptz not null,
    note text
  );
  create index payments_state on payments (state);
  create index payments_created on payments (created_at);
  insert into payments (user_id, state, created_at, note)
    select i % 500, (array['new', 'paid', 'failed'])[1 + i % 3], now() - i * interval '1 minute', repeat('x', 40)
    from generate_series(1, 20000) i;
  analyze payments;
  create table commands (at timestamptz default now(), tag text);
  create function note_command() returns event_trigger language plpgsql as
    $$ begin insert into commands (tag) values (tg_tag); end $$;
  create event trigger note_commands on ddl_command_end when tag in ('CREATE INDEX', 'DROP INDEX')
    execute function note_command();`;

export async function openPostgresHouse(): Promise<PostgresHouse> {
  const database = await createTestDatabase();
  const admin = new Client({ connectionString: database.url });
  admin.on('error', () => undefined);
  await admin.connect();
  await admin.query(payments);
  const { hostname, port } = new URL(database.url);
  const wire = await startCuttingProxy({ host: hostname, port: Number(port) });
  const url = new URL(database.url);
  url.password = password;
  url.port = String(wire.port);
  const house: PostgresHouse = {
    target: { name: 'payments', url: { env: 'PAYMENTS_DATABASE_URL' }, schemas: ['public'], logs: null },
    secrets: { read: async () => url.href },
    query: async (statement) => (await admin.query(statement)).rows as Record<string, unknown>[],
    async begin(statement) {
      const other = new Client({ connectionString: database.url });
      other.on('error', () => undefined);
      await other.connect();
      await other.query(`begin isolation level repeatable read; ${statement}`);
      return { end: () => other.end() };
    },
    connections: () =>
      house.query(
        `select wait_event_type as waits, query from pg_stat_activity
         where application_name = 'warroom' and datname = current_database()`,
      ),
    async indexes() {
      const rows = await house.query(
        `select pg_get_indexdef(indexrelid) || case when indisvalid then '' else ' (invalid)' end as definition
         from pg_index i join pg_class t on t.oid = i.indrelid
         where t.relnamespace = 'public'::regnamespace order by 1`,
      );
      return rows.map((row) => String(row['definition']));
    },
    async commands(tag) {
      const [row] = await house.query(`select count(*)::int as times from commands where tag = '${tag}'`);
      return Number(row?.['times']);
    },
    loseReplyTo: (text) => wire.loseAnswerTo(text),
    async close() {
      await wire.stop();
      await admin.end();
      await database.drop();
    },
  };
  return house;
}

export function serviceWith(database: DatabaseTarget): Service {
  return {
    name: 'payment-service',
    description: 'Takes the money.',
    repository: {
      url: 'https://example.com/shop/payment-service.git',
      slug: 'shop/payment-service',
      branch: 'main',
    },
    owners: [],
    approvers: [],
    onCall: [],
    fallbackApprovers: [],
    language: 'node',
    testCommand: ['node', '--test'],
    metrics: { service: 'payment-service' },
    logs: {},
    dependsOn: [],
    docs: [],
    dashboards: [],
    mode: 'assist',
    autonomy: { kinds: [], perHour: 0, countdownSeconds: 60 },
    databases: [database],
    caches: [],
    configuration: [],
    workloads: [],
    sandbox: { sideCars: [], database: null, environment: {} },
    runbooks: [],
  };
}

const noTrial: IndexTrial = {
  try: async () => ({ tried: false, reason: 'there is no sandbox in this test.' }),
};

/** Real databases; everything else that remedies act with is not there. */
export function databaseTools(house: PostgresHouse, indexTrial: IndexTrial = noTrial): Tools {
  const tools: Pick<Tools, 'inspector' | 'databases' | 'indexTrial'> = {
    inspector: createDatabaseInspector(house.secrets),
    databases: createDatabaseAdmin(house.secrets),
    indexTrial,
  };
  return tools as Tools;
}

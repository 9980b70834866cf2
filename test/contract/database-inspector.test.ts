import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:net';
import { inspect } from 'node:util';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createDatabaseInspector } from '../../src/adapters/postgres/database-inspector.ts';
import type { DatabaseInspector, PlanNode } from '../../src/ports/database.ts';
import { openPostgresHouse, type PostgresHouse, password } from './postgres-house.ts';

let house: PostgresHouse;
let inspector: DatabaseInspector;

beforeAll(async () => {
  house = await openPostgresHouse();
  inspector = createDatabaseInspector(house.secrets, { lockTimeoutMs: 300 });
});
afterAll(() => house.close());

const signal = AbortSignal.timeout(60_000);
const explain = (statement: string) => inspector.explain(house.target, statement, signal);

function nodes(plan: PlanNode): PlanNode[] {
  return [plan, ...plan.children.flatMap(nodes)];
}

describe('tables of a target', () => {
  it('gives columns, sizes, and indexes with their use', async () => {
    const tables = await inspector.tables(house.target, signal);

    const payments = tables.find((table) => table.name === 'payments');
    expect(payments).toMatchObject({ schema: 'public', rows: 20_000 });
    expect(payments?.bytes).toBeGreaterThan(1_000_000);
    expect(payments?.columns.slice(0, 2)).toEqual([
      { name: 'id', type: 'bigint', nullable: false },
      { name: 'user_id', type: 'integer', nullable: false },
    ]);
    expect(
      payments?.indexes.map(({ name, columns, primary, unique, valid }) => [
        name,
        columns,
        primary,
        unique,
        valid,
      ]),
    ).toEqual([
      ['payments_created', ['created_at'], false, false, true],
      ['payments_pkey', ['id'], true, true, true],
      ['payments_state', ['state'], false, false, true],
    ]);
    expect(payments?.indexes[0]?.definition).toBe(
      'CREATE INDEX payments_created ON public.payments USING btree (created_at)',
    );
  });

  it('knows nothing of schemas that the catalogue does not name', async () => {
    await house.query(
      'create schema if not exists hidden; create table if not exists hidden.salaries (id int)',
    );

    const tables = await inspector.tables(house.target, signal);

    expect(tables.map((table) => table.schema)).not.toContain('hidden');
    await expect(explain('select * from hidden.salaries')).rejects.toMatchObject({ code: 'source_refused' });
    await expect(explain('select * from salaries')).rejects.toMatchObject({ code: 'source_refused' });
  });
});

describe('the plan of a statement', () => {
  it('is made for literal values', async () => {
    const plan = await explain(
      "select * from payments where user_id = 7 and state = 'new' order by id limit 5",
    );

    expect(nodes(plan).some((node) => node.table === 'payments')).toBe(true);
    expect(plan.cost).toBeGreaterThan(0);
  });

  it('is made for parameters whose values nobody knows', async () => {
    const seek = await explain('select * from payments where id = $1;');
    const scan = await explain('select * from payments where user_id = $1 and note like $2 limit $3 -- slow');

    expect(seek).toMatchObject({ type: 'Index Scan', index: 'payments_pkey', table: 'payments' });
    expect(nodes(scan).find((node) => node.table === 'payments')).toMatchObject({
      type: 'Seq Scan',
      filter: expect.stringContaining('user_id'),
    });
  });

  it('is made without running the statement', async () => {
    const plan = await explain('select 1 / (user_id - user_id) from payments');

    expect(plan.rows).toBe(20_000);
  });

  it('says what is wrong with a statement that the server does not understand', async () => {
    await expect(explain('select nobody from payments')).rejects.toMatchObject({
      code: 'source_refused',
      retryable: false,
      message: expect.stringContaining('"nobody" does not exist'),
    });
  });

  it('is refused for whatever is more than reading', async () => {
    for (const statement of [
      'delete from payments',
      'select 1; drop table payments',
      "select pg_read_file('/etc/passwd')",
      'with gone as (delete from payments returning *) select * from gone',
      'select * from payments for update',
    ]) {
      await expect(explain(statement), statement).rejects.toMatchObject({ code: 'source_refused' });
    }
    expect(await house.query('select count(*)::int as rows from payments')).toEqual([{ rows: 20_000 }]);
  });

  it('reads quotes as the server does', async () => {
    await house.query(`alter database ${await databaseName()} set standard_conforming_strings = off`);

    const plan = await explain(`select * from payments where note = '\\' or user_id = 1 --'`);

    expect(nodes(plan).find((node) => node.table === 'payments')?.filter).toContain("note = '\\'");
  });
});

describe('a database that is in the way', () => {
  it('does not wait for a locked table', async () => {
    const other = await house.begin('lock table payments in access exclusive mode');

    const asking = inspector.tables(house.target, signal);

    await expect(asking).rejects.toMatchObject({ code: 'database_busy', retryable: true });
    await other.end();
  });

  it('lets go when the caller does', async () => {
    const caller = new AbortController();
    const other = await house.begin('lock table payments in access exclusive mode');
    const patient = createDatabaseInspector(house.secrets, { lockTimeoutMs: 30_000 });
    const asking = patient.tables(house.target, caller.signal).catch((error: unknown) => error);
    await expect.poll(house.connections).toEqual([expect.objectContaining({ waits: 'Lock' })]);

    caller.abort(new Error('enough'));

    expect(await asking).toEqual(new Error('enough'));
    await expect.poll(house.connections).toEqual([]);
    await other.end();
  });
});

describe('what is said of a connection that fails', () => {
  let silent: Server | undefined;
  afterEach(() => silent?.close());

  const failing = async (url: string): Promise<unknown> => {
    const asking = createDatabaseInspector({ read: async () => url }, { connectTimeoutMs: 300 });
    return asking.tables(house.target, signal).catch((error: unknown) => error);
  };

  it('is told without the credential, whatever is wrong', async () => {
    const own = new URL(await house.secrets.read(house.target.url));
    silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent?.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    const cases: [string, string][] = [
      [`postgres://warroom:${password}@127.0.0.1:1/payments`, 'source_unreachable'],
      [`postgres://warroom:${password}@127.0.0.1:${port}/payments`, 'source_unreachable'],
      [`postgres://warroom:${password}@nowhere.invalid/payments`, 'source_unreachable'],
      [`postgres://warroom:${password}@${own.host}/nobody`, 'source_refused'],
      [`postgres://${password}:${password}@${own.host}${own.pathname}`, 'source_refused'],
      [`postgres://warroom:${password}@127.0.0.1/x?sslrootcert=/nowhere/ca.pem`, 'source_refused'],
      [`postgres://warroom:${password}@127.0.0.1:port/payments`, 'source_refused'],
      [`mysql://warroom:${password}@127.0.0.1/payments`, 'source_refused'],
      [password, 'source_refused'],
    ];
    for (const [url, code] of cases) {
      const error = await failing(url);

      const shown = inspect(error, { depth: Infinity, showHidden: true });
      expect(error, url).toMatchObject({ code, hint: expect.stringMatching(/\w+ \w+/) });
      expect(shown, url).not.toContain(password);
    }
  });
});

async function databaseName(): Promise<string> {
  const client = new Client({ connectionString: await house.secrets.read(house.target.url) });
  await client.connect();
  const { rows } = await client.query('select current_database() as name');
  await client.end();
  return String(rows[0].name);
}

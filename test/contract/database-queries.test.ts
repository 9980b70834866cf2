import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabaseQueries } from '../../src/adapters/postgres/queries/database-queries.ts';
import type { DatabaseTarget } from '../../src/domain/service.ts';
import type { DatabaseQueries } from '../../src/ports/database-queries.ts';
import { createTestDatabase, type TestDatabase } from '../support/databases.ts';

const signal = AbortSignal.timeout(100_000);
/** Roles are the whole server's: no two runs share one. */
const reader = `reader_${process.pid}_${Math.random().toString(36).slice(2, 8)}`;

const schema = `
  create table customers (id int primary key, name text, email text, tier text, created_at timestamptz);
  insert into customers select i, 'Ada ' || i, 'ada' || i || '@example.com', (array['gold','basic'])[1 + i % 2],
    '2026-01-01'::timestamptz + i * interval '1 hour' from generate_series(1, 300) i;
  create table orders (id int primary key, customer_id int, state text, total numeric, note text);
  insert into orders select i, i % 300, (array['paid','failed','new'])[1 + i % 3], i, repeat('secret note ', 20)
    from generate_series(1, 3000) i;
  create table touched (at timestamptz);
  create sequence counter;
  create function steal() returns int language plpgsql security definer as
    $$ begin insert into touched values (now()); return 1; end $$;
  create function grab(orders) returns int language plpgsql security definer as
    $$ begin perform pg_sleep(5); return 1; end $$;
  create function eq_steal(text, text) returns boolean language plpgsql security definer as
    $$ begin perform pg_sleep(5); return true; end $$;
  create operator === (leftarg = text, rightarg = text, function = eq_steal);
  create type mood as enum ('good', 'bad');
  create function to_mood(text) returns mood language plpgsql as $$ begin perform pg_sleep(5); return 'good'; end $$;
  create cast (text as mood) with function to_mood(text);
  create view slow_orders as select *, pg_sleep(5)::text as slept from orders;
  create view wiped as select steal() as x;
  create function upper(orders) returns text language sql as $$ select 'mine' $$;
  create schema hidden; create table hidden.salaries (name text, amount int);
  analyze;`;

let database: TestDatabase;
let admin: Client;
let queries: DatabaseQueries;
let target: DatabaseTarget;

beforeAll(async () => {
  database = await createTestDatabase();
  admin = new Client({ connectionString: database.url });
  await admin.connect();
  await admin.query(schema);
  await admin.query(`create role ${reader} login; grant usage on schema public, hidden to ${reader};
    grant select on all tables in schema public to ${reader}; grant select on hidden.salaries to ${reader};
    grant usage on sequence counter to ${reader}`);
  const url = new URL(database.url);
  const owner = url.href;
  url.username = reader;
  queries = createDatabaseQueries({
    read: async (ref) => ('env' in ref && ref.env === 'READ' ? url.href : owner),
  });
  target = {
    name: 'shop',
    url: { env: 'OWNER' },
    schemas: ['public'],
    logs: null,
    queries: true,
    readUrl: { env: 'READ' },
  };
});
afterAll(async () => {
  await admin.query(`drop owned by ${reader}`);
  await admin.end();
  await database.drop();
});

const ask = (statement: string) => queries.query(target, statement, signal);

describe('rows of a service’s database', () => {
  it('answer what an engineer asks', async () => {
    const { columns, rows, cut } = await ask(
      'select state, count(*) as orders, max(total) as highest from orders group by state order by state; ',
    );

    expect(columns).toEqual(['state', 'orders', 'highest']);
    expect(rows).toEqual([
      ['failed', 1000, 2998],
      ['new', 1000, 2999],
      ['paid', 1000, 3000],
    ]);
    expect(cut).toBe(false);
    expect((await ask('select count(*) from orders -- how many')).rows).toEqual([[3000]]);
    expect(
      (await ask("with late as (select * from orders where state = 'failed') select count(*) from late"))
        .rows,
    ).toEqual([[1000]]);
  });

  it('say nothing of persons, and still tell them apart', async () => {
    const { rows, maskedCells } = await ask(
      'select c.id, c.name, c.email, c.tier, c.created_at, o.note from customers c join orders o on o.customer_id = c.id where c.id = 7 limit 2',
    );

    expect(rows).toEqual([
      [7, '[value 1]', '[value 2]', 'gold', expect.stringMatching(/^2026-01-01T/), '[value 3]'].map((cell) =>
        cell === 'gold' ? expect.stringMatching(/gold|basic/) : cell,
      ),
      [7, '[value 1]', '[value 2]', expect.anything(), expect.anything(), '[value 3]'],
    ]);
    expect(maskedCells).toBe(6);
    for (const renamed of [
      'select name as state from customers limit 3',
      'select lower(email) as tier from customers limit 3',
      "select split_part(x.y, ' ', 1) as state from (select name as y from customers) x limit 3",
    ])
      expect(JSON.stringify((await ask(renamed)).rows), renamed).not.toMatch(/ada/i);
  });

  it('are cut at a number of rows and of characters', async () => {
    const many = await ask('select id, note from orders');
    const wide = await ask(
      "select string_agg(note, '') as state, array_agg(id) as ids from orders group by total % 3",
    );

    expect(many.rows).toHaveLength(100);
    expect(many.cut).toBe(true);
    expect(JSON.stringify(wide).length).toBeLessThan(5_000);
  });

  it('are not read without the catalogue’s leave, nor with a role that can write', async () => {
    const closed = queries.query({ ...target, queries: false }, 'select 1', signal);
    const owner = queries.query({ ...target, readUrl: { env: 'OWNER' } }, 'select 1', signal);
    await expect(closed).rejects.toMatchObject({
      message: expect.stringContaining('does not allow queries'),
    });
    await expect(owner).rejects.toMatchObject({ message: expect.stringContaining('superuser') });

    await admin.query(`grant update (state) on orders to ${reader}`);
    await expect(ask('select 1')).rejects.toMatchObject({
      message: expect.stringContaining('may write public.orders'),
    });
    await admin.query(`revoke update (state) on orders from ${reader}; grant pg_signal_backend to ${reader}`);
    await expect(ask('select 1')).rejects.toMatchObject({
      message: expect.stringContaining('ends sessions'),
    });
    await admin.query(`revoke pg_signal_backend from ${reader}`);
    expect((await ask('select 1')).rows).toEqual([[1]]);
  });
});

const attacks: readonly string[] = [
  "select pg_read_file('/etc/passwd')",
  "select pg_catalog.pg_read_file('/etc/passwd')",
  "select pg_ls_dir('/')",
  "select * from dblink('host=127.0.0.1', 'select 1') as t(a int)",
  "select lo_export(1, '/tmp/x')",
  "select lo_import('/etc/passwd')",
  "copy orders to '/tmp/x'",
  "copy orders to program 'id'",
  'set role postgres',
  'reset all',
  "select set_config('transaction_read_only', 'off', false)",
  "select current_setting('data_directory')",
  'select pg_sleep(10)',
  'select PG_SLEEP(10)',
  'select "pg_sleep"(10)',
  'select U&"pg\\005fsleep"(10)',
  'select pg_advisory_lock(1)',
  'select pg_try_advisory_lock(1)',
  "select nextval('counter')",
  "select setval('counter', 9)",
  'select * into stolen from orders',
  'create table stolen as select * from orders',
  'select * from orders for update',
  'select * from (select * from orders for share) x',
  'select * from orders where exists (select 1 from customers for key share)',
  'with gone as (delete from orders returning *) select * from gone',
  'with gone as (update orders set total = 0 returning *) select count(*) from gone',
  'with gone as materialized (insert into touched values (now()) returning *) select * from gone',
  'select 1; drop table orders',
  'select 1; select 2',
  'select 1) as q; drop table orders; select * from (select 1',
  'select 1) as asked limit 1) as shown; --',
  'select 1 /* ; */ ; drop table orders --',
  "select '\\'; drop table orders; --'",
  "select E'\\'; drop table orders; --' ; drop table orders",
  'select $$a$$; drop table orders; select $$b$$',
  'select pg_terminate_backend(pid) from pg_stat_activity',
  'select pg_cancel_backend(1)',
  'select * from pg_stat_activity',
  'select * from pg_catalog.pg_authid',
  'select * from information_schema.tables',
  'select * from pg_shadow',
  'select * from hidden.salaries',
  'select * from otherdatabase.public.orders',
  'select count(*) from generate_series(1, 1000000000)',
  'with recursive t(n) as (select 1 union all select n + 1 from t) select count(*) from t',
  'select count(*) from orders a, orders b, orders c, orders d',
  "select repeat('x', 1000000000)",
  "select lpad('x', 1000000000)",
  "select replace(replace(replace(note, 'e', note), 'e', note), 'e', note) from orders",
  'select x||x||x||x||x||x||x||x||x||x||x||x||x||x||x||x||x||x||x||x||x||x||x||x||x||x||x||x||x||x from (select note as x from orders) q',
  'select steal()',
  'select public.steal()',
  'select o.grab from orders o',
  'select grab(o) from orders o',
  'select (o).grab from orders o limit 1',
  "select * from orders where state === 'paid'",
  "select * from orders where state operator(public.===) 'paid'",
  'select state::mood from orders',
  'select cast(state as public.mood) from orders',
  "select 'pg_authid'::regclass",
  'select * from slow_orders',
  'select * from wiped',
  'with wiped as (select 1 as x) select * from (select * from public.wiped) y, wiped',
  'select upper(o) from orders o',
  'table pg_user',
  'explain analyze delete from orders',
  'do $$ begin perform pg_sleep(5); end $$',
  'call steal()',
  'listen alarms',
  "notify alarms, 'x'",
  "select pg_notify('alarms', 'x')",
  'vacuum orders',
  'lock table orders',
  'begin',
  'prepare x as select 1',
  'execute x',
  'declare c cursor for select 1',
  "select query_to_xml('delete from orders', true, true, '')",
  "select xmlparse(document '<x/>')",
  "select ts_stat('select 1')",
  'select txid_current()',
  'select inet_server_addr()',
  'select version()',
  'select * from orders tablesample bernoulli (1)',
  'select $1',
  'select 1 where 1 = $1',
  '',
  ';',
  'not sql at all',
  'select 1\u0000; drop table orders',
];

describe('a statement that is more than reading', () => {
  it.each(attacks)('is refused before it does anything: %s', async (statement) => {
    const started = Date.now();

    await expect(ask(statement)).rejects.toMatchObject({
      code: 'source_refused',
      message: expect.stringMatching(/not sent|not run/),
      hint: expect.stringMatching(/\w+ \w+/),
    });
    expect(Date.now() - started).toBeLessThan(4_000);
  });

  it('has changed nothing', async () => {
    const { rows } = await admin.query(
      `select (select count(*) from orders)::int as orders, (select count(*) from touched)::int as touched,
              (select last_value from counter)::int as counter`,
    );

    expect(rows).toEqual([{ orders: 3000, touched: 0, counter: 1 }]);
  });
});

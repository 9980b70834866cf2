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

    for (const power of ['createrole', 'createdb', 'replication', 'bypassrls']) {
      await admin.query(`alter role ${reader} ${power}`);
      await expect(ask('select 1'), power).rejects.toMatchObject({
        message: expect.stringContaining('can do more than read (it is a superuser'),
      });
      await admin.query(`alter role ${reader} no${power}`);
    }

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

const abc = "'abcdefghijklmnopqrstuvwxyz0123456789@.'";
/** Each would tell something of Ada, her key or her birth: the answer holds marks alone, or nothing is asked. */
const gains: readonly string[] = [
  `select position(substr(lower(email), 1, 1) in ${abc}) as p from people`,
  'select length(secret) as l from people',
  "select secret like 's%' as b from people",
  "select case when secret like 's%' then null else 1 end as b from people",
  'select born as created from people',
  'select max(born) as created from people',
  'select email as tier, email as email2 from people',
  'select tier, lower(email) as x from (select lower(email) as tier, email from people) x',
  'select tier from (select secret as tier from people) x',
  'select x.* from (select length(secret) as tier from people) x',
  'with x(tier) as (select length(secret) from people) select tier from x',
  'with x(tier) as (select * from people) select * from x',
  'select tier from (select length(secret), 1) as x(tier, one), people',
  'select b from people as p(a, b, c, d)',
  'select k from (people a join people b on a.id = b.id) as j(i, k)',
  'select tier from (select tier from people union all select secret from people) x',
  'select tier from people union all select secret from people',
  'select tier from (select * from people) x union select email from people',
  'select v from people, lateral unnest(array[length(secret)]) as u(v)',
  'select unnest(array[length(secret)]) as v from people',
  'select (select length(secret) from people limit 1) as v',
  'select length(to_json(p) #>> array[]::text[]) as v from people p',
  "select position('s' in concat(p)) as v from people p",
  'select length(concat(p.*)) as v from people p',
  'select (p).secret as tier from people p',
  "select position('s3' in p.row_to_json::text) as v from people p",
  'select length(p.concat) as v from people p',
  "select count(*) filter (where secret like 's%') as v from people",
  "select count(case when secret like 's%' then 1 end) as v from people",
  'select rank() over (order by secret) as v from people',
  'select secret::int from people',
  'select cast(email as date) from people',
  'select secret::int as n from people where id = 1',
  'select id from people where secret::int = 1',
  "select 1 as v from people where substr(secret, 1, 1) = 's'",
  "select v.n from people join (values ('s', 1)) v(c, n) on substr(secret, 1, 1) = v.c",
  "select v.n from people join (values ('s%', 1)) v(c, n) on secret like v.c",
  "select v.n from people, (values (1), (2)) v(n) where (secret like 's%' and n = 1) or (secret like 't%' and n = 2)",
  "select v.n from people join (values (true, 1)) v(b, n) on (secret like 's%') = v.b",
  'select id from people order by substr(secret, 2)',
  'select id from people limit (select length(secret) from people limit 1)',
  'select n from (values ((select length(secret) from people limit 1))) v(n)',
];

describe('what is made of a person’s values', () => {
  beforeAll(async () => {
    await admin.query(`create table people (id int primary key, email text, secret text, born date, tier text);
      insert into people values (1, 'ada7@example.com', 's3cr3t7', '1980-05-06', 'gold');
      grant select on people to ${reader}`);
  });

  it.each(gains)('is not shown: %s', async (statement) => {
    const answer = await ask(statement).then(
      ({ rows }) => rows.flat(),
      (error: { message: string }) => error.message,
    );
    if (typeof answer === 'string') {
      expect(answer).toContain('was not sent');
      expect(answer).not.toMatch(/s3cr|ada7|1980/);
      return;
    }
    expect(answer.length).toBeGreaterThan(0);
    expect(answer.filter((cell) => !/^"\[(?:masked|value \d+)\]"$/.test(JSON.stringify(cell)))).toEqual([]);
  });

  it('stays apart from what is not: counts, comparisons and the other columns', async () => {
    const usual = [
      ['select count(*), count(email), count(distinct secret) from people', [1, 1, 1]],
      ["select id, tier from people where email = 'ada7@example.com' and born is not null", [1, 'gold']],
      ["select p.id from people p join people q on q.email = p.email where p.email like 'ada%'", [1]],
      ['select id from people order by email', [1]],
      ['select tier, count(*) as n from people group by tier having count(email) > 0', ['gold', 1]],
      ['select * from people', [1, '[value 1]', '[value 2]', '[value 3]', 'gold']],
      [
        'select *, length(email) as l from people',
        [1, '[value 1]', '[value 2]', '[value 3]', 'gold', '[masked]'],
      ],
      ['select tier, length(email) from people', ['gold', '[masked]']],
    ] as const;
    for (const [statement, cells] of usual) expect((await ask(statement)).rows, statement).toEqual([cells]);
  });

  it('is not quoted by what the server says of it', async () => {
    const said = ask("select to_number(secret, '999') / 0 as n, to_date(secret, 'YYYY') as d from people");
    await expect(said).rejects.toMatchObject({ code: 'source_refused' });
    await expect(said).rejects.not.toMatchObject({ message: expect.stringMatching(/s3cr|"/) });
    const query = ask("select to_tsquery(secret || ' & (') as q from people");
    await expect(query).rejects.toMatchObject({ message: expect.stringContaining('(42601)') });
    await expect(query).rejects.not.toMatchObject({ message: expect.stringContaining('s3cr') });
    await expect(ask('select nosuch from people')).rejects.toMatchObject({
      message: expect.stringContaining('"nosuch" does not exist'),
    });
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

import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createReplicaSeeds } from '../../src/adapters/postgres/replica-seeds.ts';
import type { Service } from '../../src/domain/service.ts';
import { aService } from '../support/builders.ts';
import { createTestDatabase, type TestDatabase } from '../support/databases.ts';

/** What makes schemas hard, in a database whose rows hold what must not leave it. */
const awkward = `
  create schema "Odd ""Schema""";
  create extension citext;
  create type mood as enum ('calm', 'it''s angry');
  create domain percent as int check (value between 0 and 100);
  create type pair as (a int, b text);
  create function twice(int) returns int language sql immutable as 'select 2 * $1';

  create table people (
    id serial primary key, email citext unique not null, full_name text not null, phone bigint, born date,
    mood mood not null default 'calm', status text not null, plan varchar(8), tags text[] not null, extra jsonb not null default '{}',
    score percent not null, net inet, both_ pair, span int4range not null, active boolean not null,
    balance numeric(6, 2) not null check (balance >= 10), doubled int generated always as (id * 2) stored,
    api_key text, created_at timestamptz not null default now(), wait interval not null
  );
  insert into people (email, full_name, phone, born, mood, status, plan, tags, score, span, active, balance, api_key, created_at, wait)
    select 'ada' || i || '@victim.example', 'Ada Lovelace ' || (i % 4), 4915150000000 + i, date '1971-03-04' + i,
           case when i % 3 = 0 then 'it''s angry' else 'calm' end::mood, (array['new', 'paid', 'on_hold'])[1 + i % 3],
           case when i = 1 then 'rare-one' else 'basic' end, array['secret-tag'], i % 101, int4range(i, i + 5), i % 10 > 0,
           10.37 + i % 900, 'sk-live-' || md5(i::text), timestamptz '2026-01-05 03:04:05Z' + i * interval '1 minute', '1 h'
    from generate_series(1, 5000) i;

  create table "Odd ""Schema"""."Order: Lines" (
    "Person Id" int not null references people, line int not null, "select" text, primary key ("Person Id", line));
  insert into "Odd ""Schema"""."Order: Lines" select 1 + i % 5000, i / 5000, 'x' from generate_series(0, 9999) i;

  create table tree (id bigint generated always as identity primary key, parent bigint references tree, name text);
  insert into tree (parent, name) select null, 'root' from generate_series(1, 50);
  create table profiles (person int primary key references people, code char(4) not null);
  insert into profiles select i, 'c' || i from generate_series(1, 300) i;

  create table events (at timestamptz not null, region text not null, id bigint not null, primary key (at, id))
    partition by range (at);
  create table events_2026_01 partition of events for values from ('2026-01-01') to ('2026-02-01');
  create table events_2026_02 partition of events for values from ('2026-02-01') to ('2026-03-01') partition by hash (id);
  create table events_2026_02_a partition of events_2026_02 for values with (modulus 2, remainder 0);
  create table events_2026_02_b partition of events_2026_02 for values with (modulus 2, remainder 1);
  create index events_region on events (region);
  insert into events select timestamptz '2026-01-02Z' + i * interval '10 minutes', 'eu', i from generate_series(1, 6000) i;

  create table empty_one (id int primary key, at time not null);
  create table fresh (id int primary key, n int default twice(4)) with (autovacuum_enabled = off);
  create table "no columns" ();
  create unlogged table wide (id uuid primary key default gen_random_uuid(), body bytea not null, kind int2 not null);
  insert into wide select gen_random_uuid(), 'x', i % 3 from generate_series(1, 100) i;
  create unique index wide_kind on wide (kind) where id is null;
  create view paid as select id, email from people where status = 'paid';
  create trigger t before update on people for each row execute function suppress_redundant_updates_trigger();
  analyze people; analyze "Odd ""Schema"""."Order: Lines"; analyze tree; analyze profiles; analyze events;
  analyze events_2026_01; analyze events_2026_02_a; analyze events_2026_02_b; analyze wide; analyze empty_one;
  insert into fresh select generate_series(1, 40);`;

const signal = (): AbortSignal => AbortSignal.timeout(30_000);

function serviceOf(database: string | null, schemas = ['public', 'Odd "Schema"']): Service {
  return aService({
    name: 'shop',
    sandbox: { sideCars: ['postgres'], database, environment: {} },
    databases: [{ name: 'main', url: { env: 'SHOP_URL' }, schemas, logs: null }],
  });
}

async function connect(database: TestDatabase): Promise<Client> {
  const client = new Client({ connectionString: database.url });
  await client.connect();
  return client;
}

let origin: TestDatabase;
let replica: TestDatabase;
let there: Client;
let seed = '';
let leftOut: readonly string[] = [];
let tookMs = 0;

/** The first value of the first row. */
async function one(statement: string): Promise<unknown> {
  const { rows } = await there.query<unknown[]>({ text: statement, rowMode: 'array' });
  return rows[0]?.[0];
}

beforeAll(async () => {
  origin = await createTestDatabase();
  const client = await connect(origin);
  await client.query(awkward);
  await client.end();
  const made = await createReplicaSeeds({ secrets: { read: async () => origin.url } }).seedFor(
    serviceOf('main'),
    signal(),
  );
  if ('reason' in made) throw new Error(made.reason);
  ({ seed, leftOut } = made);
  replica = await createTestDatabase();
  there = await connect(replica);
  const began = performance.now();
  await there.query(seed);
  tookMs = performance.now() - began;
  await there.end();
  there = await connect(replica);
});
afterAll(async () => {
  await there?.end();
  await replica?.drop();
  await origin?.drop();
});

describe('a seed made of schema and statistics', () => {
  it('brings back every table, and tells what it could not bring', async () => {
    expect(tookMs).toBeLessThan(8_000);
    expect(seed.length).toBeLessThan(200_000);
    const names = await one(`select json_agg(relname order by relname) from pg_class c
      where relkind in ('r', 'p', 'v') and relnamespace in ('public'::regnamespace, '"Odd ""Schema"""'::regnamespace)`);
    expect(names).toEqual(
      'Order: Lines,empty_one,events,events_2026_01,events_2026_02,events_2026_02_a,events_2026_02_b,fresh,no columns,paid,people,profiles,tree,wide'.split(
        ',',
      ),
    );
    const { rows } = await there.query('select what, why from warroom_seed.left_out order by what');
    expect(rows).toEqual([
      { what: 'the default of "public"."fresh".n', why: expect.stringContaining('twice') },
    ]);
    expect(leftOut.join(' ')).toMatch(/without statistics .*empty_one.*fresh/);
    expect(leftOut).toContain('1 functions and procedures.');
  });

  it('has rows in the proportion of the target, none where there are none', async () => {
    expect(await one('select count(*)::int from people')).toBe(1_415);
    expect(await one('select count(*)::int from "Odd ""Schema"""."Order: Lines"')).toBeGreaterThan(1_000);
    expect(await one('select count(*)::int from events_2026_01')).toBeGreaterThan(500);
    expect(await one('select count(*)::int from events_2026_02_a')).toBeGreaterThan(100);
    expect(await one('select count(*)::int from empty_one')).toBe(0);
    expect(await one('select count(*)::int from fresh')).toBeLessThanOrEqual(40);
  });

  it('keeps types, keys, references, defaults and sequences, so that code works on it', async () => {
    const rows = Number(await one('select count(*) from people'));
    await there.query(`insert into people (email, full_name, status, tags, score, span, active, balance, wait)
      values ('new@x.example', 'n', 'new', '{}', 7, 'empty', true, 20, '1 s')`);
    expect(await one(`select id from people where email = 'NEW@x.example'`)).toBe(rows + 1);
    expect(await one(`select doubled from people where id = 5`)).toBe(10);
    expect(await one(`select mood || extra::text from people where email = 'new@x.example'`)).toBe('calm{}');
    await there.query('insert into tree (parent) select max(id) from tree');
    const refused = (statement: string, code: string) =>
      expect(there.query(statement)).rejects.toMatchObject({ code });
    await refused(`insert into profiles values (999999, 'c')`, '23503');
    await refused(`insert into people (id) values (1)`, '23502');
    await refused('update people set balance = 9 where id = 1', '23514');
    await refused('select 101::percent', '23514');
    expect(
      await one(`select count(*)::int from pg_constraint where contype = 'f' and convalidated
        and connamespace <> 'pg_catalog'::regnamespace`),
    ).toBe(3);
    expect(await one(`select count(*)::int from pg_indexes where indexdef like '%(region)%'`)).toBe(5);
    expect(await one('select count(*)::int from paid')).toBeGreaterThan(300);
    expect(await one('show search_path')).toBe('"$user", public, "Odd ""Schema"""');
  });

  it('has the categories of the target, and nothing of its rows', async () => {
    const words = await one(`select json_agg(distinct status) from people`);
    expect(words).toEqual(expect.arrayContaining(['new', 'on_hold', 'paid']));
    expect(
      await one(`select json_agg(distinct mood order by mood) from (select mood::text from people) m`),
    ).toEqual(['calm', "it's angry"]);
    expect(await one(`select max(created_at) - min(created_at) > interval '1 day' from people`)).toBe(true);
    expect(await one('select extract(year from min(born))::int from people')).toBe(2020);
    for (const word of [
      'victim',
      'Lovelace',
      'sk-live',
      'secret-tag',
      'rare-one',
      '4915150',
      '1971',
      '10.37',
    ])
      expect(seed).not.toContain(word);
  });

  it('is not made where there is nothing to make it of', async () => {
    const seeds = createReplicaSeeds({ secrets: { read: async () => origin.url } });
    const nowhere = createReplicaSeeds({ secrets: { read: async () => 'postgres://127.0.0.1:1/none' } });
    const because = (words: string) => ({ reason: expect.stringContaining(words) });

    expect(await seeds.seedFor(serviceOf(null), signal())).toEqual(because('names no database'));
    expect(await seeds.seedFor(serviceOf('main', ['absent']), signal())).toEqual(
      because('no tables in absent'),
    );
    expect(await nowhere.seedFor(serviceOf('main'), signal())).toEqual(because('cannot be reached'));
  });

  it('is made again after some minutes, and outlives a database in trouble', async () => {
    let now = new Date();
    let reads = 0;
    let url = origin.url;
    const read = async (): Promise<string> => {
      reads += 1;
      return url;
    };
    const seeds = createReplicaSeeds({ secrets: { read }, clock: { now: () => now } });

    const first = await seeds.seedFor(serviceOf('main'), signal());
    expect(await seeds.seedFor(serviceOf('main'), signal())).toBe(first);
    expect(reads).toBe(1);
    now = new Date(now.getTime() + 3_600_000);
    url = 'postgres://127.0.0.1:1/none';

    expect(await seeds.seedFor(serviceOf('main'), signal())).toBe(first);
    expect(reads).toBe(2);
  });
});

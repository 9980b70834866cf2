import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDatabaseAdmin } from '../../src/adapters/postgres/database-admin.ts';
import { createDatabaseInspector } from '../../src/adapters/postgres/database-inspector.ts';
import type { DatabaseAdmin, IndexOrder } from '../../src/ports/database-admin.ts';
import { openPostgresHouse, type PostgresHouse } from './postgres-house.ts';

let house: PostgresHouse;
let admin: DatabaseAdmin;
let signal: AbortSignal;

beforeEach(async () => {
  house = await openPostgresHouse();
  admin = createDatabaseAdmin(house.secrets);
  signal = AbortSignal.timeout(60_000);
});
afterEach(() => house.close());

const order: IndexOrder = {
  schema: 'public',
  table: 'payments',
  columns: [
    { name: 'user_id', order: 'asc' },
    { name: 'created_at', order: 'desc' },
  ],
  name: 'warroom_payments_abc123',
};
const definition =
  'CREATE INDEX warroom_payments_abc123 ON public.payments USING btree (user_id, created_at DESC)';
const impatient = () => createDatabaseAdmin(house.secrets, { lockTimeoutMs: 300 });
const ours = async () => (await house.indexes()).filter((text) => text.includes('warroom_'));

describe('building an index', () => {
  it('lets people write meanwhile', async () => {
    const reader = await house.begin('select 1');
    const building = admin.createIndex(house.target, order, signal);
    await expect.poll(ours).toEqual([`${definition} (invalid)`]);

    await house.query("insert into payments (user_id, state, created_at) values (1, 'new', now())");

    await reader.end();
    expect(await building).toMatchObject({ done: true, built: true, index: { valid: true, definition } });
  });

  it('is done once when two ask at the same time', async () => {
    const both = await Promise.all([
      admin.createIndex(house.target, order, signal),
      createDatabaseAdmin(house.secrets).createIndex(house.target, order, signal),
    ]);

    expect(both.filter((one) => one.done)).toHaveLength(2);
    expect(both.filter((one) => one.done && one.built)).toHaveLength(1);
    expect(await house.commands('CREATE INDEX')).toBe(1);
  });

  it('gives up on a transaction that does not end, and leaves nothing behind', async () => {
    const reader = await house.begin('select 1');

    const outcome = await impatient().createIndex(house.target, order, signal);

    expect(outcome).toEqual({ done: false, reason: expect.stringContaining('older than the build') });
    expect(await ours()).toEqual([]);
    await reader.end();
  });

  it('replaces the invalid index that a crash has left', async () => {
    const reader = await house.begin('select 1');
    await house.query('set lock_timeout = 100');
    await expect(house.query(definition.replace('INDEX', 'INDEX CONCURRENTLY'))).rejects.toThrow();
    await reader.end();
    expect(await ours()).toEqual([`${definition} (invalid)`]);

    const outcome = await admin.createIndex(house.target, order, signal);

    expect(outcome).toMatchObject({ done: true, built: true });
    expect(await ours()).toEqual([definition]);
  });

  it('tells a connection that broke from a failure, and the next try builds it', async () => {
    const reader = await house.begin('select 1');
    const building = admin.createIndex(house.target, order, signal).catch((error: unknown) => error);
    await expect.poll(ours).toEqual([`${definition} (invalid)`]);

    await house.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'warroom' and datname = current_database()",
    );

    expect(await building).toMatchObject({ code: 'source_unreachable', retryable: true });
    await reader.end();
    expect(await admin.createIndex(house.target, order, signal)).toMatchObject({ done: true });
    expect(await ours()).toEqual([definition]);
  });

  it('ends on the server too when it is called off, and cleans up', async () => {
    const reader = await house.begin('select 1');
    const caller = new AbortController();
    const building = admin.createIndex(house.target, order, caller.signal).catch((error: unknown) => error);
    await expect.poll(ours).toEqual([`${definition} (invalid)`]);

    caller.abort(new Error('halt'));

    expect(await building).toEqual(new Error('halt'));
    expect(await ours()).toEqual([]);
    await expect.poll(house.connections).toEqual([]);
    await reader.end();
  });

  it('takes no name that is not in the target', async () => {
    const wrong: [Partial<IndexOrder>, string][] = [
      [{ schema: 'pg_catalog', table: 'pg_class' }, 'not one of the schemas'],
      [{ table: 'nobody' }, 'no table public.nobody'],
      [{ columns: [{ name: 'nobody', order: 'asc' }] }, 'no column nobody'],
      [{ name: 'payments_state' }, 'another index named payments_state'],
    ];
    for (const [change, reason] of wrong) {
      const changed = { ...order, ...change };

      const rehearsal = await admin.rehearseCreate(house.target, changed, signal);
      const outcome = await admin.createIndex(house.target, changed, signal);

      expect(rehearsal).toEqual({ possible: false, reason: expect.stringContaining(reason) });
      expect(outcome).toMatchObject({ done: false, reason: expect.stringContaining(reason) });
    }
    expect(await house.commands('CREATE INDEX')).toBe(0);
  });

  it('quotes names, and shows the statement that it runs', async () => {
    const odd = {
      schema: 'public',
      table: 'we"ird; drop table payments',
      columns: [{ name: 'select', order: 'desc' as const }],
      name: 'warroom_odd_abc123',
    };
    await house.query('create table "we""ird; drop table payments" ("select" int)');

    const rehearsal = await admin.rehearseCreate(house.target, odd, signal);
    const outcome = await admin.createIndex(house.target, odd, signal);

    expect(rehearsal).toEqual({
      possible: true,
      statement:
        'CREATE INDEX CONCURRENTLY warroom_odd_abc123 ON public."we""ird; drop table payments" USING btree ("select" DESC)',
    });
    expect(outcome).toMatchObject({ done: true, built: true });
  });

  it('says beforehand what PostgreSQL or the role would refuse', async () => {
    await house.query(`
      create table parts (id int, at date, body json) partition by range (at);
      create role clerk login; grant usage on schema public to clerk; grant select on payments to clerk`);
    const own = new URL(await house.secrets.read(house.target.url));
    own.username = 'clerk';
    const clerk = createDatabaseAdmin({ read: async () => own.href });

    const partitioned = await admin.rehearseCreate(
      house.target,
      { ...order, table: 'parts', columns: [{ name: 'id', order: 'asc' }] },
      signal,
    );
    const foreign = await clerk.rehearseCreate(house.target, order, signal);

    expect(partitioned).toEqual({ possible: false, reason: expect.stringContaining('partitioned') });
    expect(foreign).toEqual({ possible: false, reason: expect.stringContaining('belongs to warroom') });
    await house.query('drop owned by clerk; drop role clerk');
  });

  it('knows beforehand which columns a B-tree cannot order', async () => {
    await house.query('create table shapes (id int, body json, at point)');
    const on = (name: string) => ({ ...order, table: 'shapes', columns: [{ name, order: 'desc' as const }] });

    expect(await admin.rehearseCreate(house.target, on('id'), signal)).toMatchObject({ possible: true });
    for (const column of ['body', 'at']) {
      const rehearsal = await admin.rehearseCreate(house.target, on(column), signal);

      expect(rehearsal, column).toEqual({
        possible: false,
        reason: expect.stringContaining('without an order'),
      });
    }
  });
});

describe('dropping an index', () => {
  const drop = (name: string) => ({ schema: 'public', table: 'payments', name });

  it('keeps what more than queries rest on', async () => {
    await house.query(`
      alter table payments add constraint one_note unique (id, note);
      create unique index payments_once on payments (id, state);
      create index payments_order on payments (note); cluster payments using payments_order`);
    const needed: [string, string][] = [
      ['payments_pkey', 'primary key'],
      ['one_note', 'constraint one_note'],
      ['payments_once', 'unique'],
      ['payments_order', 'clustered'],
      ['nobody', 'no index named nobody'],
    ];
    for (const [name, reason] of needed) {
      const rehearsal = await admin.rehearseDrop(house.target, drop(name), signal);

      expect(rehearsal, name).toEqual({ possible: false, reason: expect.stringContaining(reason) });
    }
    for (const [name] of needed.slice(0, 4)) {
      expect(await admin.dropIndex(house.target, drop(name), signal), name).toMatchObject({ done: false });
    }
    expect(await house.commands('DROP INDEX')).toBe(0);
  });

  it('says so when somebody is in the way, and ends what it began', async () => {
    const writer = await house.begin(
      "insert into payments (user_id, state, created_at) values (1, 'new', now())",
    );

    const first = impatient().dropIndex(house.target, drop('payments_state'), signal);
    await expect(first).rejects.toMatchObject({ code: 'database_busy', retryable: true });
    await writer.end();
    const second = await admin.dropIndex(house.target, drop('payments_state'), signal);

    expect(second).toEqual({ done: true, dropped: true });
    expect(await admin.dropIndex(house.target, drop('payments_state'), signal)).toEqual({
      done: true,
      dropped: false,
    });
  });

  it('restores what was there, whatever kind of index it was', async () => {
    await house.query(`create index odd_one on payments (lower(note) text_pattern_ops desc nulls last, user_id)
      include (state) with (fillfactor = 70) where state <> 'paid'`);
    const before = await house.indexes();
    const text = before.find((one) => one.includes('odd_one')) ?? '';
    await admin.dropIndex(house.target, drop('odd_one'), signal);

    const outcome = await admin.restoreIndex(house.target, drop('odd_one'), text, signal);

    expect(outcome).toMatchObject({ done: true, built: true });
    expect(await house.indexes()).toEqual(before);
  });

  it('restores what leans on types and functions of its own schema', async () => {
    await house.query(`
      create schema shop;
      create type shop.state as enum ('open', 'done');
      create function shop.plain(text) returns text immutable language sql as 'select lower($1)';
      create table shop.orders (id int, name text, state shop.state);
      create index orders_open on shop.orders (shop.plain(name)) where state = 'open'::shop.state`);
    const target = { ...house.target, schemas: ['shop'] };
    const index = { schema: 'shop', table: 'orders', name: 'orders_open' };
    const before = await house.indexes();
    const tables = await createDatabaseInspector(house.secrets).tables(target, signal);
    const text = tables.find((one) => one.name === 'orders')?.indexes[0]?.definition ?? '';
    await admin.dropIndex(target, index, signal);

    const outcome = await admin.restoreIndex(target, index, text, signal);
    const again = await admin.restoreIndex(target, index, text, signal);

    expect(outcome).toMatchObject({ done: true, built: true });
    expect(again).toMatchObject({ done: true, built: false });
    expect(await house.indexes()).toEqual(before);
  });

  it('keeps an index that has more than its definition says', async () => {
    await house.query(`
      create index payments_lower on payments (lower(note)); alter index payments_lower alter column 1 set statistics 900;
      create index payments_said on payments (note, state); comment on index payments_said is 'for the report'`);

    for (const [name, what] of [
      ['payments_lower', 'statistics target'],
      ['payments_said', 'comment'],
    ] as const) {
      const rehearsal = await admin.rehearseDrop(house.target, drop(name), signal);

      expect(rehearsal, name).toEqual({ possible: false, reason: expect.stringContaining(what) });
    }
  });

  it('restores nothing but a definition of that index', async () => {
    for (const text of [
      'drop table payments',
      'CREATE INDEX payments_state ON public.payments USING btree (state); drop table payments',
      'CREATE INDEX other ON public.payments USING btree (state)',
      'CREATE INDEX payments_state ON public.commands USING btree (tag)',
    ]) {
      const restoring = admin.restoreIndex(house.target, drop('payments_state'), text, signal);

      await expect(restoring, text).rejects.toMatchObject({ code: 'source_refused' });
    }
  });
});

import { describe, expect, it } from 'vitest';
import { guardStatement } from '../../../../src/adapters/postgres/guard-statement.ts';

const guard = (statement: string) => guardStatement(statement, ['public', 'shop']);

describe('statement guard', () => {
  it.each([
    'select 1',
    'select * from payments where id = 1;',
    'select p.*, count(*) over (partition by state) from shop.payments p -- comment',
    `with recent as (select * from payments where created_at > now() - interval '1 day') select * from recent`,
    'select coalesce(lower(a), upper(b)), sum(c) filter (where d) from t group by rollup (a, b) having count(*) > 1',
    'select * from a join b using (id) left join lateral (select 1 from c where c.id = a.id limit 1) x on true',
    `select extract(epoch from at) from t where at at time zone 'UTC' > current_timestamp and j ->> 'k' = 'v'`,
    'select * from t where id = any (array[1, 2]) and (a, b) in ((1, 2)) and exists (select 1 from u)',
    'select 1 union all select 2 from t order by 1 limit 3 offset 4',
    `select case when a then 'x' else 'y' end, greatest(1, 2), a[1], nullif(b, 0) from t`,
    'values (1), (2)',
    `select concat(a, ' ', b) || ', ' || c || ', ' || d from t where replace(phone, ' ', '') = '123'`,
    `select * from t where (a, b) in (${Array(200).fill("(1, 'x')").join(', ')})`,
    `select * from t where id = any (array[${Array(1_000).fill(1).join(', ')}])`,
    `select jsonb_build_object('a', a, 'b', array[b, c]) from t`,
  ])('lets %s through', (statement) => {
    expect(guard(statement)).toMatchObject({ allowed: true });
  });

  it('counts parameters', () => {
    expect(guard('select * from t where a = $1 and b > $3')).toEqual({ allowed: true, parameters: 3 });
  });

  it.each([
    ['', 'cannot be parsed'],
    [';', 'not one statement'],
    ['select 1; select 2', 'not one statement'],
    ['selec 1', 'cannot be parsed'],
    ['select 1\0; drop table t', 'NUL'],
    ['explain analyze select 1', 'not a SELECT'],
    ['explain (analyze) delete from t', 'not a SELECT'],
    ['insert into t values (1) returning *', 'not a SELECT'],
    ["copy t to program 'id'", 'not a SELECT'],
    ['do $$ begin end $$', 'not a SELECT'],
    ['select * into u from t', 'INTO'],
    ['select * from t for update', 'locks rows'],
    ['select * from (select * from t for share) x', 'locks rows'],
    ['(select 1 from t for no key update) union all select 2', 'locks rows'],
    ['with x as (delete from t returning *) select * from x', 'DELETE'],
    ['with x as (insert into t values (1) returning *) select 1', 'INSERT'],
    ['select (with x as (update t set a = 1 returning *) select count(*) from x)', 'UPDATE'],
    ['select pg_sleep(10)', 'pg_sleep'],
    ["select * from pg_read_file('/etc/passwd')", 'pg_read_file'],
    ["select * from pg_ls_dir('.')", 'pg_ls_dir'],
    ["select lo_import('/etc/passwd')", 'lo_import'],
    ["select * from dblink('host=x', 'select 1') as t(a int)", 'dblink'],
    ['select pg_catalog.pg_terminate_backend(1)', 'pg_terminate_backend'],
    ["select set_config('role', 'postgres', false)", 'set_config'],
    ["select nextval('s')", 'nextval'],
    ['select pg_advisory_lock(1)', 'pg_advisory_lock'],
    ["select repeat('x', 1000000000)", 'repeat'],
    ['select generate_series(1, 1000000000000)', 'generate_series'],
    [`select ${'replace('.repeat(7)}'aaaaaaaaaa'${", 'a', 'aaaaaaaaaa')".repeat(7)}`, 'fill memory'],
    [
      `select replace(x, 'a', x) from (select replace(y, 'a', y) x from (select 'aaaaaaaa' y) b) a`,
      'fill memory',
    ],
    [
      `select ${Array(30)
        .fill('')
        .reduce((from) => `concat(a, a) a from (select ${from}) b`, "'aaaaaaaa' a")}`,
      'fill memory',
    ],
    [
      `select ${Array(30)
        .fill('')
        .reduce((from) => `a || a a from (select ${from}) b`, "'aaaaaaaa' a")}`,
      'fill memory',
    ],
    [`select ${'to_json('.repeat(30)}'"'::text${')::text'.repeat(30)}`, 'fill memory'],
    [`select ${'row('.repeat(30)}'"'${')::text'.repeat(30)}`, 'fill memory'],
    ["select concat('x'::char(10000000), 'x')", 'fill memory'],
    ["select query_to_xml('delete from t', true, true, '')", 'query_to_xml'],
    ["select evil.lower('x')", 'evil.lower'],
    ['select 1 operator(evil.+) 2', 'operator'],
    ['select * from t order by pg_sleep(1)', 'pg_sleep'],
    ['select * from t where a = (select pg_sleep(1)::text::int)', 'pg_sleep'],
    ['select * from t limit (select pg_sleep(1)::text::int)', 'pg_sleep'],
    ["select xmlparse(document '<a/>')", 'XmlExpr'],
    ['table pg_authid', 'system catalogue'],
    ['select * from pg_shadow', 'system catalogue'],
    ['select * from pg_catalog.pg_authid', 'schema pg_catalog'],
    ['select * from information_schema.tables', 'schema information_schema'],
    ['select * from secret.salaries', 'schema secret'],
    ['select * from other.public.t', 'another database'],
  ])('refuses %j: %s', (statement, reason) => {
    expect(guard(statement)).toEqual({ allowed: false, reason: expect.stringContaining(reason) });
  });
});

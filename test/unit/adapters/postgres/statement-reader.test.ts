import { describe, expect, it } from 'vitest';
import { createStatementReader } from '../../../../src/adapters/postgres/statement-reader.ts';
import type { TableUse } from '../../../../src/ports/database.ts';

const reader = createStatementReader();

function tablesOf(statement: string): readonly TableUse[] {
  return reader.read(statement)?.tables ?? [];
}

const bare = { schema: null, equality: [], range: [], joined: [], orderBy: [], limit: null };

describe('statement reader', () => {
  it('reads what a composite index would be made of', () => {
    const tables = tablesOf(
      `select * from payments where user_id = $1 and created_at > now() - interval '90 days'
       order by created_at desc limit 20`,
    );

    expect(tables).toEqual([
      {
        ...bare,
        name: 'payments',
        equality: ['user_id'],
        range: ['created_at'],
        orderBy: [{ name: 'created_at', order: 'desc' }],
        limit: 20,
      },
    ]);
  });

  it('reads comparisons either way round, lists, nulls and ranges', () => {
    const tables = tablesOf(
      `select 1 from shop.orders o where 5 = o.a and o.b in (1, 2) and o.c = any($1) and o.d is null
       and o.e between 1 and 2 and 3 < o.f limit $2`,
    );

    expect(tables).toEqual([
      {
        ...bare,
        schema: 'shop',
        name: 'orders',
        equality: ['a', 'b', 'c', 'd'],
        range: ['e', 'f'],
        limit: 'unknown',
      },
    ]);
  });

  it('leaves out what no plain index serves', () => {
    const tables = tablesOf(
      `select 1 from t where lower(a) = 'x' and (b = 1 or c = 2) and not (d = 3) and e <> 4 and f like '%x'
       and g = random() and h = i order by lower(a)`,
    );

    expect(tables).toEqual([{ ...bare, name: 't' }]);
  });

  it('gives columns to their tables across joins, and joined columns to both', () => {
    const tables = tablesOf(
      `select u.name from users u join orders o on o.user_id = u.id and o.state = 'open'
       left join notes n using (order_id) where u.email = $1 order by o.created_at, o.id desc`,
    );

    expect(
      tables.map(({ name, equality, joined, orderBy }) => ({ name, equality, joined, orderBy })),
    ).toEqual([
      { name: 'users', equality: ['email'], joined: ['order_id', 'id'], orderBy: [] },
      {
        name: 'orders',
        equality: ['state'],
        joined: ['order_id', 'user_id'],
        orderBy: [
          { name: 'created_at', order: 'asc' },
          { name: 'id', order: 'desc' },
        ],
      },
      { name: 'notes', equality: [], joined: ['order_id'], orderBy: [] },
    ]);
  });

  it('reads sub-selects, common table expressions and both sides of a union', () => {
    const names = tablesOf(
      `with recent as (select * from orders where day > $1)
       select * from recent where id in (select order_id from refunds where state = 'new')
       union all select * from archive where day = $1`,
    ).map(({ name, equality, range }) => [name, equality, range]);

    expect(names).toHaveLength(3);
    expect(names).toEqual(
      expect.arrayContaining([
        ['orders', [], ['day']],
        ['refunds', ['state'], []],
        ['archive', ['day'], []],
      ]),
    );
  });

  it('resolves an order by position or by alias to the column behind it', () => {
    expect(tablesOf('select id, created_at as at from t order by at desc, 1')[0]?.orderBy).toEqual([
      { name: 'created_at', order: 'desc' },
      { name: 'id', order: 'asc' },
    ]);
    expect(tablesOf('select lower(n) as id from t order by id')[0]?.orderBy).toEqual([]);
    expect(tablesOf('select id from t order by id desc nulls last')[0]?.orderBy).toEqual([]);
  });

  it.each([
    '',
    'select 1; select 2',
    'delete from t',
    'selec',
    'explain select 1',
    'select \0',
    'x'.repeat(200_000),
  ])('says null to %.20j', (statement) => {
    expect(reader.read(statement)).toBeNull();
  });
});

import { describe, expect, it } from 'vitest';
import { replaceConstants } from '../../../../src/adapters/postgres/replace-constants.ts';

describe('a statement without its values', () => {
  it.each([
    [
      `select id from t where email = 'ada0@example.com' and token = 's3cr3t0' and n = 7`,
      'select id from t where email = $1 and token = $2 and n = $3',
    ],
    [
      `select 1 from t where a > now() - interval '90 days' and b = true order by 1 limit 20 offset 40`,
      `select 1 from t where a > now() - interval '90 days' and b = true order by 1 limit 20 offset 40`,
    ],
    [
      `select * from t where a = $2 and b in ('x', 'y''z') and c = -5`,
      'select * from t where a = $2 and b in ($3, $4) and c = $5',
    ],
    [
      `select * from t where é = 'ü' and d >= date '2026-01-02' and f = 'x'::uuid`,
      'select * from t where é = $1 and d >= $2::date and f = $3::uuid',
    ],
    [
      `select * from t where a = E'it\\'s' and b = $q$s3cr3t$q$ and c = any(array[1, 2]) -- ada\n and d = 'q'`,
      'select * from t where a = $1 and b = $2 and c = any(array[$3::int8, $4::int8])  \n and d = $5',
    ],
    [
      `/* by 'ada' */ select date_trunc('day', a), b::numeric(10,2) from t where lower(c) = md5('s3cr3t') group by 1, 2`,
      `select date_trunc('day', a), b::numeric(10,2) from t where lower(c) = md5($1) group by 1, 2`,
    ],
    [
      'select a from t where n = 1 union all select a from u where n = 4111111111111111 limit 3',
      'select a from t where n = $1 union all select a from u where n = $2 limit 3',
    ],
    [
      `select extract(epoch from a) from t group by a having count(*) > 5 and max(b) < 5`,
      `select extract(epoch from a) from t group by a having count(*) > 5 and max(b) < $1`,
    ],
  ])('has parameters in their place: %s', (statement, shown) => {
    expect(replaceConstants(statement)).toBe(shown);
  });

  it.each([`update t set a = 'x'`, `select 1; select 2`, `select 'x`, `select 1 /* a /* b */ 'x' */`])(
    'is none where that is not certain: %s',
    (statement) => {
      expect(replaceConstants(statement)).toBeNull();
    },
  );
});

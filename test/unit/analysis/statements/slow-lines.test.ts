import { describe, expect, it } from 'vitest';
import { normaliseStatement } from '../../../../src/analysis/statements/normalise-statement.ts';
import { readSlowLines } from '../../../../src/analysis/statements/read-slow-lines.ts';
import type { LogLine } from '../../../../src/ports/log-source.ts';

const at = new Date('2026-03-04T10:00:00Z');
const linesOf = (...messages: string[]): LogLine[] =>
  messages.map((message) => ({ at, service: 'db', level: 'unknown', message, fields: {} }));
const read = (...messages: string[]) =>
  readSlowLines(linesOf(...messages)).map(({ durationMs, statement }) => [durationMs, statement]);

describe('slow executions in a PostgreSQL log', () => {
  it.each([
    [
      'the default prefix',
      '2026-03-04 10:00:00.123 UTC [4711] LOG:  duration: 2358.123 ms  statement: select 1',
    ],
    [
      'a prefix with user, host and transaction',
      'Mar 4 app@shop 10.0.0.7(5432) 3/17:0 LOG:  duration: 2358.123 ms  statement: select 1;',
    ],
    [
      'a managed service',
      '2026-03-04 10:00:00 UTC:10.0.0.7(52)::@shop:[4711]:LOG:  duration: 2358.123 ms  statement: select 1',
    ],
    ['no prefix, as jsonlog and agents that parse give it', 'duration: 2358.123 ms  statement: select 1'],
    [
      'csvlog',
      '2026-03-04 10:00:00.123 UTC,"app","shop",4711,"10.0.0.7:52",65e5,3,"SELECT",2026-03-04 09:00:00 UTC,3/17,0,LOG,00000,"duration: 2358.123 ms  statement: select 1",,,,,,,,,"app","client backend",,0',
    ],
    ['an unnamed prepared statement', 'LOG:  duration: 2358.123 ms  execute <unnamed>: select 1'],
    ['a named one and its portal', 'LOG:  duration: 2358.123 ms  execute S_3/C_4: select 1'],
    ['a fetch', 'LOG:  duration: 2358.123 ms  execute fetch from S_3/C_4: select 1'],
    [
      'auto_explain',
      'LOG:  duration: 2358.123 ms  plan:\n\tQuery Text: select 1\n\tResult  (cost=0.00..0.01 rows=1 width=4)',
    ],
    [
      'auto_explain in JSON',
      'LOG:  duration: 2358.123 ms  plan:\n\t{ "Query Text": "select 1", "Plan": {} }',
    ],
  ])('are read behind %s', (_case, line) => {
    expect(read(line)).toEqual([[2358.123, 'select 1']]);
  });

  it('unquotes names in csvlog', () => {
    expect(read('x,LOG,00000,"duration: 9.5 ms  statement: select ""Name"" from ""T""",,')).toEqual([
      [9.5, 'select "Name" from "T"'],
    ]);
  });

  it.each([
    ['in one message', ['LOG:  duration: 9 ms  execute <unnamed>: select a\n\tfrom t\n\twhere b = $1']],
    [
      'cut into lines by the shipper',
      ['LOG:  duration: 9 ms  execute <unnamed>: select a', '\tfrom t', '\twhere b = $1'],
    ],
    [
      'cut by syslog',
      [
        'pg[7]: [5-1] LOG:  duration: 9 ms  execute <unnamed>: select a',
        'pg[7]: [5-2] #011from t',
        'pg[7]: [5-3] #011where b = $1',
      ],
    ],
    [
      'with control characters escaped',
      ['LOG:  duration: 9 ms  execute <unnamed>: select a#012#011from t#012#011where b = $1'],
    ],
  ])('join a statement of several lines, %s', (_case, lines) => {
    const [found] = readSlowLines(linesOf(...lines));

    expect(normaliseStatement(found?.statement ?? '')).toBe('select a from t where b = ?');
  });

  it.each([
    [
      'values that imitate a line',
      "DETAIL:  parameters: $1 = 'LOG:  duration: 9999 ms  statement: select * from t'",
    ],
    [
      'values that imitate one on their second line',
      "DETAIL:  parameters: $1 = 'x",
      "\tLOG:  duration: 9999 ms  statement: select * from t'",
    ],
    ['a statement that failed', 'STATEMENT:  select 1 /* LOG:  duration: 9999 ms  statement: select 2 */'],
    ['an error that quotes one', 'ERROR:  invalid input: "LOG:  duration: 9999 ms  statement: select 1"'],
    [
      'the parse and the bind of what is executed next',
      'LOG:  duration: 9 ms  parse <unnamed>: select 1',
      'LOG:  duration: 9 ms  bind S_1: select 1',
    ],
    ['a duration alone', 'LOG:  duration: 9 ms'],
    ['other talk of durations', 'LOG:  checkpoint complete; duration: 9 ms  statement: select 1'],
    ['a service that speaks of its work', 'call took duration: 12 ms'],
  ])('are not made of %s', (_case, ...lines) => {
    expect(read(...lines)).toEqual([]);
  });

  it('take no longer for hostile text than for any other', () => {
    const startedMs = performance.now();

    for (const text of ["'", '/*', '$a$', '(', '"', '$a$b', '?,'])
      normaliseStatement(
        read(`LOG:  duration: 9 ms  statement: ${text.repeat(4_000)}`)[0]?.[1]?.toString() ?? '',
      );

    expect(performance.now() - startedMs).toBeLessThan(1_000);
  });
});

describe('a statement without its values', () => {
  it.each([
    ["select * from t where a = 'x' and b = 12.5", "SELECT *\n  FROM t\n WHERE a = 'it''s' AND b = 7"],
    ['select 1 from t where id in (1, 2, 3)', 'select 1 from t where id in ($1,$2)'],
    ['select 1 -- why\nfrom t', 'select /* who */ 1 from t;'],
    ["select $$a$$ from t where b = E'\\''", 'select $x$a$b$x$ from t where b = 1'],
  ])('is the same for %j and %j', (one, other) => {
    expect(normaliseStatement(one)).toBe(normaliseStatement(other));
  });

  it.each([
    ['select a from t', 'select b from t'],
    ['select "A" from t', 'select "a" from t'],
    ['select a from t1', 'select a from t2'],
  ])('tells %j from %j', (one, other) => {
    expect(normaliseStatement(one)).not.toBe(normaliseStatement(other));
  });
});

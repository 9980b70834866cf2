import { describe, expect, it } from 'vitest';
import { dateChange } from '../../../../src/agents/signals/date-change.ts';
import { readStacks, sayStack } from '../../../../src/agents/signals/stack-signals.ts';
import { readShifts } from '../../../../src/agents/signals/value-shifts.ts';
import type { LogLine } from '../../../../src/ports/log-source.ts';

const line = (message: string, fields: LogLine['fields'] = {}): LogLine => ({
  at: new Date(0),
  service: 'till',
  level: 'unknown',
  message,
  fields,
});
const times = (count: number) => Array.from({ length: count }, (_, n) => n);

describe('stack traces in log lines', () => {
  const split = (n: number) => [
    line(`2026-03-02 10:00:0${n % 10} ERROR cannot open till ${n}`),
    line('Traceback (most recent call last):'),
    line('  File "/srv/app/tills/routes.py", line 12, in handle'),
    line('    open_till(number)'),
    line('  File "/srv/app/tills/drawer.py", line 44, in open_till'),
    line('    raise TillJammed(number)'),
    line('tills.errors.TillJammed: till is jammed'),
  ];

  it('are put together where a shipper sent each of their lines alone', () => {
    const [stack, ...others] = readStacks(
      times(20).map((n) => line(`sold ${n}`)),
      times(6).flatMap(split),
    );

    expect(others).toEqual([]);
    expect(stack === undefined ? null : sayStack(stack)).toBe(
      'the stack ends in tills/drawer.py:44 open_till(), called from tills/routes.py:12 handle() ×6 (0 before)',
    );
  });

  it('tell nothing new where they came as often before', () => {
    expect(readStacks(times(6).flatMap(split), times(6).flatMap(split))).toEqual([]);
  });
});

describe('values in lines of good times', () => {
  const sold = (ms: number, currency: string) => (n: number) =>
    line('sold', { duration_ms: ms + (n % 7), currency, order_id: `o-${n}`, at: 1000 + n });

  it('are told when they moved, by field and in messages', () => {
    const before = [
      ...times(40).map(sold(20, 'EUR')),
      ...times(40).map((n) => line(`charged in ${20 + (n % 5)} ms`)),
    ];
    const after = [
      ...times(40).map(sold(90, 'XXX')),
      ...times(40).map((n) => line(`charged in ${80 + (n % 5)} ms`)),
    ];

    const said = readShifts(before, after).map((one) => one.text);

    expect(said).toContain('duration_ms of "sold" went from 23 to 93');
    expect(said).toContain('currency of "sold" is now often XXX');
    expect(said.join()).toMatch(/charged in .* went from 22 ms to 82 ms/);
    expect(said.join()).not.toMatch(/order_id|\bat of\b/);
  });

  it('are not told when they are as ever', () => {
    const lines = times(60).map(sold(20, 'EUR'));

    expect(readShifts(lines, lines)).toEqual([]);
  });
});

describe('when a metric left its level', () => {
  const onset = new Date(600_000);
  const series = (value: (second: number) => number | null) => {
    const seconds = times(120).map((n) => n * 10);
    return { times: seconds, values: seconds.map(value) };
  };
  const noise = (second: number) => Math.sin(second * second) * 2;

  it('is dated by the series itself, with its usual values before and after', () => {
    const change = dateChange(
      series((s) => (s === 50 ? null : s < 640 ? 12 + noise(s) : 252 + noise(s))),
      onset,
    );

    expect(change?.at).toEqual(new Date(640_000));
    expect((change?.after ?? 0) - (change?.before ?? 0)).toBeCloseTo(240, -1);
  });

  it('is not told of a level that held, or that was left long before', () => {
    expect(dateChange(series(noise), onset)).toBeNull();
    expect(
      dateChange(
        series((s) => (s < 200 ? 0 : 50) + noise(s)),
        onset,
      ),
    ).toBeNull();
  });
});

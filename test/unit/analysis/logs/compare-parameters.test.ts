import { describe, expect, it } from 'vitest';
import { compareParameters } from '../../../../src/analysis/logs/compare-parameters.ts';

const wobble = (n: number): number => (n * 7919) % 40;
const lines = (count: number, of: (n: number) => string): string[] =>
  Array.from({ length: count }, (_, n) => of(n));

describe('values of a template', () => {
  it('that grew are named with what they were and are, whatever the unit they are written in', () => {
    const shifts = compareParameters(
      lines(60, (n) => `query took ${100 + wobble(n)} ms for shard ${n % 8}`),
      lines(60, (n) => `query took ${(2 + wobble(n) / 100).toFixed(2)} s for shard ${n % 8}`),
    );

    expect(shifts).toHaveLength(1);
    expect(shifts[0]).toMatchObject({ kind: 'number', place: 0, lines: { before: 60, after: 60 } });
    expect(Number(shifts[0]?.after)).toBeGreaterThan(10 * Number(shifts[0]?.before));
    expect(shifts[0]?.text).toContain('"query took <*>');
  });

  it('that took over as a category are named', () => {
    const shifts = compareParameters(
      lines(40, (n) => `request answered with code ${n % 10 === 0 ? 'E404' : 'E200'} by pod1`),
      lines(40, (n) => `request answered with code ${n % 2 === 0 ? 'E503' : 'E200'} by pod1`),
    );

    expect(shifts[0]).toMatchObject({ kind: 'category', before: 'E200', after: 'E503' });
  });

  it('that stay, and identifiers that always are new, are no news', () => {
    const window = (from: number) =>
      lines(60, (n) => `order ${1000 + from + n} took ${50 + wobble(n + from)} ms`);

    expect(compareParameters(window(0), window(60))).toEqual([]);
  });

  it('that shifted are found the same with twice the traffic', () => {
    const before = lines(60, (n) => `queue holds ${10 + wobble(n)} jobs`);
    const after = lines(60, (n) => `queue holds ${400 + wobble(n)} jobs`);

    const once = compareParameters(before, after);
    const twice = compareParameters([...before, ...before], [...after, ...after]);

    expect(twice.map(({ place, kind }) => ({ place, kind }))).toEqual(
      once.map(({ place, kind }) => ({ place, kind })),
    );
    expect(once).toHaveLength(1);
  });
});

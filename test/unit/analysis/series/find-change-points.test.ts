import { describe, expect, it } from 'vitest';
import { findChangePoints } from '../../../../src/analysis/series/find-change-points.ts';

const wobble = (n: number): number => ((n * 7919) % 101) / 101;
const times = Array.from({ length: 200 }, (_, n) => 1.8e9 + 15 * n);
const steps = times.map((_, n) => (n < 60 ? 10 : n < 140 ? 30 : 5) + wobble(n));
const placesOf = (values: readonly (number | null)[], at = times): number[] =>
  findChangePoints(at, values).map((change) => change.index);

describe('changes of a whole series', () => {
  it('are each dated and sized', () => {
    const changes = findChangePoints(times, steps);

    expect(changes.map((change) => change.index)).toEqual([60, 140]);
    expect(changes[0]?.time).toBe(1.8e9 + 15 * 60);
    expect(changes[0]?.before).toBeCloseTo(10.5, 0);
    expect(changes[0]?.after).toBeCloseTo(30.5, 0);
  });

  it.each([1e6, 1e-6])('are the same in another unit (×%s) and at another level', (factor) => {
    expect(placesOf(steps.map((value) => value * factor))).toEqual([60, 140]);
    expect(placesOf(steps.map((value) => value + 1e6))).toEqual([60, 140]);
  });

  it('of trend are found, a steady trend is none', () => {
    const bent = times.map((_, n) => (n < 100 ? n : 200 - n) + wobble(n));

    expect(placesOf(bent)).toHaveLength(1);
    expect(Math.abs((placesOf(bent)[0] ?? 0) - 100)).toBeLessThanOrEqual(5);
    expect(placesOf(times.map((_, n) => 3 * n + wobble(n)))).toEqual([]);
  });

  it('are none in noise, in a flat line, in nothing, and for one outlier', () => {
    expect(placesOf(times.map((_, n) => wobble(n)))).toEqual([]);
    expect(placesOf(times.map(() => 5))).toEqual([]);
    expect(placesOf(times.map(() => null))).toEqual([]);
    expect(placesOf([])).toEqual([]);
    expect(placesOf(times.map((_, n) => (n === 90 ? 40 : 10 + wobble(n))))).toEqual([]);
  });

  it('are not what every day has, and are found in spite of it', () => {
    const day = (n: number): number => (n % 24 >= 9 && n % 24 < 18 ? 40 : 10) + wobble(n);
    const hours = Array.from({ length: 24 * 9 }, (_, n) => n);

    expect(placesOf(hours.map(day), hours)).toEqual([]);
    expect(
      placesOf(
        hours.map((n) => day(n) + (n < 130 ? 0 : 60)),
        hours,
      ),
    ).toEqual([130]);
  });

  it('survive gaps, with indexes of the series as it was given', () => {
    expect(placesOf(steps.map((value, n) => (n % 7 === 2 ? null : value)))).toEqual([60, 140]);
  });

  it('of a long series are found to the value in reasonable time', () => {
    const long = Array.from({ length: 50_000 }, (_, n) => (n < 31_234 ? 10 : 12) + wobble(n));

    expect(
      placesOf(
        long,
        long.map((_, n) => n),
      ),
    ).toEqual([31_234]);
  });
});

import { describe, expect, it } from 'vitest';
import { compareTimings, mannWhitney, seeded } from '../../../../src/analysis/benchmark/compare-timings.ts';

/** Times as machines give them: near a floor, with a tail. */
function times(random: () => number, runs: number, floor: number, noise = 0.05): number[] {
  return Array.from({ length: runs }, () => floor * (1 + noise * -Math.log(1 - random())));
}

describe('times before and after', () => {
  it('of the same program are no difference, 95 times of 100 and more', () => {
    const random = seeded(1);
    const verdicts = Array.from(
      { length: 200 },
      () => compareTimings(times(random, 20, 1), times(random, 20, 1)).verdict,
    );

    const right = verdicts.filter((verdict) => verdict === 'no difference to be seen').length;

    expect(right / verdicts.length).toBeGreaterThanOrEqual(0.95);
  });

  it.each([
    [1.1, 'slower'],
    [0.9, 'faster'],
    [1.5, 'slower'],
  ])('that differ by ×%s are %s, 95 times of 100 and more', (factor, verdict) => {
    const random = seeded(2);
    const compared = Array.from({ length: 40 }, () =>
      compareTimings(times(random, 20, 1), times(random, 20, factor)),
    );

    expect(compared.filter((one) => one.verdict === verdict).length).toBeGreaterThanOrEqual(38);
    expect(compared[0]?.interval[0]).toBeLessThanOrEqual(compared[0]?.ratio ?? 0);
    expect(compared[0]?.interval[1]).toBeGreaterThanOrEqual(compared[0]?.ratio ?? 0);
  });

  it('with an interval that holds the true ratio, 9 times of 10 and more', () => {
    const random = seeded(3);
    const held = Array.from({ length: 100 }, () => {
      const [low, high] = compareTimings(times(random, 20, 1), times(random, 20, 1.2)).interval;
      return low <= 1.2 && 1.2 <= high;
    }).filter(Boolean).length;

    expect(held).toBeGreaterThanOrEqual(90);
  });

  it('that scatter widely, or are few, are too noisy', () => {
    const random = seeded(4);

    expect(compareTimings(times(random, 8, 1, 3), times(random, 8, 1, 3)).verdict).toBe('too noisy');
    expect(compareTimings([1, 1, 1], [9, 9, 9]).verdict).toBe('too noisy');
    expect(compareTimings([], []).verdict).toBe('too noisy');
  });

  it('that differ by less than anybody would act on are no difference', () => {
    const same = Array.from({ length: 30 }, (_, i) => 1 + i / 1e6);

    expect(
      compareTimings(
        same,
        same.map((value) => value * 1.005),
      ).verdict,
    ).toBe('no difference to be seen');
  });

  it('rank as the textbook says', () => {
    expect(mannWhitney([1, 2, 3, 4, 5, 6], [7, 8, 9, 10, 11, 12])).toBeCloseTo(0.00507, 4);
    expect(mannWhitney([1, 1, 1], [1, 1, 1])).toBe(1);
  });
});

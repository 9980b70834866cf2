import { describe, expect, it } from 'vitest';
import { climb, compareWindows } from '../../../../src/analysis/series/compare-windows.ts';
import { findChangePoint, findOnset } from '../../../../src/analysis/series/find-change-point.ts';

const wobble = (n: number): number => ((n * 7919) % 13) / 13;
const step = Array.from({ length: 60 }, (_, n) => (n < 40 ? 10 : 30) + wobble(n));
const times = step.map((_, n) => n);

describe('change points', () => {
  it('dates a step and gives its size', () => {
    const point = findChangePoint(times, step);

    expect(point?.index).toBe(40);
    expect(point?.before).toBeCloseTo(10.5, 0);
    expect(point?.after).toBeCloseTo(30.5, 0);
  });

  it.each([1e6, 1e-6])('finds the same point with the same score in another unit (×%s)', (factor) => {
    const scaled = findChangePoint(
      times,
      step.map((value) => value * factor),
    );
    const plain = findChangePoint(times, step);

    expect(scaled?.index).toBe(plain?.index);
    expect(scaled?.score).toBeCloseTo(plain?.score ?? 0, 9);
  });

  it('finds none in noise, in a flat line and across gaps', () => {
    expect(findChangePoint(times, times.map(wobble))).toBeNull();
    expect(
      findChangePoint(
        times,
        times.map(() => 5),
      ),
    ).toBeNull();
    expect(
      findChangePoint(
        times,
        times.map(() => null),
      ),
    ).toBeNull();
  });

  it('walks a smoothed ramp back to where it left the baseline', () => {
    const ramp = times.map((n) => (n < 30 ? 0 : Math.min(1, (n - 29) / 10)));

    expect(findChangePoint(times, ramp)?.index).toBeLessThanOrEqual(32);
  });
});

describe('windows', () => {
  it('scores a shift the same in any unit', () => {
    const before = [4, 5, 6, 5, 4, 5];
    const after = [9, 11, 10, 10];

    const plain = compareWindows(before, after)?.score;
    const scaled = compareWindows(
      before.map((v) => v * 1e6),
      after.map((v) => v * 1e6),
    )?.score;

    expect(plain).toBeGreaterThan(0.5);
    expect(scaled).toBeCloseTo(plain ?? 0, 9);
  });

  it('tells a climb from a level that wobbles', () => {
    expect(climb(times.map((n) => 100 + 5 * n)).score).toBeGreaterThan(0.6);
    expect(climb(times.map((n) => 100 + wobble(n))).score).toBeLessThan(0.1);
  });
});

it('dates the onset of errors by the second in which they began to stay', () => {
  const counts = times.map((n) => (n === 12 ? 1 : n >= 45 ? 3 : 0));

  expect(findOnset(times, counts)).toBe(45);
  expect(
    findOnset(
      times,
      times.map((n) => (n % 15 === 0 ? 1 : 0)),
    ),
  ).toBeNull();
});

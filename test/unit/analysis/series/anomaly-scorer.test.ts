import { describe, expect, it } from 'vitest';
import { AnomalyScorer } from '../../../../src/analysis/series/anomaly-scorer.ts';

const wobble = (n: number): number => ((n * 7919) % 101) / 101;
const score = (values: readonly (number | null)[], stepS = 15, from = 1.8e9): number[] => {
  const scorer = new AnomalyScorer();
  return values.map((value, n) => scorer.add(from + n * stepS, value));
};
const placesOf = (scores: readonly number[]): number[] => scores.flatMap((one, n) => (one >= 0.5 ? [n] : []));

const calm = Array.from({ length: 600 }, (_, n) => 10 + wobble(n));
const spike = calm.map((value, n) => (n === 400 ? 30 : value));

describe('anomaly scores', () => {
  it('stand out where a value is unlike all before, and only there', () => {
    expect(placesOf(score(spike))).toEqual([400]);
    expect(placesOf(score(calm))).toEqual([]);
  });

  it('are known when the value arrives: what comes later changes none', () => {
    expect(score(spike.slice(0, 450))).toEqual(score(spike).slice(0, 450));
  });

  it.each([1e6, 1e-6])('are the same in another unit (×%s)', (factor) => {
    const scaled = score(spike.map((value) => value * factor));

    for (const [n, one] of score(spike).entries()) expect(scaled[n]).toBeCloseTo(one, 6);
  });

  it('are the same at another time', () => {
    expect(score(spike, 15, 1.9e9)).toEqual(score(spike));
  });

  it('of plain noise are low: in hours that are like any other, 19 of 20 and more have none', () => {
    let state = 1;
    const random = (): number => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return (state + 0.5) / 2 ** 32;
    };
    const hours = Array.from({ length: 60 }, () =>
      Array.from({ length: 240 }, () => 10 + random() + random() + random() + random()),
    );

    expect(hours.filter((hour) => placesOf(score(hour)).length > 0).length).toBeLessThanOrEqual(3);
  });

  it('pass gaps and what is no number', () => {
    const holed = spike.map((value, n) => (n % 11 === 3 ? null : n % 13 === 5 ? Number.NaN : value));
    const scores = score(holed);

    expect(placesOf(scores)).toEqual([400]);
    expect(scores[3]).toBe(0);
    expect(scores.every((one) => one >= 0 && one <= 1)).toBe(true);
  });

  it('of a still series rise at its first move, of a constant one never', () => {
    const still = Array.from({ length: 300 }, (_, n) => (n >= 200 ? 7 : 5));

    expect(placesOf(score(still))).toEqual([200]);
    expect(placesOf(score(still.map(() => 0)))).toEqual([]);
  });

  it('see a run of ordinary values in an order that never was', () => {
    const beat = Array.from({ length: 600 }, (_, n) => (n % (n >= 400 && n < 440 ? 4 : 20) === 0 ? 20 : 0));

    const scores = score(beat);
    const highest = scores.indexOf(Math.max(...scores));

    expect(highest).toBeGreaterThanOrEqual(400);
    expect(highest).toBeLessThan(440);
    expect(scores[highest]).toBeGreaterThan(1.3 * Math.max(...scores.slice(0, 400)));
  });

  it('see what every day has and this one has not', () => {
    const daily = Array.from({ length: 96 * 12 }, (_, n) => {
      const busy = n % 96 >= 36 && n % 96 < 72;
      return (busy && Math.floor(n / 96) !== 10 ? 100 : 20) + wobble(n);
    });
    const daysOf = placesOf(score(daily, 900)).map((n) => Math.floor(n / 96));

    // The first busy hour of all is news as well.
    expect([...new Set(daysOf)]).toEqual([0, 10]);
  });

  it('of an endless series take bounded time and memory', () => {
    const scorer = new AnomalyScorer();

    for (let n = 0; n < 20_000; n += 1) scorer.add(1.8e9 + n, wobble(n) + (n % 500) / 500);

    expect(scorer.add(1.8e9 + 20_000, 50)).toBeGreaterThan(0.5);
  });
});

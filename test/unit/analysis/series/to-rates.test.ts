import { expect, it } from 'vitest';
import { BadRequest } from '../../../../src/analysis/requests/request.ts';
import { answerSeries } from '../../../../src/analysis/series/answer-series.ts';
import { quantileOfBuckets, toRates } from '../../../../src/analysis/series/to-rates.ts';

it('rates of a counter survive a reset, a gap and uneven times', () => {
  expect(toRates([0, 10, 20, 40, 50, 60], [100, 120, 140, 10, null, 30])).toEqual([
    null,
    2,
    2,
    0.5,
    null,
    null,
  ]);
});

it('a quantile lies in its bucket, and in none where nothing was observed', () => {
  const bounds = [0.1, 0.5, 1, Number.POSITIVE_INFINITY];

  expect(quantileOfBuckets(0.5, bounds, [0, 10, 10, 10])).toBeCloseTo(0.3, 9);
  expect(quantileOfBuckets(0.99, bounds, [0, 0, 0, 10])).toBe(1);
  expect(quantileOfBuckets(0.5, bounds, [0, 0, 0, 0])).toBeNull();
  expect(quantileOfBuckets(0.5, bounds, [0, null, 1, 1])).toBeNull();
});

it('a counter whose pace doubles has a change point there, and none when it is reset', () => {
  const times = Array.from({ length: 120 }, (_, n) => 15 * n);
  let total = 0;
  const values = times.map((_, n) => {
    total = n === 30 ? 0 : total + (n < 80 ? 100 : 200) + (n % 3);
    return total;
  });

  const { changePoints } = answerSeries({ times, values, kind: 'counter' });

  expect(changePoints).toEqual([80]);
});

it.each([
  ['in milliseconds', [1_760_000_000_000, 1_760_000_015_000], 'times[0] is no time in unix seconds'],
  ['that go back', [30, 45, 15], 'times[2] is before times[1]'],
])('times %s are refused, and told where', (_what, times, message) => {
  const ask = () => answerSeries({ times, values: times.map(() => 1) });

  expect(ask).toThrow(BadRequest);
  expect(ask).toThrow(message);
});

it('several values may have one time', () => {
  expect(answerSeries({ times: [15, 15, 30], values: [1, 2, 3] }).scores).toEqual([0, 0, 0]);
});

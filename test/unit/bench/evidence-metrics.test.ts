import { describe, expect, it } from 'vitest';
import { evidence } from '../../../bench/evidence/evidence.ts';
import { groupByDrain } from '../../../bench/evidence/logs/drain-baseline.ts';
import {
  groupingAccuracy,
  groupingF1,
  parsingAccuracy,
} from '../../../bench/evidence/logs/grouping-metrics.ts';
import { readCsv } from '../../../bench/evidence/logs/loghub.ts';
import { probation, scoreAt, sweepThresholds } from '../../../bench/evidence/series/nab-scoring.ts';
import { changePointsByPelt } from '../../../bench/evidence/series/pelt-baseline.ts';
import { changePointF1, covering } from '../../../bench/evidence/series/tcpd.ts';

describe('grouping metrics', () => {
  const truth = ['a', 'a', 'a', 'b', 'b', 'c'];

  it('count lines of groups that are exactly right', () => {
    expect(groupingAccuracy(truth, [7, 7, 7, 8, 8, 9])).toBe(1);
    expect(groupingAccuracy(truth, [7, 7, 1, 8, 8, 9])).toBeCloseTo(3 / 6, 9);
    expect(groupingAccuracy(truth, [7, 7, 7, 8, 8, 8])).toBeCloseTo(3 / 6, 9);
    expect(groupingF1(truth, [7, 7, 7, 8, 8, 8])).toBeCloseTo(2 / 5, 9);
  });

  it('take runs of wildcards for one', () => {
    expect(parsingAccuracy(['a <*> b', 'x'], ['a <*> <*> b', 'y'])).toBe(0.5);
  });
});

describe('NAB', () => {
  const file = {
    file: 'made-up',
    times: Array.from({ length: 100 }, (_, n) => n),
    values: Array.from({ length: 100 }, () => 0),
    windows: [[50, 59]] as [number, number][],
  };
  const at = (...places: number[]): number[] => file.values.map((_, n) => (places.includes(n) ? 1 : 0));

  it('gives 1 for the first value of a window, less for later ones, −1 for none', () => {
    expect(scoreAt(file, at(50), 1)).toBeCloseTo(1, 9);
    expect(scoreAt(file, at(59), 1)).toBeLessThan(0.3);
    expect(scoreAt(file, at(59, 52), 1)).toBe(scoreAt(file, at(52), 1));
    expect(scoreAt(file, at(), 1)).toBe(-1);
  });

  it('takes up to 0.11 for each false alarm, less right behind a window, nothing in probation', () => {
    expect(scoreAt(file, at(50, 40), 1)).toBeCloseTo(1 - 0.11, 9);
    expect(scoreAt(file, at(50, 99), 1)).toBeCloseTo(1 - 0.11, 3);
    expect(scoreAt(file, at(50, 60), 1)).toBeGreaterThan(1 - 0.06);
    expect(scoreAt(file, at(50, 14), 1)).toBeCloseTo(1, 9);
    expect([probation(100), probation(100_000)]).toEqual([15, 750]);
  });

  it('is 0 for silence, 100 for perfection, at one threshold for all files', () => {
    expect(sweepThresholds([file], [at()]).score).toBe(0);
    expect(sweepThresholds([file, file], [at(50), at(50).map((one) => one / 2)]).score).toBeCloseTo(100, 9);
  });
});

describe('change point metrics', () => {
  const values = Array.from({ length: 100 }, (_, n) => (n < 40 ? 0 : 9) + (n % 3) / 9);
  const series = { name: 'made-up', values, annotations: [[40], []] };

  it('mean over people', () => {
    expect(covering(series, [40])).toBeCloseTo((1 + 0.6) / 2, 9);
    expect(covering(series, [])).toBeCloseTo((0.6 * 0.6 + 0.4 * 0.4 + 1) / 2, 1);
    expect(changePointF1(series, [43])).toBe(1);
    expect(changePointF1(series, [60])).toBeCloseTo((2 * 0.5 * 0.75) / 1.25, 9);
  });

  it('PELT finds a step', () => {
    expect(changePointsByPelt(values)).toEqual([40]);
  });
});

it('Drain groups lines that differ in numbers', () => {
  expect(groupByDrain(['sent 3 to 10.0.0.1', 'sent 44 to 10.0.0.9', 'left early today'])).toEqual([1, 1, 2]);
});

it('labels are read with their quotes', () => {
  expect(readCsv('a,b\n"x, ""y""",2\n')).toEqual([
    ['a', 'b'],
    ['x, "y"', '2'],
  ]);
});

it('a data set that is not there is a row that is not ok and names its folder', async () => {
  const figures = await evidence.run({
    short: true,
    say: () => undefined,
    data: '/nowhere',
    part: 'anomalies',
  });

  expect(figures).toEqual([expect.objectContaining({ ok: false, target: 'needs /nowhere/nab' })]);
});

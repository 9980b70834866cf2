import { describe, expect, it } from 'vitest';
import { niceTicks } from '../../../../src/adapters/charts/axes.ts';
import { checkChart } from '../../../../src/adapters/charts/check-chart.ts';
import { metricOption, thin } from '../../../../src/adapters/charts/metric-option.ts';
import type { Chart } from '../../../../src/domain/chart.ts';
import { logChart, metricChart, wideGraph } from '../../../support/charts.ts';

const curve = (times: readonly number[], values: readonly (number | null)[]): Chart => ({
  ...metricChart,
  series: [{ name: 'x', times, values }],
});

describe('a chart is refused', () => {
  it.each<[string, Chart, RegExp]>([
    ['without a curve', { ...metricChart, series: [] }, /nothing was measured/i],
    ['of gaps alone', curve([1, 2], [null, null]), /nothing was measured/i],
    ['over decades', curve([0, 1e9, 4e9], [1, 2, 3]), /46296 days/],
    ['of times that are none', curve([Number.NaN, 2], [1, 2]), /time NaN/],
    ['of values without an axis', curve([1, 2], [-1e308, 1e308]), /no place on an axis/],
    ['with such a threshold', { ...metricChart, threshold: Number.POSITIVE_INFINITY }, /no place/],
    ['without bars', { ...logChart, times: [], blamed: [], others: [] }, /no lines/i],
    ['with bars of no length', { ...logChart, stepS: 0 }, /0 s long/],
    ['with more bars than pixels', { ...logChart, times: Array.from({ length: 5000 }, (_, n) => n) }, /5000/],
  ])('%s', (_, chart, reason) => {
    expect(() => checkChart(chart)).toThrow(reason);
    expect(() => checkChart(chart)).toThrow(expect.objectContaining({ code: 'chart_refused' }));
  });

  it('never for what incidents look like', () => {
    for (const chart of [metricChart, logChart, wideGraph(4)]) expect(() => checkChart(chart)).not.toThrow();
  });
});

describe('a long curve', () => {
  const times = Array.from({ length: 200_000 }, (_, n) => n);

  it('is drawn of few points, its extremes and gaps among them', () => {
    const values = times.map((n) => (n === 77_777 ? 50 : n === 111_111 ? -3 : n === 150_001 ? null : 1));

    const points = thin(times.map((time, n) => [time, values[n] ?? null] as const));

    expect(points.length).toBeLessThanOrEqual(2_000);
    expect(points).toEqual(
      expect.arrayContaining([
        [0, 1],
        [77_777, 50],
        [111_111, -3],
        [150_001, null],
        [199_999, 1],
      ]),
    );
    expect(points.map(([time]) => time)).toEqual(points.map(([time]) => time).toSorted((a, b) => a - b));
  });

  it('stays thin in the picture', () => {
    const long = { ...metricChart, onset: null, series: [{ name: 'x', times, values: times }] };

    const drawn = metricOption(long, (text, { px }) => (text.length * px) / 2).series;

    expect(drawn.reduce((sum, one) => sum + one.data.length, 0)).toBeLessThanOrEqual(2_000);
  });

  it('keeps the axis to a few steps, whatever the values', () => {
    for (const values of [[0, 5e-324], [-1e-18, 1e18], [1e-9]])
      expect(niceTicks(values, 0).length).toBeLessThanOrEqual(12);
  });
});

import { quantileOfBuckets } from '../../analysis/series/to-rates.ts';
import type { Series } from '../../ports/metric-source.ts';

export interface Chart {
  readonly times: readonly number[];
  readonly values: readonly (number | null)[];
}

/** A counter as what it grew by at each step; after a reset it grew by what it shows. */
export function increments(series: Series): Series {
  const values: (number | null)[] = [];
  let last: number | null = null;
  for (const value of series.values) {
    if (value === null) {
      values.push(null);
      continue;
    }
    // A first value is not growth within the window.
    values.push(last === null ? 0 : value >= last ? value - last : value);
    last = value;
  }
  return { ...series, values };
}

export function totalOf(series: readonly Series[], onset: number, side: 'before' | 'after'): number {
  let total = 0;
  for (const one of series)
    for (const [index, time] of one.times.entries())
      if (time <= onset === (side === 'before')) total += one.values[index] ?? 0;
  return total;
}

/** Sum of some series over the sum of others at each time; the sum itself when there are no others. */
export function shareSeries(part: readonly Series[], whole: readonly Series[] | null): Chart {
  const top = sumByTime(part);
  if (whole === null) return { times: [...top.keys()], values: [...top.values()] };
  const bottom = sumByTime(whole);
  const times = [...bottom.keys()].toSorted((a, b) => a - b);
  return {
    times,
    values: times.map((time) => {
      const total = bottom.get(time) ?? 0;
      return total === 0 ? null : (top.get(time) ?? 0) / total;
    }),
  };
}

export function meanSeries(sums: readonly Series[], counts: readonly Series[]): Chart {
  return shareSeries(sums, counts);
}

export function splitAt(chart: Chart, onset: number): { before: number[]; after: number[] } {
  const before: number[] = [];
  const after: number[] = [];
  for (const [index, time] of chart.times.entries()) {
    const value = chart.values[index];
    if (value === null || value === undefined) continue;
    (time <= onset ? before : after).push(value);
  }
  return { before, after };
}

/** Quantile of a histogram's growth on one side; null without observations. */
export function quantileOf(
  buckets: readonly Series[],
  onset: number,
  side: 'before' | 'after',
  share: number,
): number | null {
  const totals = buckets
    .map((series) => ({ le: Number(series.labels['le']), count: totalOf([series], onset, side) }))
    .map((bucket) => ({ ...bucket, le: Number.isNaN(bucket.le) ? Number.POSITIVE_INFINITY : bucket.le }))
    .toSorted((a, b) => a.le - b.le);
  return quantileOfBuckets(
    share,
    totals.map((one) => one.le),
    totals.map((one) => one.count),
  );
}

function sumByTime(series: readonly Series[]): Map<number, number> {
  const sums = new Map<number, number>();
  for (const one of series)
    for (const [index, time] of one.times.entries())
      sums.set(time, (sums.get(time) ?? 0) + (one.values[index] ?? 0));
  return new Map([...sums].toSorted(([a], [b]) => a - b));
}

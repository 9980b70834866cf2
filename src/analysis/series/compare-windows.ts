import { mean, median, quantile, saturate, spread } from './robust-statistics.ts';

export interface WindowChange {
  readonly before: number;
  readonly after: number;
  /** `after / before`; null where before is zero. */
  readonly ratio: number | null;
  /** −1 … 1: sign is the direction, size how surely it moved. */
  readonly score: number;
}

/**
 * Compares a metric's values before and after. Multiplying the metric by any factor changes nothing but `before` and
 * `after`: the scale comes from the values themselves, and where the baseline is flat, from its level or the jump.
 * Null when either side has no values.
 */
export function compareWindows(before: readonly number[], after: readonly number[]): WindowChange | null {
  if (before.length === 0 || after.length === 0) return null;
  const was = median(before);
  const is = median(after);
  const shift = is - was;
  const level = Math.max(Math.abs(was), Math.abs(is));
  const scale = Math.max(
    spread(before),
    (quantile(before, 0.9) - quantile(before, 0.1)) / 2.56,
    0.08 * level,
    Number.MIN_VALUE,
  );
  const certainty = Math.min(1, Math.sqrt(Math.min(before.length, after.length) / 4));
  const score = Math.sign(shift) * saturate(Math.abs(shift) / scale, 3) * certainty;
  return { before: was, after: is, ratio: was === 0 ? null : is / was, score };
}

/**
 * For values of which only some moved (request durations): the share of the later values above what one in twenty
 * earlier ones exceeded. 0.05 means unchanged.
 */
export function exceedance(before: readonly number[], after: readonly number[]): number {
  if (before.length === 0 || after.length === 0) return 0;
  const bar = quantile(before, 0.95) * 1.15;
  return after.filter((value) => value > bar).length / after.length;
}

/** Growth that goes on: 0 for level or noise, towards 1 for a steady climb that is large against the level. */
export function climb(values: readonly number[]): { score: number; from: number; to: number } {
  if (values.length < 6) return { score: 0, from: values[0] ?? 0, to: values.at(-1) ?? 0 };
  const third = Math.max(2, Math.floor(values.length / 3));
  const from = median(values.slice(0, third));
  const middle = mean(values.slice(third, -third));
  const to = median(values.slice(-third));
  const steady = to > from && middle >= from && middle <= to * 1.02;
  const growth = (to - from) / Math.max(Math.abs(from), Number.MIN_VALUE);
  return { score: steady ? saturate(growth, 0.4) : 0, from, to };
}

/** Value below which `share` (0–1) of the values lie, interpolated; NaN for none. */
export function quantile(values: readonly number[], share: number): number {
  if (values.length === 0) return Number.NaN;
  const sorted = values.toSorted((a, b) => a - b);
  const place = (sorted.length - 1) * share;
  const low = sorted[Math.floor(place)] ?? Number.NaN;
  const high = sorted[Math.ceil(place)] ?? low;
  return low + (high - low) * (place - Math.floor(place));
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

export function mean(values: readonly number[]): number {
  if (values.length === 0) return Number.NaN;
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

/** Median distance from the median, scaled to a standard deviation. */
export function spread(values: readonly number[]): number {
  const centre = median(values);
  return 1.4826 * median(values.map((value) => Math.abs(value - centre)));
}

/**
 * How surely a share rose: 0 when it did not, towards 1 as chance gets unlikely. Half a count is added on each side, so
 * a baseline of zero out of few is not taken for "never".
 */
export function riseOfShare(
  before: { hits: number; total: number },
  after: { hits: number; total: number },
): number {
  if (after.total === 0 || after.hits === 0) return 0;
  const p0 = (before.hits + 0.5) / (before.total + 1);
  const p1 = (after.hits + 0.5) / (after.total + 1);
  if (p1 <= p0) return 0;
  const pooled = (before.hits + after.hits + 1) / (before.total + after.total + 2);
  const error = Math.sqrt(pooled * (1 - pooled) * (1 / (before.total + 1) + 1 / (after.total + 1)));
  return saturate((p1 - p0) / error, 4);
}

/** Maps 0 … ∞ to 0 … 1; `half` maps to one half. */
export function saturate(value: number, half: number): number {
  return value <= 0 || Number.isNaN(value) ? 0 : value / (value + half);
}

/**
 * A counter as its rise a second since the value before. A counter that fell was reset and has risen from zero. The
 * first value, and one after a gap, has no rate: null.
 */
export function toRates(times: readonly number[], values: readonly (number | null)[]): (number | null)[] {
  return values.map((value, index) => {
    const before = values[index - 1];
    const seconds = (times[index] ?? 0) - (times[index - 1] ?? 0);
    if (index === 0 || !isKnown(value) || !isKnown(before) || seconds <= 0) return null;
    return (value < before ? value : value - before) / seconds;
  });
}

/**
 * A quantile of a cumulative histogram at one moment, from the rates of its buckets; interpolated as Prometheus does.
 * Null where nothing was observed, or a bucket is missing.
 * @param bounds upper bounds, ascending, the last one infinite
 */
export function quantileOfBuckets(
  share: number,
  bounds: readonly number[],
  rates: readonly (number | null)[],
): number | null {
  const total = rates.at(-1);
  if (!isKnown(total) || total <= 0 || rates.some((rate) => !isKnown(rate))) return null;
  const wanted = share * total;
  const place = rates.findIndex((rate) => (rate ?? 0) >= wanted);
  const upper = bounds[place] ?? Number.NaN;
  const lower = place > 0 ? (bounds[place - 1] ?? 0) : 0;
  if (upper === Number.POSITIVE_INFINITY) return lower;
  const below = place > 0 ? (rates[place - 1] ?? 0) : 0;
  const inside = (rates[place] ?? 0) - below;
  return inside <= 0 ? upper : lower + ((upper - lower) * (wanted - below)) / inside;
}

function isKnown(value: number | null | undefined): value is number {
  return value !== null && value !== undefined && Number.isFinite(value);
}

import { median, saturate, spread } from './robust-statistics.ts';

export interface ChangePoint {
  readonly index: number;
  readonly time: number;
  readonly before: number;
  readonly after: number;
  /** 0–1, how clear the step is. */
  readonly score: number;
}

/**
 * The clearest step in a series: the split whose two sides differ most for their spread. Null when nothing stands out.
 * Does not depend on the unit of the values.
 * @param times ascending, any unit
 * @param least points needed on each side
 */
export function findChangePoint(
  times: readonly number[],
  values: readonly (number | null)[],
  least = 4,
): ChangePoint | null {
  const known = times.flatMap((time, index) => {
    const value = values[index];
    return value === null || value === undefined ? [] : [{ index, time, value }];
  });
  const numbers = known.map((point) => point.value);
  const range =
    numbers.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY) -
    numbers.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
  if (known.length < 2 * least || !(range > 0)) return null;

  const total = numbers.reduce((sum, value) => sum + value, 0);
  const centre = total / numbers.length;
  const totalError = numbers.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  let best: { split: number; gain: number } | null = null;
  let left = 0;
  for (let split = 1; split < numbers.length; split += 1) {
    left += numbers[split - 1] ?? 0;
    if (split < least || numbers.length - split < least) continue;
    const rest = numbers.length - split;
    const gap = left / split - (total - left) / rest;
    const gain = (gap * gap * split * rest) / numbers.length / totalError;
    if (best === null || gain > best.gain) best = { split, gain };
  }
  if (best === null) return null;

  const before = numbers.slice(0, best.split);
  const after = numbers.slice(best.split);
  const step = Math.abs(median(after) - median(before));
  const noise = Math.max(spread(before), spread(after), 0.02 * range);
  const score = saturate(step / noise, 2) * Math.min(1, best.gain * 2);
  const onset = firstDeparture(numbers, best.split, median(before), median(after));
  const point = known[onset];
  if (score < 0.5 || point === undefined) return null;
  return { index: point.index, time: point.time, before: median(before), after: median(after), score };
}

/** Smoothed series (rates over a window) ramp up: walk back from the split to where the ramp leaves the baseline. */
function firstDeparture(values: readonly number[], split: number, before: number, after: number): number {
  const bar = before + (after - before) * 0.15;
  const rising = after > before;
  let onset = split;
  while (onset > 0) {
    const value = values[onset - 1];
    if (value === undefined || (rising ? value <= bar : value >= bar)) break;
    onset -= 1;
  }
  return onset;
}

/**
 * Online: where a stream of counts (errors a second) leaves what was normal and stays out. One pass with constant
 * memory: a cumulative sum against a slowly learnt baseline.
 */
export function findOnset(times: readonly number[], counts: readonly number[]): number | null {
  let normal = 0;
  let seen = 0;
  let sum = 0;
  let candidate: number | null = null;
  for (const [index, count] of counts.entries()) {
    const slack = 0.5 + Math.sqrt(normal + 0.25);
    sum = Math.max(0, sum + count - normal - slack);
    if (sum === 0) {
      candidate = null;
      seen += 1;
      normal += (count - normal) / Math.min(seen, 30);
    } else {
      candidate ??= times[index] ?? null;
    }
  }
  return sum > 3 * (0.5 + Math.sqrt(normal + 0.25)) ? candidate : null;
}

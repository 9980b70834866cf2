import { toRates } from '../series/to-rates.ts';
import type { IncidentMetric } from './incident-input.ts';

/** Names that exporters give to what only counts up. */
const countersName = /_(?:total|count|sum|bucket)$/;
/** A fall to less than this share of the value before is a reset. */
const resetBelow = 0.25;
/** Rises for each reset, at least: more resets are the ups and downs of something else. */
const risesForReset = 4;
/** By its values alone a series is a counter from this many on. */
const leastValues = 12;
const parts = 4;

export interface Point {
  /** Unix seconds. */
  readonly time: number;
  readonly value: number | null;
}

/**
 * Whether a series counts up, so that its pace is what tells something: as its `kind` says, else by its name or its values.
 * A name alone does not make one where the values fall: many store the rate of a counter under the counter's name.
 * @param points in the order of time
 * @param ordinary whether a time is outside the incident, in which a counter may stand still
 */
export function isCounter(
  series: Pick<IncidentMetric, 'metric' | 'kind'>,
  points: readonly Point[],
  ordinary: (time: number) => boolean,
): boolean {
  if (series.kind != null) return series.kind === 'counter';
  const known = points.filter(isKnown);
  let rises = 0;
  let resets = 0;
  for (const [index, { value }] of known.entries()) {
    const before = known[index - 1]?.value ?? value;
    if (value < 0) return false;
    if (value > before) rises += 1;
    if (value >= before) continue;
    if (value > resetBelow * before) return false;
    resets += 1;
  }
  // What rose once may as well be a gauge that was set to something else.
  if (rises < 2 || rises < risesForReset * resets) return false;
  return countersName.test(series.metric) || growsThroughout(known.filter(({ time }) => ordinary(time)));
}

/** In each part of the time more values rise than stand still: a gauge that was set to a new level has long rests. */
function growsThroughout(known: readonly { readonly value: number }[]): boolean {
  if (known.length < leastValues) return false;
  const size = known.length / parts;
  return Array.from({ length: parts }, (_, part) => {
    const values = known.slice(Math.floor(part * size), Math.floor((part + 1) * size));
    const rising = values.filter(
      ({ value }, index) => index > 0 && value > (values[index - 1]?.value ?? value),
    );
    return 2 * rising.length > values.length - 1;
  }).every(Boolean);
}

/** Its rise a second since the value before, over gaps as well; without the first, which has none. */
export function ratesOf(points: readonly Point[]): readonly Point[] {
  const known = points.filter(isKnown);
  const rates = toRates(
    known.map(({ time }) => time),
    known.map(({ value }) => value),
  );
  const rateAt = new Map(known.map((point, index): [Point, number | null] => [point, rates[index] ?? null]));
  return points
    .filter((point) => point !== known[0])
    .map((point) => ({ time: point.time, value: rateAt.get(point) ?? null }));
}

function isKnown(point: Point): point is Point & { readonly value: number } {
  return point.value !== null && Number.isFinite(point.value);
}

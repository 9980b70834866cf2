import { findChangePoints } from '../../analysis/series/find-change-points.ts';
import { median } from '../../analysis/series/robust-statistics.ts';

/** When a metric left its level, and by how much. */
export interface DatedChange {
  readonly at: Date;
  readonly before: number;
  readonly after: number;
}

/** A change this long before the onset that the incident has is another story. */
const leadS = 60;

/** The largest change of a series since the trouble began, with its usual values before and after; null where none is clear. */
export function dateChange(
  series: { readonly times: readonly number[]; readonly values: readonly (number | null)[] },
  onset: Date,
): DatedChange | null {
  const from = onset.getTime() / 1000 - leadS;
  const [largest] = findChangePoints(series.times, series.values)
    .filter((change) => change.time >= from)
    .toSorted((a, b) => Math.abs(b.after - b.before) - Math.abs(a.after - a.before));
  if (largest === undefined) return null;
  const known = (values: readonly (number | null)[]) => values.filter((value) => value !== null);
  return {
    at: new Date(largest.time * 1000),
    before: median(known(series.values.slice(0, largest.index))),
    // A mean over requests that are still waited for climbs for a while: the whole of what followed counts.
    after: median(known(series.values.slice(largest.index))),
  };
}

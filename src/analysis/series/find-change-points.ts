import { muteOutliers } from './mute-outliers.ts';
import { removeSeason } from './remove-season.ts';

/** Least values in a segment: fewer are an outlier, no new regime. */
const leastLength = 5;
/** In log n: a segment's place, level and doubt; people see fewer changes than statistics alone would. */
const segmentPrice = 4;
/** In log n: that a segment has a slope. */
const slopePrice = 1;
/** Beyond these, values are averaged in blocks first. */
const mostValues = 3000;

export interface SegmentChange {
  /** Index of the first value of the new regime. */
  readonly index: number;
  /** Unix seconds, or whatever the times are in. */
  readonly time: number;
  /** Level or slope at the end of the old regime, and at the beginning of the new one. */
  readonly before: number;
  readonly after: number;
}

/**
 * All changes of level or trend in a whole series: the segments, each flat or a line, that explain it best, each at a
 * price. What is to be explained is the scatter about one line through all, so neither the unit nor a steady trend
 * matters. Gaps are left out.
 * @param times ascending
 */
export function findChangePoints(
  times: readonly number[],
  values: readonly (number | null)[],
): SegmentChange[] {
  const places: number[] = [];
  const known: number[] = [];
  for (const [index, value] of values.entries()) {
    if (value === null || !Number.isFinite(value)) continue;
    places.push(index);
    known.push(value);
  }
  const calm = muteOutliers(known);
  const block = Math.ceil(known.length / mostValues);
  const edges = new Segments(removeSeason(block === 1 ? calm : averageBlocks(calm, block)))
    .split()
    .map((edge) => edge * block);
  const exact = block === 1 ? edges : edges.map((edge) => refine(calm, edge, block));
  const fit = new Segments(calm);
  return exact.map((edge, place) => {
    const index = places[edge] ?? 0;
    return {
      index,
      time: times[index] ?? Number.NaN,
      before: fit.valueAt(exact[place - 1] ?? 0, edge, edge - 1),
      after: fit.valueAt(edge, exact[place + 1] ?? known.length, edge),
    };
  });
}

/** Sums that tell the cost of any segment at once. */
class Segments {
  private readonly length: number;
  private readonly centre: number;
  private readonly scale: number;
  private readonly sums: Float64Array;
  private readonly squares: Float64Array;
  private readonly moments: Float64Array;

  constructor(values: readonly number[]) {
    this.length = values.length;
    let mean = 0;
    for (const [i, value] of values.entries()) mean += (value - mean) / (i + 1);
    let largest = 0;
    for (const value of values) largest = Math.max(largest, Math.abs(value - mean));
    this.centre = mean;
    this.scale = largest === 0 ? 1 : largest;
    this.sums = new Float64Array(this.length + 1);
    this.squares = new Float64Array(this.length + 1);
    this.moments = new Float64Array(this.length + 1);
    for (const [i, value] of values.entries()) {
      const scaled = (value - mean) / this.scale;
      this.sums[i + 1] = (this.sums[i] ?? 0) + scaled;
      this.squares[i + 1] = (this.squares[i] ?? 0) + scaled * scaled;
      this.moments[i + 1] = (this.moments[i] ?? 0) + i * scaled;
    }
  }

  /** First indexes of all segments but the first. */
  split(): number[] {
    const n = this.length;
    if (n < 2 * leastLength) return [];
    const unit = this.lineCost(0, n) / n;
    // What is a line to the precision of its numbers has nothing left to explain.
    if (!(unit > 1e-12)) return [];
    const price = segmentPrice * Math.log(n);
    const forSlope = slopePrice * Math.log(n);
    const best = new Float64Array(n + 1).fill(Number.POSITIVE_INFINITY);
    const last = new Int32Array(n + 1);
    best[0] = -price;
    let open = [0];
    for (let to = leastLength; to <= n; to += 1) {
      const sofar: number[] = [];
      for (const from of open) {
        const flat = this.flatCost(from, to) / unit;
        const cost = (best[from] ?? 0) + Math.min(flat, this.lineCost(from, to) / unit + forSlope);
        sofar.push(cost);
        if (cost + price < (best[to] ?? 0)) {
          best[to] = cost + price;
          last[to] = from;
        }
      }
      // A beginning that is worse by more than a slope could ever win back is never the best again (PELT).
      const bar = (best[to] ?? 0) + forSlope;
      open = open.filter((_, place) => (sofar[place] ?? 0) <= bar);
      const next = to + 1 - leastLength;
      if (next >= leastLength) open.push(next);
    }
    const edges: number[] = [];
    for (let place = last[n] ?? 0; place > 0; place = last[place] ?? 0) edges.unshift(place);
    return edges;
  }

  /** What the segment's own model says of one of its places. */
  valueAt(from: number, to: number, place: number): number {
    const count = to - from;
    const { sum, covariance, variance } = this.moment(from, to);
    const flat = sum / count;
    const slope = count < leastLength || variance === 0 ? 0 : covariance / variance;
    const gain = slope * covariance;
    const worth = gain > (slopePrice * Math.log(this.length) * this.flatCost(from, to)) / count;
    const scaled = worth ? flat + slope * (place - (from + to - 1) / 2) : flat;
    return this.centre + this.scale * scaled;
  }

  private flatCost(from: number, to: number): number {
    const sum = (this.sums[to] ?? 0) - (this.sums[from] ?? 0);
    return Math.max(0, (this.squares[to] ?? 0) - (this.squares[from] ?? 0) - (sum * sum) / (to - from));
  }

  private lineCost(from: number, to: number): number {
    const { covariance, variance } = this.moment(from, to);
    const flat = this.flatCost(from, to);
    return variance === 0 ? flat : Math.max(0, flat - (covariance * covariance) / variance);
  }

  private moment(from: number, to: number): { sum: number; covariance: number; variance: number } {
    const count = to - from;
    const sum = (this.sums[to] ?? 0) - (this.sums[from] ?? 0);
    const moment = (this.moments[to] ?? 0) - (this.moments[from] ?? 0);
    return {
      sum,
      covariance: moment - ((from + to - 1) / 2) * sum,
      variance: (count * (count * count - 1)) / 12,
    };
  }
}

function averageBlocks(values: readonly number[], block: number): number[] {
  return Array.from({ length: Math.floor(values.length / block) }, (_, place) => {
    let sum = 0;
    for (let i = 0; i < block; i += 1) sum += values[place * block + i] ?? 0;
    return sum / block;
  });
}

/** The step near a block's edge, where the means on both sides differ most. */
function refine(values: readonly number[], edge: number, block: number): number {
  const from = Math.max(0, edge - 4 * block);
  const near = values.slice(from, edge + 4 * block);
  const total = near.reduce((sum, value) => sum + value, 0);
  let left = 0;
  let best = edge;
  let widest = -1;
  for (let split = 1; split < near.length; split += 1) {
    left += near[split - 1] ?? 0;
    const rest = near.length - split;
    const gap = left / split - (total - left) / rest;
    const gain = gap * gap * split * rest;
    if (gain > widest && Math.abs(from + split - edge) <= 2 * block) {
      widest = gain;
      best = from + split;
    }
  }
  return best;
}

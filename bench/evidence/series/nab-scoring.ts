import type { LabelledSeries } from './nab.ts';

/** NAB's standard profile. */
const falsePositive = 0.11;
const missed = 1;

/** Points at the beginning that are not scored: 15 %, at most 750. */
export function probation(points: number): number {
  return Math.floor(Math.min(0.15 * points, 750));
}

interface ScoredPoint {
  readonly score: number;
  /** What a detection here is worth. */
  readonly worth: number;
  /** Which window of all files it lies in; null outside. */
  readonly window: number | null;
}

/** Sum over the files at one threshold, as NAB sweeps it: of each window the best detection counts. */
export interface Sweep {
  /** 0 for a detector that says nothing, 100 for a perfect one. */
  readonly score: number;
  readonly threshold: number;
}

/** The score at the threshold that is best for all files together. */
export function sweepThresholds(
  files: readonly LabelledSeries[],
  scores: readonly (readonly number[])[],
): Sweep {
  const windows = files.reduce((sum, file) => sum + file.windows.length, 0);
  let offset = 0;
  const points: ScoredPoint[] = files
    .flatMap((file, index) => {
      const scored = worthOf(file, scores[index] ?? [], offset);
      offset += file.windows.length;
      return scored;
    })
    .toSorted((a, b) => b.score - a.score);
  const best = new Map<number, number>();
  let sum = -missed * windows;
  let top: Sweep = { score: 0, threshold: Number.POSITIVE_INFINITY };
  for (const [place, point] of points.entries()) {
    if (point.window === null) sum += point.worth;
    else {
      const known = best.get(point.window) ?? -missed;
      if (point.worth > known) {
        best.set(point.window, point.worth);
        sum += point.worth - known;
      }
    }
    if (points[place + 1]?.score === point.score) continue;
    const score = (100 * (sum + windows)) / (2 * windows);
    if (score > top.score) top = { score, threshold: point.score };
  }
  return top;
}

/** What one file adds at a threshold: −1 for each missed window, up to 1 for each found early. */
export function scoreAt(file: LabelledSeries, scores: readonly number[], threshold: number): number {
  const best = new Map<number, number>();
  let sum = 0;
  for (const point of worthOf(file, scores, 0)) {
    if (point.score < threshold) continue;
    if (point.window === null) sum += point.worth;
    else best.set(point.window, Math.max(point.worth, best.get(point.window) ?? -missed));
  }
  for (const place of file.windows.keys()) sum += best.get(place) ?? -missed;
  return sum;
}

function worthOf(file: LabelledSeries, scores: readonly number[], offset: number): ScoredPoint[] {
  const points: ScoredPoint[] = [];
  const first = probation(file.values.length);
  let next = 0;
  let previous: readonly [number, number] | null = null;
  for (let i = 0; i < file.values.length; i += 1) {
    const window = file.windows[next];
    const inside = window !== undefined && i >= window[0];
    const worth = inside
      ? sigmoid(-(window[1] - i + 1) / (window[1] - window[0] + 1)) / sigmoid(-1)
      : falsePositive * (previous === null ? -1 : sigmoid((i - previous[1]) / (previous[1] - previous[0])));
    if (i >= first) points.push({ score: scores[i] ?? 0, worth, window: inside ? offset + next : null });
    if (inside && i === window[1]) {
      previous = window;
      next += 1;
    }
  }
  return points;
}

function sigmoid(place: number): number {
  return place > 3 ? -1 : 2 / (1 + Math.exp(5 * place)) - 1;
}

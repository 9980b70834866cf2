import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

export interface AnnotatedSeries {
  readonly name: string;
  /** null is a gap. */
  readonly values: readonly (number | null)[];
  /** Change points that each person marked. */
  readonly annotations: readonly (readonly number[])[];
}

export async function readTcpd(folder: string): Promise<AnnotatedSeries[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.json')).toSorted();
  return Promise.all(
    files.map(async (file) => {
      const read = JSON.parse(await readFile(path.join(folder, file), 'utf8')) as {
        name: string;
        /** A list for each dimension; the open ones have one. */
        series: [(number | null)[]];
        annotations: Record<string, number[]>;
      };
      return { name: read.name, values: read.series[0], annotations: Object.values(read.annotations) };
    }),
  );
}

/** How well the segments that people saw are covered by those predicted; mean over people. */
export function covering(series: AnnotatedSeries, predicted: readonly number[]): number {
  const length = series.values.length;
  const found = segments(predicted, length);
  const scores = series.annotations.map((marked) => {
    let sum = 0;
    for (const [from, to] of segments(marked, length)) {
      let best = 0;
      for (const [start, end] of found) {
        const shared = Math.min(to, end) - Math.max(from, start);
        if (shared > 0) best = Math.max(best, shared / (Math.max(to, end) - Math.min(from, start)));
      }
      sum += (to - from) * best;
    }
    return sum / length;
  });
  return scores.reduce((sum, score) => sum + score, 0) / scores.length;
}

const margin = 5;

/** Precision against what anybody marked, recall as the mean over people; the beginning counts as marked by all. */
export function changePointF1(series: AnnotatedSeries, predicted: readonly number[]): number {
  const found = [...new Set([0, ...predicted])];
  const people = series.annotations.map((marked) => [...new Set([0, ...marked])]);
  const anybody = [...new Set(people.flat())];
  const precision = matches(anybody, found) / found.length;
  const recall =
    people.reduce((sum, marked) => sum + matches(marked, found) / marked.length, 0) / people.length;
  return (2 * precision * recall) / (precision + recall);
}

/** Marked points that a found one lies near, each found one used once. */
function matches(marked: readonly number[], found: readonly number[]): number {
  const left = new Set(found);
  let count = 0;
  for (const point of marked.toSorted((a, b) => a - b)) {
    const near = [...left]
      .filter((one) => Math.abs(one - point) <= margin)
      .toSorted((a, b) => Math.abs(a - point) - Math.abs(b - point));
    const [closest] = near;
    if (closest === undefined) continue;
    left.delete(closest);
    count += 1;
  }
  return count;
}

function segments(points: readonly number[], length: number): [number, number][] {
  const edges = [...new Set([0, ...points.filter((point) => point > 0 && point < length), length])].toSorted(
    (a, b) => a - b,
  );
  return edges.slice(1).map((edge, index) => [edges[index] ?? 0, edge]);
}

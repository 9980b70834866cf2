import type { IncidentInput, IncidentMetric } from '../../../src/analysis/ranking/incident-input.ts';

/** Services by the largest distance of any metric's mean from that before, in standard deviations; 1 where those are 0. */
export function rankByLargestZ(input: IncidentInput): string[] {
  return rankBy(input, (series) => {
    const { before, after } = sides(series, input.incidentAt);
    if (before.length === 0 || after.length === 0) return 0;
    const centre = meanOf(before);
    const deviation = Math.sqrt(meanOf(before.map((value) => (value - centre) ** 2))) || 1;
    return Math.abs(meanOf(after) - centre) / deviation;
  });
}

/** Of the variants tried (mean or largest value, thresholds, ways with flat series) the one that is best on PetShop. */
const anomalousFrom = 8;
const flat = 1e-9;

/** From the service that people feel down every call to those that are anomalous too; where it goes no further, it is. */
export function rankByTraversal(input: IncidentInput): string[] {
  const scores = scoresBy(input, (series) => {
    if (input.symptom?.metric != null && series.metric !== `${input.symptom.metric} Average`) return 0;
    const { before, after } = sides(series, input.incidentAt);
    if (before.length === 0 || after.length === 0) return 0;
    const centre = medianOf(before);
    const spread = 1.4826 * medianOf(before.map((value) => Math.abs(value - centre))) || flat;
    return Math.max(...after.map((value) => Math.abs(value - centre) / spread));
  });
  const anomalous = (service: string): boolean => (scores.get(service) ?? 0) > anomalousFrom;
  const ends = new Set<string>();
  const seen = new Set<string>();
  const queue = input.symptom ? [input.symptom.service] : [...scores.keys()];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    const below = (input.graph ?? []).flatMap(([caller, callee]) =>
      caller === next && anomalous(callee) ? [callee] : [],
    );
    if (below.length === 0) ends.add(next);
    queue.push(...below);
  }
  const order = (list: Iterable<string>): string[] =>
    [...list].toSorted((a, b) => (scores.get(b) ?? 0) - (scores.get(a) ?? 0));
  return [...order(ends), ...order([...scores.keys()].filter((service) => !ends.has(service)))];
}

function rankBy(input: IncidentInput, score: (series: IncidentMetric) => number): string[] {
  return [...scoresBy(input, score)].toSorted((a, b) => b[1] - a[1]).map(([service]) => service);
}

function scoresBy(input: IncidentInput, score: (series: IncidentMetric) => number): Map<string, number> {
  const best = new Map<string, number>();
  for (const series of input.metrics ?? [])
    best.set(series.service, Math.max(best.get(series.service) ?? 0, score(series)));
  return best;
}

function sides(series: IncidentMetric, at: number): { before: number[]; after: number[] } {
  const pick = (wanted: (time: number) => boolean): number[] =>
    series.times.flatMap((time, index) => {
      const value = series.values[index];
      return value !== null && value !== undefined && wanted(time) ? [value] : [];
    });
  return { before: pick((time) => time < at), after: pick((time) => time >= at) };
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

import type { Figure } from '../../benchmark.ts';
import { mean, round } from '../part.ts';

/** What was said of the first of a ranking, and whether it was right; in a quiet window nothing is. */
export interface Confidence {
  readonly said: number;
  readonly right: boolean;
}

const bins = 5;

/** Brier score, beside that of always saying how often the first is right, and the mean distance of saying and being right. */
export function judgeConfidence(set: string, list: readonly Confidence[]): Figure[] {
  const brier = (said: (one: Confidence) => number): number =>
    mean(list.map((one) => (said(one) - (one.right ? 1 : 0)) ** 2));
  const rate = mean(list.map((one) => (one.right ? 1 : 0)));
  const [own, constant] = [brier((one) => one.said), brier(() => rate)];
  const groups = [...Map.groupBy(list, (one) => Math.min(bins - 1, Math.floor(one.said * bins))).values()];
  const error = groups.reduce(
    (sum, group) =>
      sum +
      (group.length / list.length) *
        Math.abs(mean(group.map((one) => one.said)) - mean(group.map((one) => (one.right ? 1 : 0)))),
    0,
  );
  return [
    {
      metric: `${set}-confidence-brier`,
      value: round(own),
      unit: 'squared distance, 0 is best',
      against: 'always saying how often the first is right',
      againstValue: round(constant),
      ratio: round(own / constant),
      target: `below that, over ${list.length} incidents and quiet windows`,
      ok: own < constant,
    },
    {
      metric: `${set}-confidence-ece`,
      value: round(error),
      unit: 'distance of said and right',
      target: `at most 0.1 in ${bins} bins`,
      ok: error <= 0.1,
    },
  ];
}

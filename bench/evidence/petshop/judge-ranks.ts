import type { Figure } from '../../benchmark.ts';
import { atLeast, bootstrap, mean, round } from '../part.ts';

/** Place of the truth in a ranking from 1 on, ours beside each baseline's. */
export interface RankedCase {
  readonly id: string;
  readonly own: number;
  readonly baselines: Readonly<Record<string, number>>;
}

export function placeOf(ranking: readonly string[], truth: string): number {
  const index = ranking.indexOf(truth);
  return index === -1 ? Number.POSITIVE_INFINITY : index + 1;
}

export const shareWithin =
  (most: number) =>
  (places: readonly number[]): number =>
    mean(places.map((place) => (place <= most ? 1 : 0)));

export const meanReciprocal = (places: readonly number[]): number => mean(places.map((place) => 1 / place));

/** A figure over places with its interval, beside the strongest of the baselines in it. */
export function judgeRanks(
  metric: string,
  cases: readonly RankedCase[],
  figure: (places: readonly number[]) => number,
  floor: number,
): Figure {
  const names = Object.keys(cases[0]?.baselines ?? {});
  const best = names
    .map((name) => ({
      name,
      value: figure(cases.map((one) => one.baselines[name] ?? Number.POSITIVE_INFINITY)),
    }))
    .toSorted((a, b) => b.value - a.value)[0];
  return atLeast({
    metric,
    value: figure(cases.map((one) => one.own)),
    unit: 'share',
    floor,
    against: best?.name ?? 'none',
    againstValue: best?.value ?? Number.NaN,
    interval: bootstrap(cases, (drawn) => figure(drawn.map((one) => one.own))),
  });
}

/** Case by case: in how many the first place is ours alone, in how many a baseline's alone, and whether that is chance. */
export function compareFirsts(set: string, cases: readonly RankedCase[]): Figure[] {
  return Object.keys(cases[0]?.baselines ?? {}).map((name) => {
    const own = cases.filter((one) => one.own === 1 && one.baselines[name] !== 1).length;
    const theirs = cases.filter((one) => one.own !== 1 && one.baselines[name] === 1).length;
    const chance = signTest(own, theirs);
    return {
      metric: `${set}-firsts-against ${name}`,
      value: own,
      unit: 'cases ours alone',
      against: 'cases theirs alone',
      againstValue: theirs,
      target: `told, not judged: by chance in ${round(100 * chance)} % (two-sided sign test)${chance < 0.05 ? '' : ', so no lead is claimed'}`,
      ok: true,
    };
  });
}

function signTest(a: number, b: number): number {
  const all = a + b;
  let tail = 0;
  let ways = 1;
  for (let k = 0; k <= Math.min(a, b); k += 1) {
    tail += ways;
    ways = (ways * (all - k)) / (k + 1);
  }
  return Math.min(1, (2 * tail) / 2 ** all);
}

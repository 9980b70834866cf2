export type TimingVerdict = 'faster' | 'slower' | 'no difference to be seen' | 'too noisy';

export interface TimingComparison {
  readonly verdict: TimingVerdict;
  readonly medianBefore: number;
  readonly medianAfter: number;
  /** Median after / median before. */
  readonly ratio: number;
  /** 95 % by bootstrap. */
  readonly interval: readonly [number, number];
  /** Mann-Whitney, two-sided. */
  readonly p: number;
  readonly runs: readonly [number, number];
}

const fewestRuns = 6;
const resamples = 2_000;
/** An interval wider than this says nothing about a change that matters. */
const widest = 1.5;
const surely = 0.01;
/** Less is no difference that anybody would act on. */
const smallest = 0.02;

/**
 * Whether the second of two variants, run in turn, takes another time than the first. It says so only when the interval of
 * the ratio excludes 1, ranks agree, and the difference is one that matters; the same input gives the same answer.
 */
export function compareTimings(before: readonly number[], after: readonly number[]): TimingComparison {
  const medianBefore = median(before);
  const medianAfter = median(after);
  const ratio = medianBefore === 0 ? 1 : medianAfter / medianBefore;
  const interval = ratioInterval(before, after);
  const p = mannWhitney(before, after);
  const [low, high] = interval;
  const runs = [before.length, after.length] as const;
  const base = { medianBefore, medianAfter, ratio, interval, p, runs };
  if (Math.min(before.length, after.length) < fewestRuns) return { ...base, verdict: 'too noisy' };
  if (p < surely && low > 1 && ratio >= 1 + smallest) return { ...base, verdict: 'slower' };
  if (p < surely && high < 1 && ratio <= 1 - smallest) return { ...base, verdict: 'faster' };
  return { ...base, verdict: high / low > widest ? 'too noisy' : 'no difference to be seen' };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  if (sorted.length === 0) return 0;
  return sorted.length % 2 === 1
    ? (sorted[Math.floor(middle)] ?? 0)
    : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

function ratioInterval(before: readonly number[], after: readonly number[]): readonly [number, number] {
  if (before.length === 0 || after.length === 0) return [0, Number.POSITIVE_INFINITY];
  const random = seeded(before.length * 7919 + after.length);
  const draw = (values: readonly number[]): number =>
    median(values.map(() => values[Math.floor(random() * values.length)] ?? 0));
  const ratios = Array.from({ length: resamples }, () => {
    const base = draw(before);
    return base === 0 ? 1 : draw(after) / base;
  }).sort((a, b) => a - b);
  return [
    ratios[Math.floor(resamples * 0.025)] ?? 0,
    ratios[Math.ceil(resamples * 0.975) - 1] ?? Number.POSITIVE_INFINITY,
  ];
}

/** By the normal approximation with ties and continuity corrected; good from about six values a side. */
export function mannWhitney(a: readonly number[], b: readonly number[]): number {
  const all = [
    ...a.map((value) => ({ value, first: true })),
    ...b.map((value) => ({ value, first: false })),
  ].sort((x, y) => x.value - y.value);
  let rankSum = 0;
  let ties = 0;
  for (let i = 0; i < all.length; ) {
    let end = i;
    while (end < all.length && all[end]?.value === all[i]?.value) end += 1;
    const same = end - i;
    ties += same ** 3 - same;
    for (let k = i; k < end; k += 1) if (all[k]?.first === true) rankSum += (i + 1 + end) / 2;
    i = end;
  }
  const [n, m] = [a.length, b.length];
  const total = n + m;
  const u = rankSum - (n * (n + 1)) / 2;
  const deviation = Math.sqrt(((n * m) / 12) * (total + 1 - ties / (total * (total - 1))));
  if (!(deviation > 0)) return 1;
  const z = Math.max(0, Math.abs(u - (n * m) / 2) - 0.5) / deviation;
  return Math.min(1, 2 * upperTail(z));
}

/** Of the standard normal, Abramowitz and Stegun 26.2.17; wrong by less than 1e-7. */
function upperTail(z: number): number {
  const t = 1 / (1 + 0.2316419 * z);
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
  return (
    density * t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
  );
}

/** mulberry32: the same numbers on every machine. */
export function seeded(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

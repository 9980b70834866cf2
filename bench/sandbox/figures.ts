import { type Figure, quantile } from '../benchmark.ts';

/** Times of two ways, taken in turns so that both have the same weather. */
export interface Pair {
  readonly ours: readonly number[];
  readonly raw: readonly number[];
}

export async function inTurns(
  times: number,
  ours: (turn: number) => Promise<number>,
  raw: (turn: number) => Promise<number>,
): Promise<Pair> {
  const samples = { ours: [] as number[], raw: [] as number[] };
  for (let turn = 0; turn < times; turn += 1) {
    const order = turn % 2 === 0 ? (['ours', 'raw'] as const) : (['raw', 'ours'] as const);
    for (const who of order) samples[who].push(await (who === 'ours' ? ours : raw)(turn));
  }
  return samples;
}

export async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

export function round(value: number): number {
  return Number(value.toPrecision(3));
}

/** Median beside median, the spread in words. */
export function compare(
  metric: string,
  pair: Pair,
  against: string,
  mostRatio: number | null,
  more: { target: string; ok: (ours: number, raw: number) => boolean } | null = null,
): Figure {
  const ours = quantile(pair.ours, 0.5);
  const raw = quantile(pair.raw, 0.5);
  const spread = `p5–p95 ${round(quantile(pair.ours, 0.05))}–${round(quantile(pair.ours, 0.95))} ms, n=${pair.ours.length}`;
  const target = more?.target ?? (mostRatio === null ? 'none' : `at most ${mostRatio} × ${against}`);
  return {
    metric,
    value: round(ours),
    unit: 'ms',
    against,
    againstValue: round(raw),
    ratio: round(ours / raw),
    target: `${target} (${spread})`,
    ok: more === null ? mostRatio === null || ours / raw <= mostRatio : more.ok(ours, raw),
  };
}

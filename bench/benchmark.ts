/** One figure, beside what it is measured against in the same run. */
export interface Figure {
  readonly metric: string;
  readonly value: number;
  readonly unit: string;
  readonly against?: string;
  readonly againstValue?: number;
  /** value / againstValue. */
  readonly ratio?: number;
  /** What must hold, in words. */
  readonly target?: string;
  readonly ok: boolean;
}

export interface BenchmarkOptions {
  /** A small part of everything, to see that it works: figures about amounts are not judged. */
  readonly short: boolean;
  /** Folder of the public data sets, for benchmarks that need them. */
  readonly data?: string;
  /** One part alone, for benchmarks that have parts. */
  readonly part?: string;
  /** A line for who waits. */
  readonly say: (line: string) => void;
}

export interface Benchmark {
  readonly name: string;
  readonly about: string;
  run(options: BenchmarkOptions): Promise<Figure[]>;
}

/** The value below which `share` (0–1) of the samples lie. */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

/** Milliseconds that each of `times` runs took, one after the other. */
export async function clock(times: number, work: (turn: number) => Promise<unknown>): Promise<number[]> {
  const samples: number[] = [];
  for (let turn = 0; turn < times; turn += 1) {
    const began = performance.now();
    await work(turn);
    samples.push(performance.now() - began);
  }
  return samples;
}

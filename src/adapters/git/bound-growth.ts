import { setTimeout as sleep } from 'node:timers/promises';
import { sizeOf } from './evict-mirrors.ts';

const lookEveryMs = 1_000;

/**
 * Does something that makes a folder grow, and ends it when that is more than `mostBytes`: git knows no bound of its own
 * for what it fetches.
 * @param work gets a signal that also ends it then
 * @throws what `tooLarge` makes, and what the work throws
 */
export async function boundGrowth<T>(
  folder: string,
  mostBytes: number,
  tooLarge: () => Error,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
  everyMs: number = lookEveryMs,
): Promise<T> {
  const done = new AbortController();
  const enough = new AbortController();

  async function watch(): Promise<void> {
    const before = await sizeOf(folder, done.signal);
    for (;;) {
      await sleep(everyMs, undefined, { signal: done.signal });
      if ((await sizeOf(folder, done.signal)) - before > mostBytes) enough.abort(tooLarge());
    }
  }

  const watching = watch().catch(() => undefined);
  try {
    return await work(AbortSignal.any([signal, enough.signal]));
  } finally {
    done.abort();
    await watching;
  }
}

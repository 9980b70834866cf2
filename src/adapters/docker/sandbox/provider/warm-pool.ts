import { setTimeout as sleep } from 'node:timers/promises';
import type { Cell } from '../cell.ts';

export interface WarmPoolOptions {
  /** How many wait paused behind the one that runs. */
  readonly paused: number;
  /** Without a lease for so long nothing waits any more. */
  readonly idleMs: number;
  /** One that has waited for so long is replaced: its lifetime runs. */
  readonly mostAgeMs: number;
  /** Refilling waits for so long without leases, so that it does not slow down what they are for; not for ever, though. */
  readonly calmMs: number;
  /** How often what waits is looked after. */
  readonly lookMs: number;
}

export const defaultWarmPool: WarmPoolOptions = {
  paused: 1,
  idleMs: 10 * 60_000,
  mostAgeMs: 10 * 60_000,
  calmMs: 300,
  lookMs: 15_000,
};

export interface Cells {
  make(signal: AbortSignal): Promise<Cell>;
  /** False when its container has ended. */
  isAlive(cell: Cell, signal: AbortSignal): Promise<boolean>;
  /** Never rejects. */
  remove(cell: Cell): Promise<void>;
}

export interface WarmPool {
  /**
   * A cell that nobody has used: one that waits when there is one, else it is made now. Warm again soon after. It may have
   * died while it waited.
   */
  lease(signal: AbortSignal): Promise<Cell>;
  /** How many wait. */
  readonly size: number;
  /** Looks after what waits: the dead, the old and those that nobody needs. It is done by itself now and then, too. */
  look(): Promise<void>;
  /** Removes all that waits. Nothing is leased afterwards. */
  close(): Promise<void>;
}

interface Spare {
  readonly cell: Cell;
  readonly madeAtMs: number;
  isPaused: boolean;
}

const pauseMs = 20_000;

/** Cells of one image on one engine that wait to be used, once. Nothing waits before the first lease. */
export function createWarmPool(cells: Cells, options: WarmPoolOptions): WarmPool {
  /** The one that runs is the first. */
  let spares: Spare[] = [];
  let leasedAtMs: number | null = null;
  let filling: Promise<void> | null = null;
  let looking: Promise<void> | null = null;
  let timer: NodeJS.Timeout | undefined;
  const closing = new AbortController();
  /** Removals that nobody waits for. */
  const leaving = new Set<Promise<void>>();

  function drop(cell: Cell): void {
    const removal = cells.remove(cell);
    leaving.add(removal);
    void removal.finally(() => leaving.delete(removal));
  }

  async function takeSpare(signal: AbortSignal): Promise<Cell | null> {
    for (let spare = spares.shift(); spare !== undefined; spare = spares.shift()) {
      try {
        if (Date.now() - spare.madeAtMs < options.mostAgeMs) {
          if (spare.isPaused) await spare.cell.unpause(AbortSignal.timeout(pauseMs));
          return spare.cell;
        }
      } catch {
        // It died. The next one, or one that is made now, says more.
        signal.throwIfAborted();
      }
      drop(spare.cell);
    }
    return null;
  }

  async function makeSpare(signal: AbortSignal): Promise<void> {
    const cell = await cells.make(signal);
    const isPaused = spares.length > 0;
    try {
      await cell.warmUp(signal);
      // Never given up half-way: an engine that freezes and removes a container at the same time does neither, for ever.
      if (isPaused) await cell.pause(AbortSignal.timeout(pauseMs));
      signal.throwIfAborted();
      if (leasedAtMs === null) drop(cell);
      else spares.push({ cell, madeAtMs: Date.now(), isPaused });
    } catch (error) {
      drop(cell);
      throw error;
    }
  }

  async function fill(): Promise<void> {
    const { signal } = closing;
    const until = Date.now() + 3 * options.calmMs;
    try {
      // Null: nobody needs any more what is being made.
      while (leasedAtMs !== null) {
        const calmMs = Math.min(leasedAtMs + options.calmMs, until) - Date.now();
        if (calmMs > 0) {
          await sleep(calmMs, undefined, { signal, ref: false });
          continue;
        }
        const [first] = spares;
        if (first?.isPaused === true) {
          // Taken out meanwhile: a lease would unpause it as well.
          spares.shift();
          await first.cell.unpause(AbortSignal.timeout(pauseMs)).catch((error: unknown) => {
            drop(first.cell);
            throw error;
          });
          first.isPaused = false;
          if (leasedAtMs === null) drop(first.cell);
          else spares.unshift(first);
        } else if (spares.length > options.paused) return;
        else await makeSpare(signal);
      }
    } catch {
      // The next lease says why there is none; it asks for itself.
    }
  }

  function refill(): void {
    if (closing.signal.aborted) return;
    filling ??= fill().finally(() => {
      filling = null;
    });
  }

  async function lookAfter(): Promise<void> {
    const { signal } = closing;
    if (leasedAtMs !== null && Date.now() - leasedAtMs > options.idleMs) {
      leasedAtMs = null;
      for (const spare of spares.splice(0)) drop(spare.cell);
      clearInterval(timer);
      timer = undefined;
      return;
    }
    for (const spare of spares.slice()) {
      const isFit =
        Date.now() - spare.madeAtMs < options.mostAgeMs &&
        (await cells.isAlive(spare.cell, signal).catch(() => false));
      if (isFit || !spares.includes(spare)) continue;
      spares = spares.filter((one) => one !== spare);
      drop(spare.cell);
    }
    if (leasedAtMs !== null) refill();
  }

  function look(): Promise<void> {
    looking ??= lookAfter().finally(() => {
      looking = null;
    });
    return looking;
  }

  return {
    async lease(signal) {
      closing.signal.throwIfAborted();
      leasedAtMs = Date.now();
      timer ??= setInterval(() => void look(), options.lookMs).unref();
      try {
        return (await takeSpare(signal)) ?? (await cells.make(signal));
      } finally {
        leasedAtMs = Date.now();
        refill();
      }
    },
    get size() {
      return spares.length;
    },
    look,
    async close() {
      closing.abort(new Error('the pool is closed'));
      clearInterval(timer);
      await Promise.all([filling, looking]);
      for (const spare of spares.splice(0)) drop(spare.cell);
      await Promise.all(leaving);
    },
  };
}

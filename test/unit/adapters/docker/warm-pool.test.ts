import { setImmediate as settle } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Cell } from '../../../../src/adapters/docker/sandbox/cell.ts';
import {
  createWarmPool,
  defaultWarmPool,
  type WarmPool,
} from '../../../../src/adapters/docker/sandbox/provider/warm-pool.ts';

const calm = new AbortController().signal;

/** Cells that are made, and thawed, when they are told to be. */
function poolOf(): { pool: WarmPool; there: Set<Cell>; making: (() => void)[]; thawing: (() => void)[] } {
  const there = new Set<Cell>();
  const making: (() => void)[] = [];
  const thawing: (() => void)[] = [];
  const later = (list: (() => void)[]): Promise<void> => new Promise((resolve) => list.push(resolve));
  const pool = createWarmPool(
    {
      async make() {
        await later(making);
        const cell = {
          warmUp: async () => undefined,
          pause: async () => undefined,
          unpause: () => later(thawing),
        } as unknown as Cell;
        there.add(cell);
        return cell;
      },
      isAlive: async () => true,
      async remove(cell) {
        there.delete(cell);
      },
    },
    { ...defaultWarmPool, calmMs: 0, idleMs: 60_000, lookMs: 3_600_000 },
  );
  return { pool, there, making, thawing };
}

async function finish(list: (() => void)[]): Promise<void> {
  await vi.waitFor(() => expect(list.length).toBeGreaterThan(0));
  for (const done of list.splice(0)) done();
  for (let turn = 0; turn < 5; turn += 1) await settle();
}

afterEach(() => {
  vi.useRealTimers();
});

describe('a pool that nobody has needed for long', () => {
  it('keeps nothing of what was still being made', async () => {
    const { pool, there, making } = poolOf();
    const leasing = pool.lease(calm);
    await finish(making);
    there.delete(await leasing);
    await vi.waitFor(() => expect(making).toHaveLength(1));

    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 120_000 });
    await pool.look();
    await finish(making);

    expect([there.size, pool.size, making.length]).toEqual([0, 0, 0]);
    await pool.close();
  });

  it('keeps nothing that was just being thawed', async () => {
    const { pool, there, making, thawing } = poolOf();
    const leasing = pool.lease(calm);
    for (let cell = 0; cell < 3; cell += 1) await finish(making);
    there.delete(await leasing);
    there.delete(await pool.lease(calm));
    await vi.waitFor(() => expect(thawing).toHaveLength(1));

    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 120_000 });
    await pool.look();
    await finish(thawing);

    expect([there.size, pool.size, making.length]).toEqual([0, 0, 0]);
    await pool.close();
  });
});

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Remedy } from '../../src/ports/remedy.ts';
import { createFlushCache } from '../../src/remedies/flush-cache/flush-cache.ts';
import { recordBounds } from '../../src/remedies/flush-cache/schema.ts';
import type { Tools } from '../../src/remedies/tools.ts';
import { createWarmCache } from '../../src/remedies/warm-cache/warm-cache.ts';
import { type CacheHouse, cachePassword, fillCache, startCacheHouse } from '../support/cache-scene.ts';
import { describeRemedy, remedyContext } from './remedy-contract.ts';

let house: CacheHouse;
let remedy: Remedy;
const from = `warroom:undo:${'a'.repeat(32)}`;
const params = { cache: 'sessions', from };

beforeAll(async () => {
  house = await startCacheHouse();
  remedy = createWarmCache({ caches: house.caches } as Tools);
});
afterAll(() => house.stop());

async function flushed(): Promise<void> {
  await fillCache(house);
  const [cache] = house.service.caches;
  if (cache === undefined) throw new Error('no cache');
  const order = { pattern: 'session:*', record: from, mostKeys: 100, recordBounds };
  await house.caches.flush(cache, order, AbortSignal.timeout(10_000));
}

describeRemedy('warm-cache on a real Redis', async () => {
  await flushed();
  await house.direct.config('RESETSTAT');
  return {
    remedy,
    service: house.service,
    params,
    look: () => house.look(),
    effects: async () => (await house.calls('restore')) / 3,
    async moveWorld() {
      await house.direct.del(from);
    },
    async loseReply() {
      house.proxy.loseAnswerTo('ABSTTL');
    },
    secrets: [cachePassword],
    nonsense: [
      'price:1',
      'warroom:undo:*',
      `warroom:undo:${'b'.repeat(32)}`,
      `${from}:restored`,
      7,
      null,
      [from],
    ].map((other) => ({ cache: 'sessions', from: other })),
    async close() {},
  };
});

describe('warming', () => {
  let signal: AbortSignal;

  beforeEach(async () => {
    signal = AbortSignal.timeout(20_000);
    await flushed();
  });

  it('says what comes back, what stays as it is, and that old values come back', async () => {
    await house.direct.set('session:1', 'fresh');

    const seen = await remedy.preview(house.service, params, signal);

    if (!seen.possible) throw new Error(seen.reason);
    expect(seen.planned.preview.summary).toMatch(/^Bring back 2 keys of cache sessions/);
    expect(seen.planned.preview.notes.join('\n')).toMatch(/3 keys \(\d+ B\); 1 hold a fresher value/);
    expect(seen.planned.preview.notes.join('\n')).toMatch(/as old as the flush/);
    expect(seen.facts).toMatchObject({ base: 'low', reversible: 'exact' });
  });

  it('removes by its undo exactly what it had brought back', async () => {
    await house.direct.set('session:1', 'fresh');
    const seen = await remedy.preview(house.service, params, signal);
    if (!seen.possible) throw new Error(seen.reason);
    const applied = await remedy.apply(house.service, seen.planned, remedyContext('exact', 'apply'), signal);
    if (!applied.applied) throw new Error(applied.reason);

    const inverse = await remedy.inverse(house.service, seen.planned, signal);
    await remedy.undo(house.service, inverse, applied.receipt, remedyContext('exact', 'undo'), signal);

    expect(await house.direct.get('session:1')).toBe('fresh');
    expect(await house.direct.exists('session:2')).toBe(0);
  });

  it('leaves alone by its undo what the service has written since', async () => {
    const seen = await remedy.preview(house.service, params, signal);
    if (!seen.possible) throw new Error(seen.reason);
    const applied = await remedy.apply(house.service, seen.planned, remedyContext('since', 'apply'), signal);
    if (!applied.applied) throw new Error(applied.reason);
    await house.direct.set('session:1', 'newer');
    await house.direct.expire('session:2', 99);

    const inverse = await remedy.inverse(house.service, seen.planned, signal);
    const undo = () =>
      remedy.undo(house.service, inverse, applied.receipt, remedyContext('since', 'undo'), signal);

    for (const undone of [await undo(), await undo()]) {
      expect(undone).toMatchObject({ receipt: { data: { removed: 2, changed: 1 } } });
    }
    expect(await house.direct.get('session:1')).toBe('newer');
    expect(await house.direct.exists('session:2')).toBe(0);
  });

  it('needs no right but those that a refusal names', async () => {
    const house = await startCacheHouse();
    try {
      await house.direct.call('ACL', 'SETUSER', 'warroom', 'reset', 'on', `>${cachePassword}`);
      const remedy = createWarmCache({ caches: house.caches } as Tools);
      const refused = await remedy.preview(house.service, params, signal);
      const named = refused.possible ? '' : (/\+[a-z].*(?=\.$)/.exec(refused.reason)?.[0] ?? '');
      const keys = ['~session:*', '~warroom:undo:*'];
      await house.direct.call('ACL', 'SETUSER', 'warroom', ...keys, ...named.split(/[ ,]+/));
      await house.direct.mset('session:1', 'a', 'session:2', 'b');

      const flush = createFlushCache({ caches: house.caches } as Tools);
      const records: string[] = [];
      for (const [one, given] of [
        [flush, { cache: 'sessions', pattern: 'session:*' }],
        [remedy, () => ({ cache: 'sessions', from: records[0] ?? '' })],
      ] as const) {
        const seen = await one.preview(house.service, typeof given === 'function' ? given() : given, signal);
        if (!seen.possible) throw new Error(seen.reason);
        const context = remedyContext(one.kind, 'apply');
        const applied = await one.apply(house.service, seen.planned, context, signal);
        if (!applied.applied) throw new Error(applied.reason);
        records.push(String((applied.receipt.data as { record?: string }).record));
        const check = await one.verify(house.service, seen.planned, applied.receipt, signal);
        expect(check, one.kind).toMatchObject({ state: 'holds' });
        if (one === flush) continue;
        const inverse = await one.inverse(house.service, seen.planned, signal);
        const undone = await one.undo(
          house.service,
          inverse,
          applied.receipt,
          remedyContext('w', 'undo'),
          signal,
        );
        expect(undone).toMatchObject({ applied: true });
      }
      expect(await house.direct.exists('session:1', 'session:2')).toBe(0);
    } finally {
      await house.stop();
    }
  });

  it('does not fill a service’s cache from the record of keys that are not its own', async () => {
    await house.direct.hset(from, 'm:pattern', 'price:*');

    expect(await remedy.preview(house.service, params, signal)).toMatchObject({
      possible: false,
      reason: expect.stringContaining('is of other keys'),
    });
  });

  it('has nothing to do once all keys are there again', async () => {
    await house.direct.mset('session:1', 'a', 'session:2', 'b');
    await house.direct.set(Buffer.from([...Buffer.from('session:'), 0xff, 0x00]), 'c');

    expect(await remedy.preview(house.service, params, signal)).toMatchObject({ possible: false });
  });
});

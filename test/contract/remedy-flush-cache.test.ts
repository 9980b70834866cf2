import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createRedisCaches } from '../../src/adapters/redis/redis-caches.ts';
import { createSecrets } from '../../src/adapters/secrets/secrets.ts';
import type { CacheTarget, Service } from '../../src/domain/service.ts';
import type { Applied, Remedy } from '../../src/ports/remedy.ts';
import { createFlushCache } from '../../src/remedies/flush-cache/flush-cache.ts';
import { recordName } from '../../src/remedies/flush-cache/record-name.ts';
import { recordBounds } from '../../src/remedies/flush-cache/schema.ts';
import type { Tools } from '../../src/remedies/tools.ts';
import { type CacheHouse, cachePassword, fillCache, startCacheHouse } from '../support/cache-scene.ts';
import { describeRemedy, remedyContext } from './remedy-contract.ts';

let house: CacheHouse;
let remedy: Remedy;

beforeAll(async () => {
  house = await startCacheHouse();
  remedy = createFlushCache({ caches: house.caches } as Tools);
});
afterAll(() => house.stop());

const allowed = { cache: 'sessions', pattern: 'session:*' };

describeRemedy('flush-cache on a real Redis', async () => {
  await fillCache(house);
  await house.direct.config('RESETSTAT');
  return {
    remedy,
    service: house.service,
    params: allowed,
    look: () => house.look(),
    effects: async () => (await house.calls('unlink')) / 3,
    async moveWorld() {
      const many = Array.from({ length: 1_100 }, (_, index) => [`session:new:${index}`, '1']).flat();
      await house.direct.mset(...many);
    },
    async loseReply() {
      house.proxy.loseAnswerTo('UNLINK');
    },
    secrets: [cachePassword],
    nonsense: [
      '*',
      'session*',
      's*',
      'sessio?:*',
      '[s]ession:*',
      'session:\\*',
      'session:[a-z]*',
      'session:?',
      'session:a*b*',
      'price:*',
      'cart:*',
      'cart:7:items:*',
      'session: *',
      'session:\n*',
      '',
      7,
      null,
      ['session:*'],
    ].map((pattern) => ({ ...allowed, pattern })),
    async close() {},
  };
});

describe('flushing', () => {
  let signal: AbortSignal;
  let number = 0;

  beforeEach(async () => {
    number += 1;
    signal = AbortSignal.timeout(30_000);
    await fillCache(house);
  });

  const context = (what: 'apply' | 'undo', again = false) => remedyContext(`own-${number}`, what, again);

  async function plan(params: Record<string, string> = allowed, service: Service = house.service) {
    const seen = await remedy.preview(service, params, signal);
    if (!seen.possible) throw new Error(seen.reason);
    return seen;
  }

  function receiptOf(outcome: Applied) {
    if (!outcome.applied) throw new Error(outcome.reason);
    return outcome.receipt;
  }

  it('tells how many keys go, which, what share they are, what load follows, and what can be undone', async () => {
    await house.direct.mset(...Array.from({ length: 36 }, (_, index) => [`price:x${index}`, '1']).flat());
    const readers = setInterval(() => void house.direct.get('price:1'), 5);

    const { planned, facts } = await plan().finally(() => clearInterval(readers));

    expect(planned.preview.summary).toBe(
      'Flush 3 keys of cache sessions that match session:* (7.5 % of its 40 keys).',
    );
    expect(planned.preview.diff).toContain('SCAN 0 MATCH session:* COUNT 1000');
    expect(planned.preview.notes.join('\n')).toMatch(/Among them: .*session:1/);
    expect(planned.preview.notes.join('\n')).toMatch(/Now [\d,.]+ look-ups a second hit \(100 %\)/);
    expect(planned.preview.undo).toMatch(/all recorded values can be brought back/);
    expect(facts).toEqual({
      base: 'low',
      reasons: ['removes 3 of 40 keys (7.5 % of the cache)'],
      reversible: 'exact',
    });
  });

  it('says when only a part can be brought back, and brings back that part', async () => {
    await house.direct.set('session:big', 'x'.repeat(400_000));
    const { planned, facts } = await plan();

    const receipt = receiptOf(await remedy.apply(house.service, planned, context('apply'), signal));
    const inverse = await remedy.inverse(house.service, planned, signal);
    const undone = await remedy.undo(house.service, inverse, receipt, context('undo'), signal);

    expect(facts).toMatchObject({ base: 'high', reversible: 'partial' });
    expect(planned.preview.undo).toMatch(/^In part: /);
    expect(receipt.data).toMatchObject({ removed: 4, recorded: 3 });
    expect(receiptOf(undone).summary).toBe(
      'Brought back 3 of 4 keys of cache sessions; 1 were not recorded.',
    );
    expect(await house.direct.exists('session:big')).toBe(0);
  });

  it('flushes less than the catalogue allows when the plan says so', async () => {
    await house.direct.set('session:eu:1', 'x');
    const { planned } = await plan({ cache: 'sessions', pattern: 'session:eu:*' });

    await remedy.apply(house.service, planned, context('apply'), signal);

    expect(await house.direct.exists('session:eu:1')).toBe(0);
    expect(await house.direct.exists('session:1')).toBe(1);
  });

  it('leaves what the service has filled anew alone, and gives back the time that was left', async () => {
    const { planned } = await plan();
    const receipt = receiptOf(await remedy.apply(house.service, planned, context('apply'), signal));
    await house.direct.hset('session:2', { name: 'fresh' });

    const inverse = await remedy.inverse(house.service, planned, signal);
    const undone = await remedy.undo(house.service, inverse, receipt, context('undo'), signal);

    expect(receiptOf(undone).data).toMatchObject({ restored: 2, present: 1 });
    expect(await house.direct.hgetall('session:2')).toEqual({ name: 'fresh' });
    expect(await house.direct.ttl('session:1')).toBeGreaterThan(480);
    expect(await house.direct.ttl('session:1')).toBeLessThanOrEqual(500);
  });

  it('does not bring back what would have expired by itself', async () => {
    const { planned } = await plan();
    const receipt = receiptOf(await remedy.apply(house.service, planned, context('apply'), signal));
    const { removed, recorded } = receipt.data;
    // as if its time had ended since
    const record = recordName(context('apply').key);
    const kept = await house.direct.hgetBuffer(record, 'k:session:1');
    await house.direct.hset(
      record,
      'k:session:1',
      Buffer.concat([Buffer.from('1'), kept?.subarray(kept.indexOf(':')) ?? Buffer.from('')]),
    );

    const inverse = await remedy.inverse(house.service, planned, signal);
    await remedy.undo(house.service, inverse, receipt, context('undo'), signal);

    expect([removed, recorded]).toEqual([3, 3]);
    expect(await house.direct.exists('session:1')).toBe(0);
    expect(await house.direct.exists('session:2')).toBe(1);
  });

  it('counts over all tries, and does not flush again what was filled since', async () => {
    const { planned } = await plan();
    const first = receiptOf(await remedy.apply(house.service, planned, context('apply'), signal));
    await house.direct.set('session:1', 'fresh');

    const second = receiptOf(await remedy.apply(house.service, planned, context('apply', true), signal));

    expect(second).toEqual(first);
    expect(await house.direct.get('session:1')).toBe('fresh');
  });

  it('stops at the most that was approved, and goes on where a try that was killed had stopped', async () => {
    await house.direct.mset(...Array.from({ length: 350 }, (_, index) => [`session:n${index}`, '1']).flat());
    const [cache] = house.service.caches as [CacheTarget];
    const record = recordName('killed');
    const flush = (mostKeys: number) =>
      house.caches.flush(cache, { pattern: 'session:*', record, mostKeys, recordBounds }, signal);

    const stopped = await flush(120);
    await house.direct.hdel(record, 'm:done'); // as a kill in the middle leaves it
    const whole = await flush(1_000);

    expect(stopped).toMatchObject({ removed: 120, recorded: 120, complete: false });
    expect(whole).toMatchObject({ removed: 353, recorded: 353, complete: true });
    expect(await house.direct.keys('session:*')).toEqual([]);
    const back = await house.caches.restore(cache, { record, mark: `${record}:restored` }, signal);
    expect(back).toEqual({ restored: 353, present: 0, expired: 0 });
  });

  it('flushes a full server, where nothing more can be recorded', async () => {
    const { planned } = await plan();
    await house.direct.config('SET', 'maxmemory', '1mb');

    try {
      const receipt = receiptOf(await remedy.apply(house.service, planned, context('apply'), signal));

      expect(receipt.data).toMatchObject({ removed: 3, recorded: 0 });
      expect(await house.direct.exists('session:1', 'session:2')).toBe(0);
      const inverse = await remedy.inverse(house.service, planned, signal);
      expect(await remedy.undo(house.service, inverse, receipt, context('undo'), signal)).toMatchObject({
        applied: false,
        reason: expect.stringContaining('none of the values could be recorded'),
      });
    } finally {
      await house.direct.config('SET', 'maxmemory', '0');
    }
  });

  it('keeps the values on the server, for an hour, and out of what it returns', async () => {
    const { planned } = await plan();

    const applied = await remedy.apply(house.service, planned, context('apply'), signal);

    expect(JSON.stringify([planned, applied])).not.toContain('Grace');
    expect(await house.direct.ttl(recordName(context('apply').key))).toBeGreaterThan(3_500);
  });

  it('is void after the server was restarted, or when the catalogue no longer has the pattern', async () => {
    const { planned } = await plan();
    const [cache] = house.service.caches as [CacheTarget];
    const narrowed = { ...house.service, caches: [{ ...cache, patterns: ['cart:*:items'] }] };
    const moved = { ...planned, pins: { ...planned.pins, server: 'another' } };

    expect(await remedy.whyStale(narrowed, planned, signal)).toMatch(/the catalogue allows cart/);
    expect(await remedy.apply(narrowed, planned, context('apply'), signal)).toMatchObject({ applied: false });
    expect(await remedy.whyStale(house.service, moved, signal)).toMatch(/was restarted or replaced/);
  });

  it('names the place of a credential that is wrong or missing, never the credential', async () => {
    const port = new URL(`redis://127.0.0.1:${house.proxy.port}`).port;
    const flushWith = (url: string | undefined) =>
      createFlushCache({ caches: createRedisCaches(createSecrets({ CACHE_URL: url })) } as Tools);
    const seen = async (url: string | undefined): Promise<unknown> =>
      flushWith(url)
        .preview(house.service, allowed, signal)
        .catch((error: unknown) => error);

    const wrong = await seen(`redis://warroom:hunter2hunter2@127.0.0.1:${port}`);
    const unreadable = await seen('hunter2hunter2');
    const missing = await seen(undefined);
    const away = await seen('redis://warroom:hunter2hunter2@127.0.0.1:1');

    expect(wrong).toMatchObject({ possible: false, reason: expect.stringMatching(/WRONGPASS.*CACHE_URL/) });
    expect(unreadable).toMatchObject({ possible: false, reason: expect.stringContaining('CACHE_URL') });
    expect(missing).toMatchObject({ possible: false, reason: expect.stringContaining('CACHE_URL') });
    expect(away).toMatchObject({ code: 'source_unreachable', retryable: true });
    for (const one of [wrong, unreadable, missing, away]) {
      expect(`${String(one)} ${JSON.stringify(one, Object.getOwnPropertyNames(Object(one)))}`).not.toContain(
        'hunter2',
      );
    }
  });
});

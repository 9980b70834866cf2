import { beforeEach, describe, expect, it } from 'vitest';
import type { Record } from '../../src/ports/record.ts';
import { type HeldClock, noon, sampleNotice } from './record-samples.ts';

const leaseMs = 30_000;

export function describeOutbox(
  record: () => Record,
  openIncident: () => Promise<string>,
  clock: HeldClock,
): void {
  describe('outbox', () => {
    // Entries of other tests would be claimed here.
    beforeEach(() => {
      clock.set(noon);
      return drain();
    });

    const drain = async (): Promise<void> => {
      for (let entry = await claim(); entry !== undefined; entry = await claim()) {
        await record().outbox.giveUp(entry.id, 'me', 'of another test');
      }
    };
    const claim = (owner = 'me') => record().outbox.claim(owner, leaseMs);
    /** Time that passes frees entries of other tests too: they are stepped over. */
    const claimOf = async (incidentId: string, owner: string) => {
      let entry = await claim(owner);
      while (entry !== undefined && entry.incidentId !== incidentId) entry = await claim(owner);
      return entry;
    };
    const later = (ms: number) => clock.set(new Date(clock.now().getTime() + ms));

    it('hands out the entries of an incident one at a time, in the order of their keys', async () => {
      const incidentId = await openIncident();
      await record().outbox.put(incidentId, 'channel', sampleNotice('first'));
      await record().outbox.put(incidentId, 'card', sampleNotice('second'));

      const first = await claim();
      const whileFirstIsOut = await claim('other');
      await record().outbox.delivered(first?.id ?? '', 'me', 1, 'C1');
      const second = await claim();

      expect(first).toMatchObject({
        key: 'channel',
        version: 1,
        deliveredVersion: 0,
        externalId: null,
        attempts: 1,
      });
      expect(whileFirstIsOut).toBeUndefined();
      expect(second).toMatchObject({ key: 'card', item: sampleNotice('second') });
    });

    it('lets another incident pass', async () => {
      const [one, two] = [await openIncident(), await openIncident()];
      await record().outbox.put(one, 'card', sampleNotice('one'));
      await record().outbox.put(two, 'card', sampleNotice('two'));

      const claims = [await claim(), await claim(), await claim()];

      expect(claims.map((entry) => entry?.incidentId)).toEqual([one, two, undefined]);
    });

    it('does nothing for an item that is as before, in whatever order its fields stand', async () => {
      const incidentId = await openIncident();
      await record().outbox.put(incidentId, 'card', { type: 'bookmark', title: 't', url: 'u', emoji: ':e:' });
      const entry = await claim();
      await record().outbox.delivered(entry?.id ?? '', 'me', 1, 'ts1');

      await record().outbox.put(incidentId, 'card', { emoji: ':e:', url: 'u', title: 't', type: 'bookmark' });

      expect(await claim()).toBeUndefined();
      expect(await record().outbox.ofIncident(incidentId)).toMatchObject([
        { version: 1, deliveredVersion: 1 },
      ]);
    });

    it('joins changes that were not delivered yet into one', async () => {
      const incidentId = await openIncident();
      for (const text of ['a', 'b', 'c']) await record().outbox.put(incidentId, 'card', sampleNotice(text));

      const entry = await claim();

      expect(entry).toMatchObject({ item: sampleNotice('c'), version: 3 });
      await record().outbox.delivered(entry?.id ?? '', 'me', 3, 'ts1');
      expect(await claim()).toBeUndefined();
    });

    it('keeps a change that came during delivery due', async () => {
      const incidentId = await openIncident();
      await record().outbox.put(incidentId, 'card', sampleNotice('a'));
      const entry = await claim();
      await record().outbox.put(incidentId, 'card', sampleNotice('b'));
      await record().outbox.delivered(entry?.id ?? '', 'me', 1, 'ts1');

      expect(await claim()).toMatchObject({
        item: sampleNotice('b'),
        version: 2,
        deliveredVersion: 1,
        externalId: 'ts1',
      });
    });

    it('does not let a card that changes all the time hold up the messages behind it', async () => {
      const incidentId = await openIncident();
      await record().outbox.put(incidentId, 'card', sampleNotice('0'));
      await record().outbox.put(incidentId, 'finding', sampleNotice('finding'));
      const card = await claim();
      await record().outbox.put(incidentId, 'card', sampleNotice('1'));
      await record().outbox.delivered(card?.id ?? '', 'me', 1, 'ts1');

      const next = await claim();

      expect(next?.key).toBe('finding');
    });

    it('makes later entries of the incident wait behind one that is put off', async () => {
      const incidentId = await openIncident();
      await record().outbox.put(incidentId, 'card', sampleNotice('a'));
      await record().outbox.put(incidentId, 'finding', sampleNotice('b'));
      const entry = await claim();

      await record().outbox.postpone(entry?.id ?? '', 'me', 5_000, 'ratelimited');

      expect(await claim()).toBeUndefined();
      later(5_001);
      expect(await claim()).toMatchObject({ key: 'card', attempts: 2 });
    });

    it('lets an edit of a plan’s card pass everything else of its incident, but not its first post', async () => {
      const incidentId = await openIncident();
      const card = (state: string) =>
        ({ type: 'message', view: { view: 'plan', state } }) as unknown as ReturnType<typeof sampleNotice>;
      await record().outbox.put(incidentId, 'before', sampleNotice('before'));
      await record().outbox.put(incidentId, 'plan', card('pending'));
      const before = await claim();
      expect(before?.key).toBe('before');
      await record().outbox.delivered(before?.id ?? '', 'me', 1, 'ts0');
      const posted = await claim();
      await record().outbox.delivered(posted?.id ?? '', 'me', 1, 'ts1');
      await record().outbox.put(incidentId, 'late', sampleNotice('late'));
      const late = await claim();
      await record().outbox.postpone(late?.id ?? '', 'me', 5_000, 'ratelimited');
      await record().outbox.put(incidentId, 'later', sampleNotice('later'));

      await record().outbox.put(incidentId, 'plan', card('approved'));

      expect(await claim()).toMatchObject({ incidentId, key: 'plan', version: 2 });
      later(leaseMs + 1);
      await drain();
    });

    it('steps over an entry that was given up, and takes it up again when it changes', async () => {
      const incidentId = await openIncident();
      await record().outbox.put(incidentId, 'card', sampleNotice('a'));
      await record().outbox.put(incidentId, 'finding', sampleNotice('b'));
      const entry = await claim();

      await record().outbox.giveUp(entry?.id ?? '', 'me', 'invalid_blocks');

      const next = await claim();
      expect(next?.key).toBe('finding');
      await record().outbox.delivered(next?.id ?? '', 'me', 1, 'ts2');
      await record().outbox.put(incidentId, 'card', sampleNotice('better'));
      expect(await claim()).toMatchObject({ key: 'card', item: sampleNotice('better'), attempts: 1 });
    });

    it('hands out again what a dead deliverer held', async () => {
      const incidentId = await openIncident();
      await record().outbox.put(incidentId, 'card', sampleNotice('a'));
      await claim('dies');

      later(leaseMs - 1);
      expect(await claim('waits')).toBeUndefined();
      later(2);
      expect(await claim('waits')).toMatchObject({ key: 'card', attempts: 2 });
    });

    it('takes no word from a deliverer that lost its lease to another', async () => {
      const incidentId = await openIncident();
      await record().outbox.put(incidentId, 'card', sampleNotice('a'));
      const slow = await claim('slow');
      later(leaseMs + 1);
      const entry = await claimOf(incidentId, 'next');

      await record().outbox.giveUp(slow?.id ?? '', 'slow', 'channel_not_found');
      await record().outbox.postpone(slow?.id ?? '', 'slow', 0, 'outage');
      await record().outbox.delivered(slow?.id ?? '', 'slow', 1, 'late');

      expect(await claimOf(incidentId, 'third')).toBeUndefined();
      expect(await record().outbox.ofIncident(incidentId)).toMatchObject([
        { deliveredVersion: 0, externalId: null },
      ]);
      await record().outbox.delivered(entry?.id ?? '', 'next', 1, 'ts1');
      expect(await record().outbox.ofIncident(incidentId)).toMatchObject([
        { deliveredVersion: 1, externalId: 'ts1' },
      ]);
    });

    it('never has two entries of one incident out at once, however many deliver', async () => {
      const incidents = [await openIncident(), await openIncident(), await openIncident()];
      const keys = ['a', 'b', 'c', 'd'];
      for (const incidentId of incidents) {
        for (const key of keys) await record().outbox.put(incidentId, key, sampleNotice(key));
      }
      const out = new Set<string>();
      const delivered = new Map<string, string[]>(incidents.map((id) => [id, []]));

      async function deliver(owner: string): Promise<void> {
        for (let misses = 0; misses < 20; ) {
          const entry = await claim(owner);
          if (entry === undefined) {
            misses += 1;
            continue;
          }
          expect(out.has(entry.incidentId)).toBe(false);
          out.add(entry.incidentId);
          delivered.get(entry.incidentId)?.push(entry.key);
          out.delete(entry.incidentId);
          await record().outbox.delivered(entry.id, owner, entry.version, 'ts');
        }
      }
      await Promise.all(['p', 'q', 'r', 's', 't'].map(deliver));

      for (const order of delivered.values()) expect(order).toEqual(keys);
    });
  });
}

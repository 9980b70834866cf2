import { describe, expect, it } from 'vitest';
import { firstBrokenLink } from '../../src/domain/timeline.ts';
import type { Record, Rows } from '../../src/ports/record.ts';
import { sampleAlert, sampleEvent, sampleIncident, sampleObservation, samplePlan } from './record-samples.ts';

const times = (count: number) => Array.from({ length: count }, (_, index) => index);

export function describeTransactions(record: () => Record, openIncident: () => Promise<string>): void {
  describe('transactions', () => {
    it('keep all or nothing', async () => {
      const incident = sampleIncident();

      const failing = record().transaction(async (rows) => {
        await rows.incidents.insert(incident);
        await rows.timeline.append(incident.id, sampleEvent());
        throw new Error('changed my mind');
      });

      await expect(failing).rejects.toThrow('changed my mind');
      expect(await record().incidents.get(incident.id)).toBeUndefined();
    });

    it('take in calls that their work makes on the outer record, instead of waiting for themselves', async () => {
      const incident = sampleIncident();

      const seen = await record().transaction(async (rows) => {
        await rows.incidents.insert(incident);
        await record().timeline.append(incident.id, sampleEvent());
        await record().transaction((inner) =>
          inner.timeline.append(incident.id, sampleEvent({ text: 'inner' })),
        );
        return await record().timeline.ofIncident(incident.id);
      });

      expect(seen.map(({ text }) => text)).toEqual(['Opened.', 'inner']);
      expect(await record().timeline.ofIncident(incident.id)).toEqual(seen);
    });

    it('are undone as a whole when a nested one fails, even if nobody minds', async () => {
      const incident = sampleIncident();

      const outer = record().transaction(async (rows) => {
        await rows.incidents.insert(incident);
        await record()
          .transaction(async () => {
            throw new Error('inner failure');
          })
          .catch(() => undefined);
      });

      await expect(outer).rejects.toThrow('inner failure');
      expect(await record().incidents.get(incident.id)).toBeUndefined();
    });

    it('let others go on: a transaction that waits does not stop plain reads for good', async () => {
      const incidentId = await openIncident();

      const [, found] = await Promise.all([
        record().transaction((rows) => rows.timeline.append(incidentId, sampleEvent())),
        record().incidents.get(incidentId),
      ]);

      expect(found?.id).toBe(incidentId);
    });
  });

  describe('under concurrency', () => {
    it('makes one row of 50 equal alerts that arrive at once', async () => {
      const alert = sampleAlert();

      const results = await Promise.all(times(50).map(() => record().alerts.record(alert)));

      expect(results.filter(({ fresh }) => fresh)).toHaveLength(1);
      expect(new Set(results.map((result) => result.alert.id)).size).toBe(1);
    });

    it('opens one incident when 20 alerts are grouped at once', async () => {
      const title = `grouped ${Math.random()}`;

      async function groupOne(rows: Rows): Promise<string> {
        await rows.incidents.lockGrouping();
        const existing = (await rows.incidents.open()).find((incident) => incident.title === title);
        if (existing !== undefined) return existing.id;
        const incident = sampleIncident({ title });
        await rows.incidents.insert(incident);
        return incident.id;
      }
      const ids = await Promise.all(times(20).map(() => record().transaction(groupOne)));

      expect(new Set(ids).size).toBe(1);
    });

    it('lets one of 100 win a move', async () => {
      const incidentId = await openIncident();
      const plan = samplePlan(incidentId);
      await record().plans.insert(plan);

      const moves = await Promise.all(
        times(100).map(() => record().plans.move(plan.id, 'pending', 'approved')),
      );
      const stages = await Promise.all(
        times(100).map(() => record().incidents.moveStage(incidentId, 'triage', 'investigation')),
      );

      expect(moves.filter(Boolean)).toHaveLength(1);
      expect(stages.filter(Boolean)).toHaveLength(1);
    });

    it('keeps the chain whole and without gaps when 40 append at once', async () => {
      const incidentId = await openIncident();

      await Promise.all(
        times(40).map((n) => record().timeline.append(incidentId, sampleEvent({ kind: `k${n}` }))),
      );

      const entries = await record().timeline.ofIncident(incidentId);
      expect(entries.map(({ seq }) => seq)).toEqual(times(40).map((n) => n + 1));
      expect(firstBrokenLink(entries)).toBeNull();
    });

    it('numbers evidence without gaps, also when keys collide and transactions fail', async () => {
      const incidentId = await openIncident();

      await Promise.all(
        times(40).map((n) =>
          n % 5 === 4
            ? record()
                .transaction(async (rows) => {
                  await rows.evidence.keep(incidentId, null, `fails-${n}`, sampleObservation());
                  throw new Error('undone');
                })
                .catch(() => undefined)
            : record().evidence.keep(incidentId, null, `key-${n % 20}`, sampleObservation()),
        ),
      );

      const kept = await record().evidence.ofIncident(incidentId);
      expect(kept.map(({ number }) => number)).toEqual(times(16).map((n) => n + 1));
    });

    it('gets through when transactions take the same incidents in opposite order', async () => {
      const [one, two] = [await openIncident(), await openIncident()];

      await Promise.all(
        times(4).map((n) =>
          record().transaction(async (rows) => {
            const [first, second] = n % 2 === 0 ? [one, two] : [two, one];
            await rows.timeline.append(first, sampleEvent());
            await rows.timeline.append(second, sampleEvent());
          }),
        ),
      );

      for (const id of [one, two]) {
        const entries = await record().timeline.ofIncident(id);
        expect(entries).toHaveLength(4);
        expect(firstBrokenLink(entries)).toBeNull();
      }
    });
  });
}

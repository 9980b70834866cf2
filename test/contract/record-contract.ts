import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { firstBrokenLink } from '../../src/domain/timeline.ts';
import type { Clock } from '../../src/platform/clock.ts';
import { newId } from '../../src/platform/ids.ts';
import type { Record } from '../../src/ports/record.ts';
import type { OpenedRecord } from '../../src/store/open-record.ts';
import { anAppliedStep } from '../support/builders.ts';
import { describeApprovals } from './record-approvals-contract.ts';
import { describeCollaboration } from './record-collaboration-contract.ts';
import { describeConversations } from './record-conversations-contract.ts';
import { describeOutbox } from './record-outbox-contract.ts';
import {
  type HeldClock,
  noon,
  sampleAlert,
  sampleEvent,
  sampleExecution,
  sampleIncident,
  sampleInvestigation,
  sampleObservation,
  samplePlan,
} from './record-samples.ts';
import { describeSimilar } from './record-similar-contract.ts';
import { describeTransactions } from './record-transactions-contract.ts';
import { describeTelemetryStore } from './telemetry-store-contract.ts';

/** What every store behind the record's port must do, whichever database is under it. */
export function recordContract(
  driver: OpenedRecord['driver'],
  open: (clock: Clock) => Promise<OpenedRecord>,
): void {
  describe(`record on ${driver}`, () => {
    let at = noon;
    const clock: HeldClock = {
      now: () => at,
      set: (moment) => {
        at = moment;
      },
    };
    let opened: OpenedRecord;
    let record: Record;

    beforeAll(async () => {
      opened = await open(clock);
      record = opened.record;
    });

    afterAll(() => opened.close());

    async function openIncident(): Promise<string> {
      const incident = sampleIncident();
      await record.incidents.insert(incident);
      return incident.id;
    }

    it('says which database is under it, and tells its time', async () => {
      expect(opened.driver).toBe(driver);
      expect(await record.now()).toEqual(noon);
    });

    describe('alerts', () => {
      it('keeps one row for one alert, however often it is told', async () => {
        const alert = sampleAlert();

        const first = await record.alerts.record(alert);
        const again = await record.alerts.record({ ...alert, annotations: { summary: 'told again' } });

        expect(first.fresh).toBe(true);
        expect(first.alert).toMatchObject({ ...alert, incidentId: null, receivedAt: noon });
        expect(again).toEqual({ alert: first.alert, fresh: false });
      });

      it('keeps the resolve of an alert beside it, and then no longer counts it as firing', async () => {
        const alert = sampleAlert();
        await record.alerts.record(alert);
        const firingBefore = await record.alerts.firing();

        const endsAt = new Date(noon.getTime() + 60_000);
        await record.alerts.record({ ...alert, status: 'resolved', endsAt });

        expect(firingBefore.map((row) => row.fingerprint)).toContain(alert.fingerprint);
        expect((await record.alerts.firing()).map((row) => row.fingerprint)).not.toContain(alert.fingerprint);
        const episode = await record.alerts.episode(alert.fingerprint, alert.startsAt);
        expect(episode.map((row) => [row.status, row.endsAt])).toEqual([
          ['firing', undefined],
          ['resolved', endsAt],
        ]);
      });

      it('counts a second episode of one alert as another alert', async () => {
        const alert = sampleAlert();
        await record.alerts.record(alert);

        const later = await record.alerts.record({ ...alert, startsAt: new Date(noon.getTime() + 1) });

        expect(later.fresh).toBe(true);
        expect(await record.alerts.episode(alert.fingerprint, noon)).toHaveLength(1);
      });

      it('finds alerts by their incident, and those without one', async () => {
        const incidentId = await openIncident();
        const { alert } = await record.alerts.record(sampleAlert());
        expect((await record.alerts.unassigned()).map((row) => row.id)).toContain(alert.id);

        await record.alerts.assign(alert.id, incidentId);

        expect((await record.alerts.unassigned()).map((row) => row.id)).not.toContain(alert.id);
        expect(await record.alerts.ofIncident(incidentId)).toEqual([{ ...alert, incidentId }]);
      });

      it('keeps text that PostgreSQL refuses, without what it refuses', async () => {
        const alert = sampleAlert({
          fingerprint: `nul\0${newId()}`,
          labels: { alertname: 'a\0b', 'k\0ey': 'half \ud83d of a pair', whole: '🔥' },
          annotations: {},
        });

        const { alert: kept } = await record.alerts.record(alert);

        expect(kept.labels).toEqual({ alertname: 'ab', key: 'half \ufffd of a pair', whole: '🔥' });
        expect((await record.alerts.record(alert)).alert.id).toBe(kept.id);
      });
    });

    it('keeps bodies that nobody can parse', async () => {
      const before = await record.deliveries.countQuarantined();

      await record.deliveries.quarantine('alertmanager', '{"half": "\0', 'Unexpected end of JSON input');

      expect(await record.deliveries.countQuarantined()).toBe(before + 1);
    });

    describe('incidents', () => {
      it('gives back what was inserted, and what was changed', async () => {
        const incident = sampleIncident();
        await record.incidents.insert(incident);
        expect(await record.incidents.get(incident.id)).toEqual(incident);

        await record.incidents.update(incident.id, {
          channelId: `C${incident.id}`,
          services: ['billing'],
          status: 'resolved',
          resolvedAt: noon,
        });
        await record.incidents.update(incident.id, {});

        const changed = await record.incidents.byChannel(`C${incident.id}`);
        expect(changed).toEqual({
          ...incident,
          channelId: `C${incident.id}`,
          services: ['billing'],
          status: 'resolved',
          resolvedAt: noon,
        });
        expect(await record.incidents.get('nobody')).toBeUndefined();
      });

      it('refuses a second incident with the same channel name', async () => {
        const incident = sampleIncident();
        await record.incidents.insert(incident);

        await expect(
          record.incidents.insert(sampleIncident({ channelName: incident.channelName })),
        ).rejects.toMatchObject({ code: '23505' });
      });

      it('lists open, resolved, recent and unfinished ones, newest first', async () => {
        const older = sampleIncident({ openedAt: new Date('2030-01-01T00:00:00Z') });
        const newer = sampleIncident({ openedAt: new Date('2030-01-02T00:00:00Z') });
        for (const incident of [older, newer]) await record.incidents.insert(incident);
        expect((await record.incidents.recent(2)).map(({ id }) => id)).toEqual([newer.id, older.id]);
        expect((await record.incidents.open()).slice(0, 2).map(({ id }) => id)).toEqual([newer.id, older.id]);

        await record.incidents.update(newer.id, {
          status: 'resolved',
          stage: 'done',
          resolvedAt: new Date('2030-01-03T00:00:00Z'),
        });

        expect((await record.incidents.open())[0]?.id).toBe(older.id);
        const resolved = await record.incidents.resolvedSince(new Date('2030-01-02T12:00:00Z'));
        expect(resolved.map(({ id }) => id)).toEqual([newer.id]);
        const unfinished = (await record.incidents.unfinished()).map(({ id }) => id);
        expect(unfinished).toContain(older.id);
        expect(unfinished).not.toContain(newer.id);
      });

      it('moves a stage only from where it stands', async () => {
        const incidentId = await openIncident();

        expect(await record.incidents.moveStage(incidentId, 'planning', 'approval')).toBe(false);
        expect(await record.incidents.moveStage(incidentId, 'triage', 'investigation')).toBe(true);
        expect((await record.incidents.get(incidentId))?.stage).toBe('investigation');
      });
    });

    describe('timeline', () => {
      it('chains entries so that the chain still holds when it is read back', async () => {
        const incidentId = await openIncident();

        const first = await record.timeline.append(incidentId, sampleEvent());
        await record.timeline.append(
          incidentId,
          sampleEvent({
            text: 'NUL \0 and half \udc00 a pair',
            data: { deep: [{ '\0': 'x\0', n: 1e21, e: 'e\u0301' }] },
          }),
        );

        expect(first).toMatchObject({ seq: 1, at: noon, previousHash: '0'.repeat(64) });
        const entries = await record.timeline.ofIncident(incidentId);
        expect(entries.map((entry) => entry.seq)).toEqual([1, 2]);
        expect(entries[0]).toEqual(first);
        expect(firstBrokenLink(entries)).toBeNull();
      });
    });

    it('keeps one investigation per incident and service', async () => {
      const incidentId = await openIncident();
      const investigation = sampleInvestigation(incidentId);

      const first = await record.investigations.ensure(investigation);
      const again = await record.investigations.ensure(sampleInvestigation(incidentId, { score: 0.1 }));
      await record.investigations.ensure(sampleInvestigation(incidentId, { service: 'mail', score: 0.95 }));
      await record.investigations.update(investigation.id, {
        state: 'running',
        investigator: 'evidence',
        steps: [{ key: 'logs', text: 'reads logs', state: 'running' }],
        limits: ['no Docker'],
        startedAt: noon,
      });

      expect(first).toEqual(investigation);
      expect(again).toEqual(investigation);
      const rows = await record.investigations.ofIncident(incidentId);
      expect(rows.map(({ service }) => service)).toEqual(['mail', 'billing']);
      expect(await record.investigations.get(investigation.id)).toEqual({
        ...investigation,
        state: 'running',
        investigator: 'evidence',
        steps: [{ key: 'logs', text: 'reads logs', state: 'running' }],
        limits: ['no Docker'],
        startedAt: noon,
      });
    });

    it('numbers evidence within its incident and keeps the first of a key', async () => {
      const incidentId = await openIncident();
      const { id } = await record.investigations.ensure(sampleInvestigation(incidentId));

      const first = await record.evidence.keep(incidentId, id, 'logs', sampleObservation());
      const second = await record.evidence.keep(
        incidentId,
        null,
        'alert',
        sampleObservation({ kind: 'alert' }),
      );
      const again = await record.evidence.keep(
        incidentId,
        id,
        'logs',
        sampleObservation({ summary: 'other' }),
      );

      expect(first).toEqual({ ...sampleObservation(), number: 1, incidentId, investigationId: id, at: noon });
      expect(second.number).toBe(2);
      expect(again).toEqual(first);
      expect(await record.evidence.get(incidentId, 2)).toEqual(second);
      expect(await record.evidence.get(incidentId, 3)).toBeUndefined();
      expect(await record.evidence.ofIncident(incidentId)).toEqual([first, second]);
    });

    it('replaces the findings of an investigation that states its claims again', async () => {
      const incidentId = await openIncident();
      const { id } = await record.investigations.ensure(sampleInvestigation(incidentId));
      const symptom = { kind: 'symptom', text: 'Errors', evidence: [1], confidence: 0.6 } as const;
      const cause = {
        kind: 'cause',
        text: 'It starts here',
        evidence: [1, 2],
        blames: { service: 'billing', commit: 'abc' },
        confidence: 0.8,
      } as const;

      await record.findings.state(incidentId, id, 'billing', [symptom]);
      const stated = await record.findings.state(incidentId, id, 'billing', [cause, symptom]);

      expect(stated).toMatchObject([cause, symptom]);
      expect(stated[1]).not.toHaveProperty('blames');
      expect(await record.findings.ofIncident(incidentId)).toEqual(stated);
    });

    it('keeps the latest root cause', async () => {
      const incidentId = await openIncident();
      const rootCause = {
        incidentId,
        outcome: 'inconclusive',
        service: null,
        commit: null,
        proposes: [],
        statement: 'Nothing stands out.',
        path: [],
        evidence: [1],
        ruledOut: ['mail'],
        nextChecks: ['look at the load balancer'],
        open: ['billing and mail point at each other'],
        at: noon,
      } as const;
      await record.rootCauses.put(rootCause);
      expect(await record.rootCauses.get(incidentId)).toEqual(rootCause);

      const better = {
        ...rootCause,
        outcome: 'confirmed',
        service: 'billing',
        commit: { sha: 'abc', subject: 'Shorten', author: 'Ada' },
      } as const;
      await record.rootCauses.put(better);

      expect(await record.rootCauses.get(incidentId)).toEqual(better);
    });

    describe('plans', () => {
      it('keeps the bytes that were hashed', async () => {
        const plan = samplePlan(await openIncident());

        await record.plans.insert(plan);

        expect(await record.plans.get(plan.id)).toEqual(plan);
        expect(await record.plans.ofIncident(plan.incidentId)).toEqual([plan]);
      });

      it('refuses a plan whose digest is not of its bytes', async () => {
        const plan = samplePlan(await openIncident());

        await expect(
          record.plans.insert({ ...plan, canonical: plan.canonical.replace('billing', 'Billing') }),
        ).rejects.toMatchObject({ code: '23514' });
      });

      it('refuses to guess at a plan of a version it does not know', async () => {
        const plan = samplePlan(await openIncident());
        const { planCanonical } = await import('../../src/domain/plan.ts');
        const future = planCanonical({ ...plan.body, version: 2 as 1 });
        await record.plans.insert({ ...plan, ...future });

        await expect(record.plans.get(plan.id)).rejects.toMatchObject({ code: 'unknown_version' });
      });

      it('finds pending plans whose time is over', async () => {
        const plan = samplePlan(await openIncident());
        await record.plans.insert(plan);
        const overdue = async () => (await record.plans.overdue()).map(({ id }) => id);
        expect(await overdue()).not.toContain(plan.id);

        clock.set(plan.expiresAt);

        expect(await overdue()).toContain(plan.id);
        expect(await record.plans.move(plan.id, 'approved', 'executing')).toBe(false);
        expect(await record.plans.move(plan.id, 'pending', 'expired')).toBe(true);
        expect(await overdue()).not.toContain(plan.id);
        clock.set(noon);
      });

      it('keeps every decision', async () => {
        const plan = samplePlan(await openIncident());
        await record.plans.insert(plan);
        const approval = {
          id: newId(),
          planId: plan.id,
          digest: plan.digest,
          userId: 'U1',
          decision: 'reject',
          inNameOf: null,
          reason: 'not now',
          at: noon,
        } as const;

        await record.plans.recordApproval(approval);
        await record.plans.recordApproval(approval);

        expect(await record.plans.approvals(plan.id)).toEqual([approval]);
      });
    });

    it('keeps one execution per plan, with what undoes it', async () => {
      const plan = samplePlan(await openIncident());
      await record.plans.insert(plan);
      const execution = sampleExecution(plan);

      const first = await record.executions.ensure(execution);
      const again = await record.executions.ensure(sampleExecution(plan, { approvedBy: 'U2' }));
      const change = {
        state: 'verified',
        steps: [
          anAppliedStep({
            receipt: { summary: 'Merged', url: 'https://example.com/1', data: { number: 1 } },
          }),
        ],
        after: { at: noon, value: null },
        appliedAt: noon,
        finishedAt: noon,
      } as const;
      await record.executions.update(execution.id, change);

      expect(first).toEqual(execution);
      expect(again).toEqual(execution);
      expect(await record.executions.get(execution.id)).toEqual({ ...execution, ...change });
      expect(await record.executions.ofPlan(plan.id)).toEqual({ ...execution, ...change });
      expect(await record.executions.ofIncident(plan.incidentId)).toHaveLength(1);
    });

    it('keeps what was learned, the latest of each incident', async () => {
      const incidentId = await openIncident();
      const entry = { incidentId, title: 'Billing', service: null, markdown: '# Billing', at: noon };
      await record.knowledge.put({ ...entry, markdown: 'draft' });
      await record.knowledge.put(entry);

      expect(await record.knowledge.get(incidentId)).toEqual(entry);
    });

    describeApprovals(() => record, openIncident, clock);
    describeCollaboration(() => record, openIncident, clock);
    describeConversations(() => record, openIncident, clock);
    describeOutbox(() => record, openIncident, clock);
    describeSimilar(() => record, openIncident);
    describeTransactions(() => record, openIncident);
    describeTelemetryStore(() => opened.telemetry);
  });
}

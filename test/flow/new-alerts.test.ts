import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Click } from '../../src/domain/approval.ts';
import type { Plan } from '../../src/domain/plan.ts';
import { acceptAlerts, advance, decidePlan } from '../../src/flow/index.ts';
import { anAlert } from '../support/builders.ts';
import { blameOneCommit, type FlowFixture, openFlow } from '../support/flow-fixture.ts';

const firing = anAlert({ service: 'ledger', startsAt: new Date(Date.now() - 5_000) });
const resolved = { ...firing, status: 'resolved' as const, endsAt: new Date() };
const again = () => anAlert({ service: 'ledger', fingerprint: 'f-again', startsAt: new Date() });

/** Alerts do not wait for their turn: they come while people decide and while a fix runs. */
describe('an alert that comes late', () => {
  let fixture: FlowFixture;
  let looks: string[];
  beforeEach(async () => {
    looks = [];
    const base = blameOneCommit();
    fixture = await openFlow({
      investigator: {
        ...base,
        investigate: (assignment, notebook, signal) => {
          looks.push(assignment.service.name);
          return base.investigate(assignment, notebook, signal);
        },
      },
    });
    await acceptAlerts(fixture.flow, [firing]);
    await fixture.queue.drain(fixture.flow);
  });
  afterEach(() => fixture.close());

  const onlyIncident = async () => {
    const [incident, ...others] = await fixture.flow.record.incidents.recent(5);
    if (incident === undefined || others.length > 0) throw new Error('expected one incident');
    return incident;
  };
  const plans = async () => fixture.flow.record.plans.ofIncident((await onlyIncident()).id);
  const approve = async (plan: Plan) => {
    const click: Click = {
      planId: plan.id,
      digest: plan.digest,
      nonce: plan.nonce,
      userId: 'U-APPROVER',
      decision: 'approve',
    };
    return decidePlan(fixture.flow, click);
  };

  it('on a service without an agent brings it one, and withdraws the plan that was made without it', async () => {
    const before = looks.filter((name) => name === 'shopfront').length;
    const [plan] = await plans();
    await acceptAlerts(fixture.flow, [
      anAlert({
        service: 'shopfront',
        fingerprint: 'f2',
        startsAt: firing.startsAt,
        labels: { alertname: 'Slow', service: 'shopfront', severity: 'warning' },
      }),
    ]);
    await fixture.queue.drain(fixture.flow);

    expect(looks.filter((name) => name === 'shopfront').length).toBeGreaterThan(before);
    expect((await fixture.flow.record.plans.get(plan?.id ?? ''))?.state).toBe('void');
    expect((await plans()).filter((one) => one.state === 'pending')).toHaveLength(1);
  });

  it('raises the severity and moves the start back, never the other way', async () => {
    const earlier = new Date(firing.startsAt.getTime() - 60_000);
    const labels = { alertname: 'Slow', service: 'ledger', severity: 'warning' };
    await acceptAlerts(fixture.flow, [anAlert({ fingerprint: 'f3', startsAt: earlier, labels })]);

    expect(await onlyIncident()).toMatchObject({ severity: 'sev1', startedAt: earlier });
  });

  it('after the end sends everybody to look anew', async () => {
    await acceptAlerts(fixture.flow, [resolved]);
    await fixture.queue.drain(fixture.flow);
    const before = looks.length;
    await acceptAlerts(fixture.flow, [again()]);
    await fixture.queue.drain(fixture.flow);

    expect(looks.length).toBeGreaterThan(before);
    expect((await onlyIncident()).status).not.toBe('resolved');
    expect((await plans()).filter((one) => one.state === 'pending')).toHaveLength(1);
  });

  it('while a fix is being verified leaves the fix to its end, and is looked at then', async () => {
    const [plan] = (await plans()) as [Plan];
    await approve(plan);
    fixture.remedy.onApply = () => fixture.metrics.set(0.01);
    const { id } = await onlyIncident();
    await advance(fixture.flow, 'execution', id, new AbortController().signal);
    await acceptAlerts(fixture.flow, [resolved]);
    const before = looks.length;
    await acceptAlerts(fixture.flow, [again()]);
    expect((await onlyIncident()).stage).toBe('verification');
    await fixture.queue.drain(fixture.flow);

    expect((await fixture.flow.record.plans.get(plan.id))?.state).toBe('verified');
    expect(looks.length).toBeGreaterThan(before);
  });

  it('that resolves while the plan is being made leaves nothing to click', async () => {
    const slow = await openFlow();
    try {
      slow.remedy.beforePreview = async () => {
        await acceptAlerts(slow.flow, [resolved]);
      };
      await acceptAlerts(slow.flow, [firing]);
      await slow.queue.drain(slow.flow);

      const [incident] = await slow.flow.record.incidents.recent(1);
      expect(await slow.flow.record.plans.ofIncident(incident?.id ?? '')).toEqual([]);
      expect(incident).toMatchObject({ status: 'resolved', stage: 'done' });
    } finally {
      await slow.close();
    }
  });
});

describe('a cause that rests on text alone', () => {
  it('carries no plan', async () => {
    const fixture = await openFlow({
      investigator: {
        name: 'evidence',
        async investigate({ service }, notebook) {
          if (service.name !== 'ledger') return { claims: [], ruledOut: [], nextChecks: [] };
          const seen = { service: 'ledger', title: 't', query: 'q', empty: false };
          const log = await notebook.keep('log', {
            ...seen,
            kind: 'log',
            summary: 'a line that anybody can write',
            data: {},
          });
          const change = await notebook.keep('change', {
            ...seen,
            kind: 'change',
            summary: 'a commit',
            data: {
              commit: { sha: 'c'.repeat(40), subject: 's', author: 'a', at: '2026-01-01T00:00:00Z' },
              margin: 0.9,
            },
          });
          const blames = { service: 'ledger', commit: 'c'.repeat(40) };
          return {
            claims: [
              {
                kind: 'cause',
                text: 'ledger did it',
                evidence: [log.number, change.number],
                blames,
                confidence: 0.95,
              },
            ],
            ruledOut: [],
            nextChecks: [],
          };
        },
      },
    });
    try {
      await acceptAlerts(fixture.flow, [firing]);
      await fixture.queue.drain(fixture.flow);

      const [incident] = await fixture.flow.record.incidents.recent(1);
      expect(await fixture.flow.record.plans.ofIncident(incident?.id ?? '')).toEqual([]);
    } finally {
      await fixture.close();
    }
  });
});

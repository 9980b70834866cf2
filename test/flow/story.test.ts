import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Click } from '../../src/domain/approval.ts';
import type { Plan } from '../../src/domain/plan.ts';
import { firstBrokenLink } from '../../src/domain/timeline.ts';
import { acceptAlerts, advance, decidePlan, investigate, reconcile } from '../../src/flow/index.ts';
import { anAlert } from '../support/builders.ts';
import { type FlowFixture, openFlow } from '../support/flow-fixture.ts';

const firing = anAlert({ service: 'ledger', startsAt: new Date(Date.now() - 5_000) });
const resolved = { ...firing, status: 'resolved' as const, endsAt: new Date() };

describe('the story', () => {
  let fixture: FlowFixture;
  let plan: Plan;
  let click: Click;

  /** From the alert to a plan that waits for its click. */
  beforeEach(async () => {
    fixture = await openFlow();
    await acceptAlerts(fixture.flow, [firing]);
    await fixture.queue.drain(fixture.flow);
    plan = await onlyPlan(fixture);
    click = {
      planId: plan.id,
      digest: plan.digest,
      nonce: plan.nonce,
      userId: 'U-APPROVER',
      decision: 'approve',
    };
  });
  afterEach(() => fixture.close());

  it('comes to a root cause that cites evidence, and offers a plan', async () => {
    const rootCause = await fixture.flow.record.rootCauses.get(plan.incidentId);

    expect(rootCause).toMatchObject({ service: 'ledger', commit: { sha: 'c'.repeat(40) } });
    expect(rootCause?.evidence.length).toBeGreaterThanOrEqual(2);
    expect(plan.state).toBe('pending');
    expect(fixture.remedy.applied).toBe(0);
  });

  it('runs what was approved, verifies it by the alert, and writes the postmortem once the alert resolves', async () => {
    expect(await decidePlan(fixture.flow, click)).toEqual({ accepted: true, note: null });
    fixture.remedy.onApply = () => fixture.metrics.set(0.01);
    await fixture.queue.drain(fixture.flow);
    await acceptAlerts(fixture.flow, [resolved]);
    await fixture.queue.drain(fixture.flow);

    const { record } = fixture.flow;
    const incident = await record.incidents.get(plan.incidentId);
    const [execution] = await record.executions.ofIncident(plan.incidentId);
    const timeline = await record.timeline.ofIncident(plan.incidentId);
    expect(incident).toMatchObject({ status: 'resolved', stage: 'done' });
    expect(execution).toMatchObject({ state: 'verified', before: { value: 0.4 }, after: { value: 0.01 } });
    expect((await record.knowledge.get(plan.incidentId))?.markdown).toContain('## Timeline');
    expect(timeline.map((entry) => entry.kind)).toEqual([
      'incident.opened',
      'triage.done',
      ...timeline.filter((entry) => entry.kind === 'finding.stated').map((entry) => entry.kind),
      'root-cause.settled',
      'plan.offered',
      'plan.shown',
      'plan.approved',
      'execution.started',
      'execution.step',
      'execution.applied',
      'verification.passed',
      'alert.resolved',
      'incident.resolved',
      'postmortem.drafted',
    ]);
    expect(firstBrokenLink(timeline)).toBeNull();
  });

  it('undoes its own change, once, when the alert goes on', async () => {
    await decidePlan(fixture.flow, click);
    await fixture.queue.drain(fixture.flow);

    const incident = await fixture.flow.record.incidents.get(plan.incidentId);
    expect((await fixture.flow.record.plans.get(plan.id))?.state).toBe('rolled-back');
    expect(fixture.remedy).toMatchObject({ applied: 1, undone: 1, on: false });
    expect(incident).toMatchObject({ status: 'investigating', stage: 'approval' });
  });

  it('takes a monitor without data neither for recovery nor for a reading', async () => {
    await decidePlan(fixture.flow, click);
    fixture.remedy.onApply = () => fixture.metrics.set(null);
    await fixture.queue.drain(fixture.flow);

    expect((await fixture.flow.record.plans.get(plan.id))?.state).toBe('unverified');
    expect(fixture.remedy.undone).toBe(0);
  });

  it('lets one of a hundred clicks through', async () => {
    const answers = await Promise.all(Array.from({ length: 100 }, () => decidePlan(fixture.flow, click)));
    fixture.remedy.onApply = () => fixture.metrics.set(0.01);
    await fixture.queue.drain(fixture.flow);

    expect(answers.filter((answer) => answer.accepted)).toHaveLength(1);
    expect(fixture.remedy.applied).toBe(1);
    expect(await fixture.flow.record.plans.approvals(plan.id)).toHaveLength(1);
  });

  it.each([
    ['another person', { userId: 'U-OTHER' }, 'not-an-approver'],
    ['a changed digest', { digest: 'f'.repeat(64) }, 'changed'],
    ['a guessed nonce', { nonce: '0'.repeat(32) }, 'changed'],
    ['a plan that is not there', { planId: 'nothing' }, 'unknown-plan'],
  ])('refuses %s', async (_, change, refusal) => {
    expect(await decidePlan(fixture.flow, { ...click, ...change })).toMatchObject({
      accepted: false,
      refusal,
    });
    await fixture.queue.drain(fixture.flow);
    expect(fixture.remedy.applied).toBe(0);
  });

  it('reads the group at the click: a person removed a moment ago is refused', async () => {
    fixture.groups.set('U-APPROVER', []);

    expect(await decidePlan(fixture.flow, click)).toMatchObject({ refusal: 'no-approvers' });
  });

  it('denies when the directory cannot be asked', async () => {
    const flow = { ...fixture.flow, directory: null };

    expect(await decidePlan(flow, click)).toMatchObject({ refusal: 'directory-unavailable' });
  });

  it('goes on after a restart between the click and the run, from rows alone', async () => {
    await decidePlan(fixture.flow, click);
    fixture.queue.flush();
    fixture.remedy.onApply = () => fixture.metrics.set(0.01);

    await reconcile(fixture.flow, new Map(), new AbortController().signal);
    await fixture.queue.drain(fixture.flow);

    expect((await fixture.flow.record.plans.get(plan.id))?.state).toBe('verified');
    expect(fixture.remedy.applied).toBe(1);
  });

  it('voids the plan when the base moved between the click and the run', async () => {
    await decidePlan(fixture.flow, click);
    fixture.remedy.base = 'd'.repeat(40);
    await fixture.queue.drain(fixture.flow);

    expect((await fixture.flow.record.plans.get(plan.id))?.state).toBe('void');
    expect(fixture.remedy.applied).toBe(0);
  });

  it('withdraws the plan when the alert resolves by itself', async () => {
    await acceptAlerts(fixture.flow, [resolved]);
    await fixture.queue.drain(fixture.flow);

    expect((await fixture.flow.record.plans.get(plan.id))?.state).toBe('void');
    expect(await decidePlan(fixture.flow, click)).toMatchObject({ refusal: 'not-pending' });
    expect((await fixture.flow.record.incidents.get(plan.incidentId))?.stage).toBe('done');
  });

  it('keeps the reason of a rejection', async () => {
    await decidePlan(fixture.flow, { ...click, decision: 'reject', reason: 'wrong commit' });

    const [approval] = await fixture.flow.record.plans.approvals(plan.id);
    expect(approval).toMatchObject({ decision: 'reject', reason: 'wrong commit' });
    expect((await fixture.flow.record.plans.get(plan.id))?.state).toBe('rejected');
  });

  it('shows each card once: every stage run again posts nothing new', async () => {
    const before = await fixture.flow.record.outbox.ofIncident(plan.incidentId);
    const signal = new AbortController().signal;
    for (const investigation of await fixture.flow.record.investigations.ofIncident(plan.incidentId)) {
      await investigate(fixture.flow, investigation.id, signal);
    }
    for (const stage of [
      'triage',
      'root-cause',
      'planning',
      'execution',
      'verification',
      'learning',
    ] as const) {
      await advance(fixture.flow, stage, plan.incidentId, signal);
    }
    const after = await fixture.flow.record.outbox.ofIncident(plan.incidentId);

    expect(after.map((entry) => [entry.key, entry.version])).toEqual(
      before.map((entry) => [entry.key, entry.version]),
    );
  });
});

async function onlyPlan(fixture: FlowFixture): Promise<Plan> {
  const [incident] = await fixture.flow.record.incidents.recent(2);
  const [plan, ...others] = await fixture.flow.record.plans.ofIncident(incident?.id ?? '');
  if (plan === undefined || others.length > 0) throw new Error('expected exactly one plan');
  return plan;
}

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Click } from '../../src/domain/approval.ts';
import type { Plan } from '../../src/domain/plan.ts';
import { acceptAlerts, advance, decidePlan, reconcile, requeueWork } from '../../src/flow/index.ts';
import { RecordUnavailable } from '../../src/store/record-errors.ts';
import { anAlert } from '../support/builders.ts';
import { type FlowFixture, openFlow } from '../support/flow-fixture.ts';

const firing = anAlert({ service: 'ledger', startsAt: new Date(Date.now() - 5_000) });
const resolved = { ...firing, status: 'resolved' as const, endsAt: new Date() };
const signal = new AbortController().signal;

/** What may go wrong between a click and the end of a fix, with the record in PostgreSQL and everything outside scripted. */
describe('carrying out a plan', () => {
  let fixture: FlowFixture;
  let plan: Plan;
  let click: Click;

  beforeEach(async () => {
    fixture = await openFlow();
    await acceptAlerts(fixture.flow, [firing]);
    await fixture.queue.drain(fixture.flow);
    const [incident] = await fixture.flow.record.incidents.recent(1);
    [plan] = (await fixture.flow.record.plans.ofIncident(incident?.id ?? '')) as [Plan];
    click = {
      planId: plan.id,
      digest: plan.digest,
      nonce: plan.nonce,
      userId: 'U-APPROVER',
      decision: 'approve',
    };
  });
  afterEach(() => fixture.close());

  const state = async () => (await fixture.flow.record.plans.get(plan.id))?.state;
  const incident = () => fixture.flow.record.incidents.get(plan.incidentId);
  const run = (stage: 'execution' | 'verification' | 'rollback') =>
    advance(fixture.flow, stage, plan.incidentId, signal);

  it('a reply that gets lost is looked up: the effect is there once and is verified', async () => {
    await decidePlan(fixture.flow, click);
    fixture.remedy.loseReply = true;
    fixture.remedy.onApply = () => fixture.metrics.set(0.01);

    await expect(run('execution')).rejects.toMatchObject({ retryable: true });
    expect(await state()).toBe('executing');
    await run('execution');
    await run('verification');

    expect(await state()).toBe('verified');
    expect(fixture.remedy.applied).toBe(1);
  });

  it('an interrupted run does not go on once its approval has expired', async () => {
    await decidePlan(fixture.flow, click);
    fixture.remedy.loseReply = true;
    await expect(run('execution')).rejects.toThrow();
    const late = { ...fixture.flow, policy: { ...fixture.flow.policy, executionExpiryMinutes: 0 } };

    await advance(late, 'execution', plan.incidentId, signal);

    expect(await state()).toBe('failed');
    expect(fixture.remedy.applied).toBe(1);
    const [execution] = await fixture.flow.record.executions.ofIncident(plan.incidentId);
    expect(execution?.error).toContain('not known');
  });

  it('a fix that works is kept when the verification comes after its deadline', async () => {
    await decidePlan(fixture.flow, click);
    fixture.remedy.onApply = () => fixture.metrics.set(0.01);
    await run('execution');
    const late = { ...fixture.flow, policy: { ...fixture.flow.policy, verificationTimeoutSeconds: 0 } };

    await advance(late, 'verification', plan.incidentId, signal);

    expect(await state()).toBe('verified');
    expect(fixture.remedy.undone).toBe(0);
  });

  it("takes the monitor's word that the alert is over where its expression has gone silent", async () => {
    await decidePlan(fixture.flow, click);
    fixture.remedy.onApply = () => fixture.metrics.set(null);
    await run('execution');
    await acceptAlerts(fixture.flow, [resolved]);

    await run('verification');

    expect(await state()).toBe('verified');
    expect(fixture.remedy.undone).toBe(0);
  });

  it('two verifiers at once come to one end', async () => {
    await decidePlan(fixture.flow, click);
    await run('execution');

    await Promise.all([run('verification'), run('verification')]);
    expect(await state()).toBe('undoing');
    await run('rollback');

    expect(await state()).toBe('rolled-back');
    expect(fixture.remedy.undone).toBe(1);
    const kinds = (await fixture.flow.record.timeline.ofIncident(plan.incidentId)).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'verification.failed')).toHaveLength(1);
    expect(kinds.filter((kind) => kind === 'rollback.done')).toHaveLength(1);
  });

  it('an approved plan is withdrawn when the alert resolves before it ran', async () => {
    await decidePlan(fixture.flow, click);
    await acceptAlerts(fixture.flow, [resolved]);
    await fixture.queue.drain(fixture.flow);

    expect(await state()).toBe('void');
    expect(fixture.remedy.applied).toBe(0);
    expect((await incident())?.stage).toBe('done');
  });

  it('nothing is run when the alert no longer holds', async () => {
    await decidePlan(fixture.flow, click);
    fixture.metrics.set(0.01);

    await run('execution');

    expect(await state()).toBe('void');
    expect(fixture.remedy.applied).toBe(0);
  });

  it('a plan whose base moved is made anew from the state of things now', async () => {
    await decidePlan(fixture.flow, click);
    fixture.remedy.base = 'd'.repeat(40);
    await fixture.queue.drain(fixture.flow);

    const plans = await fixture.flow.record.plans.ofIncident(plan.incidentId);
    expect(plans.map((one) => one.state).sort()).toEqual(['pending', 'void']);
    expect(plans.find((one) => one.state === 'pending')?.body.remedies[0]?.pins['base']).toBe('d'.repeat(40));
  });

  it('a click counts although the queue is away, and the run follows', async () => {
    fixture.queue.down = true;
    expect(await decidePlan(fixture.flow, click)).toMatchObject({ accepted: true });
    fixture.queue.down = false;
    fixture.remedy.onApply = () => fixture.metrics.set(0.01);

    await requeueWork(fixture.flow);
    await fixture.queue.drain(fixture.flow);

    expect(await state()).toBe('verified');
  });

  it('a late click is refused by the clock of the database', async () => {
    const expired = await openFlow();
    try {
      const flow = { ...expired.flow, policy: { ...expired.flow.policy, planExpiryMinutes: 0 } };
      await acceptAlerts(flow, [firing]);
      await expired.queue.drain(flow);
      const [opened] = await flow.record.incidents.recent(1);
      const [late] = (await flow.record.plans.ofIncident(opened?.id ?? '')) as [Plan];

      expect(
        await decidePlan(flow, { ...click, planId: late.id, digest: late.digest, nonce: late.nonce }),
      ).toMatchObject({
        refusal: 'expired',
      });
    } finally {
      await expired.close();
    }
  });

  it('a plan that nobody decided about in time expires, and nothing extends it or makes another by itself', async () => {
    const { record } = fixture.flow;
    const withoutPatience = {
      ...fixture.flow,
      record: { ...record, plans: { ...record.plans, overdue: async () => [plan] } },
    };

    await reconcile(withoutPatience, new Map(), signal);
    await fixture.queue.drain(fixture.flow);

    const plans = await record.plans.ofIncident(plan.incidentId);
    expect(plans.map((one) => one.state)).toEqual(['expired']);
    expect(await decidePlan(fixture.flow, click)).toMatchObject({ refusal: 'not-pending' });
  });

  it('a record that blinks does not end an investigation', async () => {
    const blinking = await openFlow({
      investigator: {
        name: 'evidence',
        investigate: () => Promise.reject(new RecordUnavailable('The record is away.', 'Wait.')),
      },
    });
    try {
      await acceptAlerts(blinking.flow, [firing]);
      await expect(blinking.queue.drain(blinking.flow)).rejects.toMatchObject({ code: 'record_unavailable' });

      const [opened] = await blinking.flow.record.incidents.recent(1);
      const states = (await blinking.flow.record.investigations.ofIncident(opened?.id ?? '')).map(
        (one) => one.state,
      );
      expect(states).toContain('running');
      expect(states).not.toContain('failed');
    } finally {
      await blinking.close();
    }
  });
});

describe('a plan of high risk', () => {
  let fixture: FlowFixture;
  let plan: Plan;
  beforeEach(async () => {
    fixture = await openFlow();
    fixture.remedy.facts = {
      base: 'high',
      reasons: ['touches what others changed since'],
      reversible: 'exact',
    };
    fixture.groups.set('U-APPROVER', ['U-APPROVER', 'U-OTHER']);
    await acceptAlerts(fixture.flow, [firing]);
    await fixture.queue.drain(fixture.flow);
    const [incident] = await fixture.flow.record.incidents.recent(1);
    [plan] = (await fixture.flow.record.plans.ofIncident(incident?.id ?? '')) as [Plan];
  });
  afterEach(() => fixture.close());

  const by = (userId: string, decision: 'approve' | 'reject' = 'approve') =>
    decidePlan(fixture.flow, { planId: plan.id, digest: plan.digest, nonce: plan.nonce, userId, decision });

  it('waits for a second person, and one person clicking twice is one', async () => {
    expect(await by('U-APPROVER')).toEqual({
      accepted: true,
      note: expect.stringContaining('second person'),
    });
    expect(await by('U-APPROVER')).toMatchObject({ refusal: 'already-clicked' });
    expect((await fixture.flow.record.plans.get(plan.id))?.state).toBe('pending');
    expect(await by('U-OTHER')).toEqual({ accepted: true, note: null });
  });

  it('is approved by two who click at the same moment', async () => {
    const answers = await Promise.all([by('U-APPROVER'), by('U-OTHER'), by('U-APPROVER'), by('U-OTHER')]);

    expect(answers.filter((answer) => answer.accepted)).toHaveLength(2);
    expect((await fixture.flow.record.plans.get(plan.id))?.state).toBe('approved');
    expect(await fixture.flow.record.plans.approvals(plan.id)).toHaveLength(2);
  });

  it('needs the first person to be an approver still when the second one clicks', async () => {
    await by('U-APPROVER');
    fixture.groups.set('U-APPROVER', ['U-OTHER']);

    expect(await by('U-OTHER')).toEqual({ accepted: true, note: expect.stringContaining('second person') });
  });

  it('may be rejected by the one who approved it first', async () => {
    await by('U-APPROVER');

    expect(await by('U-APPROVER', 'reject')).toMatchObject({ accepted: true });
    expect((await fixture.flow.record.plans.get(plan.id))?.state).toBe('rejected');
  });
});

describe('a share whose numerator is gone', () => {
  it('is zero while its denominator lives, so the fix is seen to have helped', async () => {
    const fixture = await openFlow();
    try {
      fixture.metrics.rule = 'bad / all > 0.1';
      const ledger = { service: 'ledger' };
      const set = (expression: string, value: number | null) =>
        fixture.metrics.values.set(expression, value === null ? [] : [{ labels: ledger, value }]);
      set('bad / all > 0.1', 0.4);
      set('bad / all', 0.4);
      set('bad', 4);
      set('all', 10);
      await acceptAlerts(fixture.flow, [firing]);
      await fixture.queue.drain(fixture.flow);
      const [incident] = await fixture.flow.record.incidents.recent(1);
      const [plan] = (await fixture.flow.record.plans.ofIncident(incident?.id ?? '')) as [Plan];
      fixture.remedy.onApply = () => {
        for (const expression of ['bad / all > 0.1', 'bad / all', 'bad']) set(expression, null);
      };

      await decidePlan(fixture.flow, {
        planId: plan.id,
        digest: plan.digest,
        nonce: plan.nonce,
        userId: 'U-APPROVER',
        decision: 'approve',
      });
      await fixture.queue.drain(fixture.flow);

      const [execution] = await fixture.flow.record.executions.ofIncident(plan.incidentId);
      expect(execution).toMatchObject({ state: 'verified', before: { value: 0.4 }, after: { value: 0 } });
    } finally {
      await fixture.close();
    }
  });
});

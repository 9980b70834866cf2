import { afterEach, describe, expect, it } from 'vitest';
import type { Plan } from '../../src/domain/plan.ts';
import { declareIncident } from '../../src/flow/index.ts';
import type { FlowOptions } from '../support/flow-fixture.ts';
import { given, nobodyKnows, openWarRoom, steps, type WarRoom } from '../support/war-room.ts';

let room: WarRoom;
afterEach(() => room.close());

/** An agent's plan on ledger that somebody approved, with the effect that the test gives it. */
async function approved(effect: () => void, options: FlowOptions = {}): Promise<Plan> {
  room = await openWarRoom(options);
  const plan = await room.planned();
  room.remedy.onApply = effect;
  expect(await room.click(plan, 'U-APPROVER')).toMatchObject({ accepted: true });
  return plan;
}

const ratio = (value: number | null) => () => room.fixture.metrics.set(value);

async function done(effect: () => void): Promise<Plan> {
  const plan = await approved(effect);
  await room.work();
  return plan;
}

describe('a fix that made it worse', () => {
  it('is taken back long before its time is over, and the channel tells the story in order', async () => {
    const plan = await approved(ratio(0.9), { policy: { verificationTimeoutSeconds: 600 } });
    const { metrics } = room.fixture;
    const read = metrics.instant.bind(metrics);
    let readings = 0;
    metrics.instant = async (expression) => {
      // Each look at the alert comes ten seconds after the one before.
      if (expression === metrics.rule) {
        readings += 1;
        room.clock.pass({ seconds: 10 });
      }
      return read(expression);
    };

    await room.work();

    expect(await room.state(plan)).toBe('rolled-back');
    expect(room.remedy.acts).toEqual(['do ccccccc', 'undo ccccccc']);
    // The time it is given to settle, and five readings in a row: far from the 600 seconds.
    expect(readings).toBeGreaterThan(10);
    expect(readings).toBeLessThan(20);
    expect(await room.execution(plan)).toMatchObject({ before: { value: 0.4 }, after: { value: 0.9 } });
    expect(await room.told(plan)).toEqual([
      'plan.offered',
      'plan.shown',
      'plan.approved',
      'execution.started',
      'execution.step',
      'execution.applied',
      'verification.failed',
      'rollback.done',
    ]);
    const texts = (await room.timeline(plan)).map(({ text }) => text);
    expect(texts.at(-2)).toContain('HighErrorRatio got worse (0.4 before, 0.9 now)');
    expect(texts.at(-1)).toContain('It was rolled back.');
    const keys = (await room.record.outbox.ofIncident(plan.incidentId)).map(({ key }) => key);
    expect(keys.filter((key) => /^(root-cause|plan:|outcome:)/.test(key))).toEqual([
      'root-cause',
      `plan:${plan.id}`,
      `outcome:${plan.id}`,
    ]);
    expect(await outcomeOf(plan)).toMatchObject({
      result: 'rolled-back',
      before: { value: 0.4 },
      after: { value: 0.9 },
    });
    expect((await room.card(plan)).progress.at(-1)).toContain('rolled back');
    expect(await room.incident(plan)).toMatchObject({ stage: 'approval', status: 'investigating' });
  });

  it('is given the time that things take to settle', async () => {
    const plan = await approved(ratio(0.9), { policy: { verificationTimeoutSeconds: 30 } });
    let readings = 0;
    const { metrics } = room.fixture;
    const read = metrics.instant.bind(metrics);
    metrics.instant = async (expression) => {
      if (expression === metrics.rule) {
        readings += 1;
        if (readings === 7) metrics.set(0.01);
      }
      return read(expression);
    };

    await room.work();

    expect(await room.state(plan)).toBe('verified');
  });
});

describe('a fix whose help cannot be measured', () => {
  it('is taken back when its own check says that its effect is not there', async () => {
    const plan = await approved(ratio(null));
    room.remedy.check = { state: 'broken', text: 'The switch is off.' };

    await room.work();

    expect(await room.state(plan)).toBe('rolled-back');
    expect((await room.execution(plan)).undoReason).toContain('The switch is off.');
    expect((await room.execution(plan)).steps[0]?.check).toEqual(room.remedy.check);
  });

  it.each(['holds', 'unknown'] as const)('is left to people when its own check says “%s”', async (state) => {
    const plan = await approved(ratio(null));
    room.remedy.check = { state, text: 'as it says' };

    await room.work();

    expect(await room.state(plan)).toBe('unverified');
    expect(room.remedy.undone).toBe(0);
    expect(await outcomeOf(plan)).toMatchObject({ result: 'unmeasured', checks: ['as it says'] });
  });

  it('is left to people when its own check fails to answer', async () => {
    const plan = await approved(ratio(null));
    room.alter(() => ({ verify: () => Promise.reject(new Error('no route to host')) }));

    await room.work();

    expect(await room.state(plan)).toBe('unverified');
  });

  it('is kept when the alert is over, whatever its own check says', async () => {
    const plan = await approved(ratio(0.01));
    room.remedy.check = { state: 'broken', text: 'The switch is off.' };

    await room.work();

    expect(await room.state(plan)).toBe('verified');
  });

  it('of a declared incident, which has no alert, is left to people at once', async () => {
    room = await openWarRoom({ investigator: nobodyKnows, policy: { verificationTimeoutSeconds: 600 } });
    await declareIncident(room.flow, {
      title: 'odd',
      severity: 'sev3',
      services: ['ledger'],
      userId: 'U-KIM',
    });
    await room.work();
    const plan = await room.proposed('U-KIM', steps('one'));
    await room.click(plan, 'U-APPROVER');

    await room.work();

    expect(await room.state(plan)).toBe('unverified');
  });
});

describe('a person who wants it undone', () => {
  it.each([
    ['verified', 0.01],
    ['unverified', null],
  ] as const)('gets it although it was %s', async (state, value) => {
    const plan = await done(ratio(value));
    expect(await room.state(plan)).toBe(state);
    expect((await room.card(plan)).undoable).toBe(true);

    expect(await room.undo(plan, 'U-APPROVER', 'invoices are wrong now')).toEqual({
      accepted: true,
      note: null,
    });
    await room.work();

    expect(await room.state(plan)).toBe('rolled-back');
    expect(room.remedy.undone).toBe(1);
    expect((await room.card(plan)).undoable).toBe(false);
    const told = (await room.timeline(plan)).filter(({ kind }) => /undo|rollback/.test(kind));
    expect(told.map(({ kind, actor }) => [kind, actor])).toEqual([
      ['plan.undo-requested', 'user:U-APPROVER'],
      ['rollback.done', 'warroom'],
    ]);
    expect(told[1]?.text).toContain('Ana asked for it: invoices are wrong now');
  });

  it('gets it while it is still being verified, once', async () => {
    const plan = await approved(ratio(0.4), { policy: { verificationTimeoutSeconds: 600 } });
    await room.run('execution', plan);
    const verifying = room.run('verification', plan, AbortSignal.timeout(60_000));

    const answers = await Promise.all([1, 2, 3].map(() => room.undo(plan, 'U-APPROVER')));
    room.fixture.metrics.set(0.01);
    await verifying;
    await room.work();

    expect(answers.filter((answer) => answer.accepted)).toHaveLength(1);
    expect(await room.state(plan)).toBe('rolled-back');
    expect(room.remedy.undone).toBe(1);
  });

  it('gets it after the incident is over: what was learned is written anew', async () => {
    const plan = await done(ratio(0.01));
    await room.resolveAlerts();
    await room.work();
    expect(await room.incident(plan)).toMatchObject({ status: 'resolved', stage: 'done' });
    const before = await room.record.knowledge.get(plan.incidentId);

    await room.undo(plan, 'U-APPROVER');
    expect((await room.incident(plan)).stage).toBe('rollback');
    await room.restart();

    expect(await room.state(plan)).toBe('rolled-back');
    expect(await room.incident(plan)).toMatchObject({ status: 'resolved', stage: 'done' });
    const after = await room.record.knowledge.get(plan.incidentId);
    expect(after?.markdown).not.toBe(before?.markdown);
    expect(after?.markdown).toContain('rolled back');
  });

  it('is an approver or who stands in for one, not anybody', async () => {
    const plan = await done(ratio(0.01));
    room.fixture.people.set('U-GUEST', { id: 'U-GUEST', name: 'Gus', kind: 'guest' });

    expect(await room.undo(plan, 'U-EVE')).toMatchObject({ refusal: 'not-an-approver' });
    expect(await room.undo(plan, 'U-GUEST')).toMatchObject({ refusal: 'not-a-member' });
    expect(await room.undo({ ...plan, nonce: 'guessed' }, 'U-APPROVER')).toMatchObject({
      refusal: 'changed',
    });
    room.flow = { ...room.flow, directory: null };
    expect(await room.undo(plan, 'U-APPROVER')).toMatchObject({ refusal: 'directory-unavailable' });
    expect(room.remedy.undone).toBe(0);
  });

  it('is told when there is nothing to undo', async () => {
    const plan = await approved(ratio(0.01));

    expect(await room.undo(plan, 'U-APPROVER')).toMatchObject({ accepted: false, refusal: null });
    await room.work();
    await room.undo(plan, 'U-APPROVER');
    expect(await room.undo(plan, 'U-APPROVER')).toMatchObject({ accepted: false });
    await room.work();
    expect(await room.undo(plan, 'U-APPROVER')).toMatchObject({
      accepted: false,
      reason: expect.stringContaining('Nothing of this plan'),
    });
  });

  it('does not cost the room its look at the next failure', async () => {
    const plan = await done(ratio(0.01));
    // The alert comes back, everybody is sent to look anew, and before they are back somebody undoes the fix.
    await room.alert();
    expect((await room.incident(plan)).stage).toBe('triage');
    await room.undo(plan, 'U-APPROVER');
    room.remedy.base = 'd'.repeat(40);

    await room.work();
    await room.restart();

    expect(await room.state(plan)).toBe('rolled-back');
    const settled = (await room.timeline(plan)).filter(({ kind }) => kind === 'root-cause.settled');
    expect(settled).toHaveLength(2);
    const next = await room.newestPlan(await room.incident(plan));
    expect(next).toMatchObject({ state: 'pending' });
  });

  it('does not cost a resolved incident its look when the alert comes back in the middle', async () => {
    const plan = await done(ratio(0.01));
    await room.resolveAlerts();
    await room.work();
    await room.undo(plan, 'U-APPROVER');
    await room.alert();

    await room.work();
    await room.restart();

    const settled = (await room.timeline(plan)).filter(({ kind }) => kind === 'root-cause.settled');
    expect(settled).toHaveLength(2);
  });
});

describe("a person's fix that comes before the agents have ended", () => {
  it('leaves the room its root cause when it turned out that it cannot be run', async () => {
    room = await openWarRoom();
    await room.alert();
    const incident = await room.newest();
    await room.run('triage', { incidentId: incident.id } as Plan);
    await room.propose(incident, 'U-KIM', steps('one'));
    const plan = await room.newestPlan(incident);
    await room.deliver();
    expect(await room.click(plan, 'U-APPROVER')).toMatchObject({ accepted: true });
    room.remedy.base = 'd'.repeat(40);

    await room.work();
    await room.restart();

    expect(await room.state(plan)).toBe('void');
    expect(await room.record.rootCauses.get(incident.id)).toMatchObject({ service: 'ledger' });
    expect(given((await room.record.plans.ofIncident(incident.id))[0], 'a plan').body.requestedBy).toEqual(
      [],
    );
  });
});

async function outcomeOf(plan: Plan): Promise<unknown> {
  const entries = await room.record.outbox.ofIncident(plan.incidentId);
  const item = entries.find(({ key }) => key === `outcome:${plan.id}`)?.item;
  return item?.type === 'message' ? item.view : undefined;
}

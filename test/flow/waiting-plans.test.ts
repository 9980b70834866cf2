import { afterEach, describe, expect, it } from 'vitest';
import type { Plan } from '../../src/domain/plan.ts';
import { blameOneCommit } from '../support/flow-fixture.ts';
import { given, nobodyKnows, openWarRoom, steps, type WarRoom } from '../support/war-room.ts';

let room: WarRoom;
afterEach(() => room.close());

const states = async (plan: Plan) =>
  (await room.record.plans.ofIncident(plan.incidentId)).map((one) => one.state).reverse();

/** The monitor forgets the alert, and it comes back as a failure of its own. */
async function nextIncident(): Promise<Plan> {
  await room.resolveAlerts();
  await room.work();
  room.clock.pass({ minutes: 60 });
  return room.planned();
}

describe('a rejection', () => {
  it('is told with the next plan like it, in the next incident', async () => {
    room = await openWarRoom();
    const plan = await room.planned();
    await room.click(plan, 'U-APPROVER', 'reject', 'that commit is needed for the tax report');

    const next = await nextIncident();

    expect(next.incidentId).not.toBe(plan.incidentId);
    expect(next.state).toBe('pending');
    const day = plan.createdAt.toISOString().slice(0, 10);
    expect(next.body.history).toEqual([
      `Rejected on ${day} by Ana: that commit is needed for the tax report`,
    ]);
    expect(next.canonical).toContain('tax report');
  });

  it('tells the latest three, newest first', async () => {
    room = await openWarRoom();
    let plan = await room.planned();
    for (const reason of ['first', 'second', 'third', 'fourth']) {
      await room.click(plan, 'U-APPROVER', 'reject', reason);
      plan = await nextIncident();
    }

    expect(plan.body.history.map((line) => line.split(': ')[1])).toEqual(['fourth', 'third', 'second']);
  });

  it.each([
    ['with a reason', 'not that one'],
    ['without one', undefined],
  ])('%s keeps the same fix from being offered again in the same incident', async (_, reason) => {
    room = await openWarRoom();
    const plan = await room.planned();
    await room.click(plan, 'U-APPROVER', 'reject', reason);

    await lookAgain();

    expect(await states(plan)).toEqual(['rejected']);
    expect((await room.timeline(plan)).filter(({ kind }) => kind === 'plan.none')).toHaveLength(1);
  });

  it('keeps it away although others rejected the same fix elsewhere since', async () => {
    room = await openWarRoom({ policy: { reopenWindowMinutes: 60_000 } });
    const plan = await room.planned();
    await room.click(plan, 'U-APPROVER', 'reject', 'not that one');
    // Rejections of other incidents, as a busy day has them.
    for (const title of ['b', 'c', 'd']) await rejectElsewhere(title);

    await lookAgain(plan);

    expect(await states(plan)).toEqual(['rejected']);
  });

  it("of a person's plan leaves them free to ask for it again", async () => {
    room = await openWarRoom({ investigator: nobodyKnows });
    await room.raise();
    const plan = await room.proposed('U-KIM', steps('one'));
    await room.click(plan, 'U-APPROVER', 'reject', 'not now');

    const second = await room.proposed('U-KIM', steps('one'));

    expect(second.state).toBe('pending');
    expect(second.body.history).toEqual([expect.stringContaining('not now')]);
  });

  /** A neighbour alerts as well: everybody looks wider, and a plan would follow. */
  async function lookAgain(of?: Plan): Promise<void> {
    await room.alert('shopfront');
    await room.work();
    const incident = of === undefined ? await room.newest() : await room.incident(of);
    const settled = (await room.record.timeline.ofIncident(incident.id)).filter(
      ({ kind }) => kind === 'root-cause.settled',
    );
    expect(settled).toHaveLength(2);
  }

  async function rejectElsewhere(title: string): Promise<void> {
    const { declareIncident } = await import('../../src/flow/index.ts');
    const incident = await declareIncident(room.flow, {
      title,
      severity: 'sev3',
      services: ['mailer'],
      userId: 'U-KIM',
    });
    room.queue.flush();
    const remedies = [
      { kind: 'revert-commit', service: 'ledger', params: { commit: 'c'.repeat(40) } },
    ] as const;
    await room.propose(incident, 'U-KIM', remedies);
    await room.work();
    const plan = await room.newestPlan(incident);
    room.clock.pass({ seconds: 1 });
    expect(await room.click(plan, 'U-APPROVER', 'reject', title)).toMatchObject({ accepted: true });
  }
});

describe('a question', () => {
  const answers = async (plan: Plan) => (await room.notices(plan, 'question:')).map(({ text }) => text);

  it('is in the thread of its plan at once, and its answer after it, once', async () => {
    room = await openWarRoom();
    const plan = await room.planned();

    expect(await room.ask(plan, 'U-OTHER', 'What does it change?')).toEqual({ accepted: true, note: null });
    expect(await answers(plan)).toEqual([expect.stringContaining('What does it change?')]);
    await room.work();
    await room.restart();

    expect(await answers(plan)).toEqual([
      expect.stringContaining('What does it change?'),
      expect.stringContaining('Revert ccccccc in ledger'),
    ]);
    const entries = await room.record.outbox.ofIncident(plan.incidentId);
    const threads = entries.flatMap(({ key, item }) =>
      key.startsWith('question:') && item.type === 'message' ? [item.thread] : [],
    );
    expect(threads).toEqual([`plan:${plan.id}`, `plan:${plan.id}`]);
    expect(await room.told(plan)).toEqual(expect.arrayContaining(['plan.asked', 'plan.answered']));
    expect(await room.state(plan)).toBe('pending');
  });

  it('is answered although the queue was away, or forgot it, once', async () => {
    room = await openWarRoom();
    const plan = await room.planned();
    room.queue.down = true;
    expect(await room.ask(plan, 'U-OTHER', 'Is it safe?')).toMatchObject({ accepted: true });
    room.queue.down = false;
    expect(await answers(plan)).toHaveLength(1);

    await room.restart();
    await room.restart();

    expect(await answers(plan)).toHaveLength(2);
    expect((await room.told(plan)).filter((kind) => kind === 'plan.answered')).toHaveLength(1);
  });

  it('is taken from members, about this plan, ten times', async () => {
    room = await openWarRoom();
    room.fixture.people.set('U-GUEST', { id: 'U-GUEST', name: 'Gus', kind: 'guest' });
    const plan = await room.planned();

    expect(await room.ask(plan, 'U-GUEST', 'Why?')).toMatchObject({ refusal: 'not-a-member' });
    expect(await room.ask({ ...plan, nonce: 'guessed' }, 'U-OTHER', 'Why?')).toMatchObject({
      refusal: 'changed',
    });
    const asked = await Promise.all(Array.from({ length: 12 }, () => room.ask(plan, 'U-OTHER', 'Why?')));
    expect(asked.filter((answer) => answer.accepted)).toHaveLength(10);
  });
});

describe('a plan that waits', () => {
  it('expires by the clock of the database, and says so', async () => {
    room = await openWarRoom();
    const plan = await room.planned();
    room.clock.pass({ minutes: 14 });
    await room.reconcile();
    expect(await room.state(plan)).toBe('pending');

    room.clock.pass({ minutes: 1 });
    await room.restart();

    expect(await states(plan)).toEqual(['expired']);
    expect(await room.card(plan)).toMatchObject({ state: 'expired', renewable: true });
  });

  it('is renewed by a look at the world of now: another digest, another card, the old one dead', async () => {
    room = await openWarRoom();
    const plan = await room.planned();
    room.clock.pass({ minutes: 16 });
    await room.restart();
    room.remedy.base = 'd'.repeat(40);

    const answers = await Promise.all(['U-A', 'U-B', 'U-C'].map((id) => room.renew(plan, id)));
    await room.work();

    expect(answers.filter((answer) => answer.accepted)).toHaveLength(1);
    expect(await states(plan)).toEqual(['expired', 'pending']);
    const renewed = await room.newestPlan(await room.incident(plan));
    expect(renewed.body.remedies[0]?.pins).toEqual({ base: 'd'.repeat(40) });
    expect(renewed.digest).not.toBe(plan.digest);
    expect(renewed.nonce).not.toBe(plan.nonce);
    expect((await room.card(plan)).renewable).toBe(false);
    expect(await room.click(plan, 'U-APPROVER')).toMatchObject({ refusal: 'not-pending' });
    expect(await room.click(renewed, 'U-APPROVER')).toMatchObject({ accepted: true });
  });

  it('is not renewed while it waits, nor after it was decided', async () => {
    room = await openWarRoom();
    const plan = await room.planned();

    expect(await room.renew(plan, 'U-OTHER')).toMatchObject({ refusal: 'not-pending' });
    await room.click(plan, 'U-APPROVER', 'reject', 'no');
    expect(await room.renew(plan, 'U-OTHER')).toMatchObject({ refusal: 'not-pending' });
    expect(await room.renew({ ...plan, nonce: 'guessed' }, 'U-OTHER')).toMatchObject({ refusal: 'changed' });
  });

  it('is not renewed once the incident is over', async () => {
    room = await openWarRoom();
    const plan = await room.planned();
    await room.resolveAlerts();
    await room.work();

    expect(await room.state(plan)).toBe('void');
    expect(await room.renew(plan, 'U-OTHER')).toMatchObject({ reason: expect.stringContaining('resolved') });
  });

  it("is withdrawn when a pin moves before anybody clicks, and an agent's is made anew", async () => {
    room = await openWarRoom();
    const plan = await room.planned();
    room.remedy.base = 'd'.repeat(40);

    await room.restart();

    expect(await states(plan)).toEqual(['void', 'pending']);
    expect(await room.told(plan)).toContain('plan.void');
    const renewed = await room.newestPlan(await room.incident(plan));
    expect(renewed.body.remedies[0]?.pins).toEqual({ base: 'd'.repeat(40) });
    expect(await room.click(plan, 'U-APPROVER')).toMatchObject({ refusal: 'not-pending' });
  });

  it("is withdrawn when a pin moves, and a person's waits for the person", async () => {
    room = await openWarRoom({ investigator: nobodyKnows });
    await room.raise();
    const plan = await room.proposed('U-KIM', steps('one'));
    room.remedy.base = 'd'.repeat(40);

    await room.restart();

    expect(await states(plan)).toEqual(['void']);
    expect(await room.card(plan)).toMatchObject({ state: 'void', renewable: true });
  });

  it('stays while its pins cannot be looked at', async () => {
    room = await openWarRoom();
    const plan = await room.planned();
    room.alter(() => ({ whyStale: () => Promise.reject(new Error('GitHub answers 503')) }));

    await room.restart();

    expect(await states(plan)).toEqual(['pending']);
  });

  it('is withdrawn when its incident has come to concern another service', async () => {
    room = await openWarRoom({ investigator: blameOneCommit() });
    const plan = await room.planned();

    await room.alert('shopfront');

    expect(await room.state(plan)).toBe('void');
    expect(await room.click(plan, 'U-APPROVER')).toMatchObject({ refusal: 'not-pending' });
    await room.work();
    expect(given((await states(plan)).at(-1), 'a plan')).toBe('pending');
  });
});

import { afterEach, describe, expect, it } from 'vitest';
import type { Investigator } from '../../src/agents/investigator.ts';
import type { Plan } from '../../src/domain/plan.ts';
import type { AutonomyMode, Service } from '../../src/domain/service.ts';
import { advance, haltExecution, liftHalt } from '../../src/flow/index.ts';
import { aService } from '../support/builders.ts';
import { blameOneCommit } from '../support/flow-fixture.ts';
import { until } from '../support/server-process.ts';
import { given, openWarRoom, type WarRoom } from '../support/war-room.ts';

let room: WarRoom;
afterEach(() => room.close());

function catalogueOf(mode: AutonomyMode, autonomy: Partial<Service['autonomy']> = {}) {
  return {
    services: [
      aService({
        name: 'ledger',
        mode,
        autonomy: { kinds: ['revert-commit'], perHour: 2, countdownSeconds: 60, ...autonomy },
      }),
      aService({ name: 'mailer' }),
    ],
    clusters: [],
  };
}

/** An agent knows a fix of this risk, and it helps. */
async function open(
  mode: AutonomyMode,
  risk: 'low' | 'medium' | 'high',
  autonomy: Partial<Service['autonomy']> = {},
  investigator: Investigator = blameOneCommit(),
): Promise<void> {
  room = await openWarRoom({
    investigator,
    catalogue: catalogueOf(mode, autonomy),
    policy: { haltLifters: ['U-SRE'] },
  });
  room.remedy.facts = { base: risk, reasons: ['as this test says'], reversible: 'exact' };
  room.remedy.onApply = () => room.fixture.metrics.set(0.01);
}

/** The plan is announced, and the worker that waited for its moment has died. */
async function announced(service = 'ledger'): Promise<Plan> {
  await room.alert(service);
  const worked = room.work().catch(() => undefined);
  const { id } = await room.newest();
  await until('the announcement', async () => {
    const [plan] = await room.record.plans.ofIncident(id);
    return plan?.state === 'announced';
  });
  room.queue.kill();
  await worked;
  if (!room.queue.slackAway) await room.deliver();
  return room.newestPlan(await room.newest());
}

/** What a job of the countdown does from its moment on. */
async function itsMoment(plan: Plan): Promise<void> {
  room.clock.pass({ seconds: 61 });
  await advance(room.flow, 'approval', plan.incidentId, AbortSignal.timeout(30_000));
  await room.work();
}

describe('observe', () => {
  it('offers nothing, and says why', async () => {
    await open('observe', 'low');
    const incident = await room.raise();

    expect(await room.record.plans.ofIncident(incident.id)).toEqual([]);
    const told = await room.record.timeline.ofIncident(incident.id);
    expect(told.findLast(({ kind }) => kind === 'plan.none')?.text).toContain('ledger is in observe mode');
    expect(
      await room.propose(incident, 'U-KIM', [{ kind: 'revert-commit', service: 'ledger', params: {} }]),
    ).toMatchObject({ accepted: false });
  });
});

describe('assist', () => {
  it('asks for a click, also where the risk is low and the kind is on the list', async () => {
    await open('assist', 'low');
    const plan = await room.planned();

    expect(plan).toMatchObject({ state: 'pending', runsAt: null });
    expect(room.remedy.applied).toBe(0);
  });
});

describe('semi-auto', () => {
  it('runs what is of low risk by itself, says who let it, and offers to undo it', async () => {
    await open('semi-auto', 'low');
    const plan = await room.planned();

    expect(await room.state(plan)).toBe('verified');
    expect(room.remedy.applied).toBe(1);
    expect(await room.told(plan)).toEqual([
      'plan.announced',
      'plan.shown',
      'plan.approved',
      'execution.started',
      'execution.step',
      'execution.applied',
      'verification.passed',
    ]);
    expect(await room.execution(plan)).toMatchObject({ approvedBy: 'policy' });
    expect(await room.card(plan)).toMatchObject({
      undoable: true,
      decisions: [{ by: 'policy', decision: 'self-run' }],
    });

    expect(await room.undo(plan, 'U-APPROVER')).toMatchObject({ accepted: true });
    await room.work();
    expect(await room.state(plan)).toBe('rolled-back');
    expect(room.remedy.undone).toBe(1);
  });

  it('asks for a click above low risk, and says why', async () => {
    await open('semi-auto', 'medium');
    const plan = await room.planned();

    expect(plan.state).toBe('pending');
    expect((await room.card(plan)).whyAsked).toBe('its risk is medium');
  });

  it('asks for a click for what is not on the list', async () => {
    await open('semi-auto', 'low', { kinds: ['flush-cache'] });

    expect((await room.planned()).state).toBe('pending');
  });

  it('asks for a click for what cannot be undone, whatever its risk was said to be', async () => {
    await open('collaborative', 'low');
    room.remedy.facts = { ...room.remedy.facts, reversible: 'none' };
    const plan = await room.planned();

    expect(plan).toMatchObject({ state: 'pending', body: { risk: { class: 'high' } } });
  });

  it('never runs what rests on text that the public can write', async () => {
    await open('semi-auto', 'low', {}, onLogsAlone);
    const plan = await room.planned();

    expect(plan.body).toMatchObject({ tainted: true, risk: { class: 'medium' } });
    expect(plan.state).toBe('pending');
    expect(room.remedy.applied).toBe(0);
  });

  it('runs no more of them in an hour than the service allows, and goes on after it', async () => {
    await open('semi-auto', 'low', { perHour: 1 });
    const first = await room.planned();
    expect(await room.state(first)).toBe('verified');

    const second = await nextIncident(20);
    expect(await room.state(second)).toBe('pending');
    expect((await room.card(second)).whyAsked).toContain('1 plans run by themselves within the hour');
    expect(await room.told(second)).toEqual(expect.arrayContaining(['plan.announced', 'plan.held']));
    expect(room.remedy.applied).toBe(1);

    const third = await nextIncident(41);
    expect(await room.state(third)).toBe('verified');
  });

  it('counts plans of several incidents that come to their moment together', async () => {
    const names = ['a', 'b', 'c', 'd', 'e'];
    const { services } = catalogueOf('collaborative', { perHour: 2 });
    room = await openWarRoom({
      investigator: everythingIsLedgers,
      catalogue: { services: [...services, ...names.map((name) => aService({ name }))], clusters: [] },
    });
    const plans: Plan[] = [];
    for (const name of names) {
      plans.push(await announced(name));
    }
    room.clock.pass({ seconds: 61 });

    await Promise.all(plans.map((plan) => room.run('approval', plan)));

    const became = await Promise.all(plans.map((plan) => room.state(plan)));
    expect(became.sort()).toEqual(['approved', 'approved', 'pending', 'pending', 'pending']);
  });
});

describe('collaborative', () => {
  it('waits for the countdown, and runs then', async () => {
    await open('collaborative', 'medium');
    const plan = await announced();
    expect((await room.card(plan)).runsAt).toBe(new Date(plan.createdAt.getTime() + 60_000).toISOString());
    expect(await room.click(plan, 'U-APPROVER')).toMatchObject({ refusal: 'not-pending' });

    await itsMoment(plan);

    expect(await room.state(plan)).toBe('verified');
    expect(room.remedy.applied).toBe(1);
  });

  it('is stopped by anybody who is a member, and asks then', async () => {
    await open('collaborative', 'medium');
    room.fixture.people.set('U-GUEST', { id: 'U-GUEST', name: 'Gus', kind: 'guest' });
    const plan = await announced();

    expect(await room.stop(plan, 'U-GUEST')).toMatchObject({ refusal: 'not-a-member' });
    expect(await room.stop({ ...plan, nonce: 'guessed' }, 'U-EVE')).toMatchObject({ refusal: 'changed' });
    expect(await room.stop(plan, 'U-EVE')).toMatchObject({ accepted: true });
    expect(await room.stop(plan, 'U-EVE')).toMatchObject({ accepted: false });
    await itsMoment(plan);

    expect(await room.state(plan)).toBe('pending');
    expect(room.remedy.applied).toBe(0);
    expect((await room.card(plan)).whyAsked).toContain('stopped the plan');
    expect(await room.click(plan, 'U-APPROVER')).toMatchObject({ accepted: true });
  });

  it('asks in place of running once a halt was called during the countdown, and after its lift too', async () => {
    await open('collaborative', 'medium');
    const plan = await announced();
    await haltExecution(room.flow, { userId: 'U-EVE', reason: 'something is odd' });

    await itsMoment(plan);
    expect(await room.state(plan)).toBe('pending');
    await liftHalt(room.flow, { userId: 'U-SRE', reason: 'nothing was' });
    await room.restart();

    expect(await room.state(plan)).toBe('pending');
    expect(room.remedy.applied).toBe(0);
  });

  it.each<[string, AutonomyMode, Partial<Service['autonomy']>, string]>([
    ['to assist', 'assist', {}, 'assist mode'],
    ['to observe', 'observe', {}, 'observe mode'],
    ['to semi-auto', 'semi-auto', {}, 'its risk is medium'],
    ['to another list', 'collaborative', { kinds: [] }, 'list of what may'],
    ['to no rate at all', 'collaborative', { perHour: 0 }, '0 plans run by themselves'],
  ])('asks when the catalogue has changed %s since', async (_, mode, autonomy, why) => {
    await open('collaborative', 'medium');
    const plan = await announced();
    room.flow = { ...room.flow, catalogue: catalogueOf(mode, autonomy) };

    await itsMoment(plan);

    expect(await room.state(plan)).toBe('pending');
    expect((await room.card(plan)).whyAsked).toContain(why);
    expect(room.remedy.applied).toBe(0);
  });

  it('goes on after a restart in the middle of the countdown', async () => {
    await open('collaborative', 'medium');
    const plan = await announced();
    room.clock.pass({ seconds: 61 });

    await room.restart();

    expect(await room.state(plan)).toBe('verified');
    expect(room.remedy.applied).toBe(1);
  });

  it('goes on after a restart also where the story had come past approval', async () => {
    await open('assist', 'medium');
    const old = await room.planned();
    room.clock.pass({ minutes: 16 });
    await room.reconcile();
    const own = await room.proposed('U-KIM', [
      { kind: 'restart-service', service: 'ledger', params: { name: 'one' } },
    ]);
    await room.click(own, 'U-APPROVER');
    await room.work();
    expect(await room.incident(old)).toMatchObject({ stage: 'learning', status: 'monitoring' });
    room.fixture.metrics.set(0.4);
    room.flow = { ...room.flow, catalogue: catalogueOf('collaborative') };
    expect(await room.renew(old, 'U-EVE')).toMatchObject({ accepted: true });
    const plan = await room.newestPlan(await room.incident(old));
    expect(plan.state).toBe('announced');
    await room.deliver();
    room.clock.pass({ seconds: 61 });

    await room.restart();

    expect(await room.state(plan)).toBe('verified');
  });

  it('asks a person when its card came too late for anybody to stop it', async () => {
    await open('collaborative', 'medium');
    room.fixture.queue.slackAway = true;
    const plan = await announced();
    room.clock.pass({ seconds: 50 });
    room.fixture.queue.slackAway = false;
    await room.deliver();
    room.clock.pass({ seconds: 11 });

    await room.restart();

    expect(await room.state(plan)).toBe('pending');
    expect(room.remedy.applied).toBe(0);
  });

  it('does not run when its moment was so long ago that nobody looks any more', async () => {
    await open('collaborative', 'medium');
    const plan = await announced();
    room.clock.pass({ minutes: 120 });

    await room.restart();
    await room.restart();

    expect(await room.state(plan)).toBe('expired');
    expect(room.remedy.applied).toBe(0);
  });

  it('runs after a countdown that is longer than others wait for their click', async () => {
    await open('collaborative', 'medium', { countdownSeconds: 30 * 60 });
    const plan = await announced();
    room.clock.pass({ minutes: 31 });

    await itsMoment(plan);

    expect(await room.state(plan)).toBe('verified');
  });

  it('is withdrawn when the alert resolves before its moment', async () => {
    await open('collaborative', 'medium');
    const plan = await announced();
    await room.resolveAlerts();

    await itsMoment(plan);

    expect(await room.state(plan)).toBe('void');
    expect(room.remedy.applied).toBe(0);
  });
});

/** The same failure again, in an incident of its own. */
async function nextIncident(minutes: number): Promise<Plan> {
  await room.resolveAlerts();
  await room.work();
  room.fixture.metrics.set(0.4);
  room.clock.pass({ minutes });
  const plan = await room.planned();
  return given(await room.record.plans.get(plan.id), 'the plan');
}

/** Each service names one fix, on ledger. */
function agent(isSuspect: (name: string) => boolean, second: 'log' | 'trace' | 'check'): Investigator {
  return {
    name: 'evidence',
    async investigate({ service: { name } }, notebook) {
      if (!isSuspect(name)) return { claims: [], ruledOut: [], nextChecks: [] };
      const seen = {
        service: name,
        title: 'seen',
        query: 'q',
        data: { judged: 'trouble' },
        empty: false,
      };
      const one = await notebook.keep('one', { ...seen, kind: 'metric', summary: 'errors rose' });
      const two = await notebook.keep('two', { ...seen, kind: second, summary: 'commit ccccccc broke me' });
      return {
        claims: [
          {
            kind: 'cause',
            text: `${name} fails since a commit of ledger.`,
            evidence: [one.number, two.number],
            blames: { service: name },
            proposes: [{ kind: 'revert-commit', service: 'ledger', params: { commit: name } }],
            confidence: 0.9,
          },
        ],
        ruledOut: [],
        nextChecks: [],
      };
    },
  };
}

const onLogsAlone = agent((name) => name === 'ledger', 'log');
const everythingIsLedgers = agent((name) => name.length === 1, 'check');

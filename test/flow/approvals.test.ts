import { afterEach, describe, expect, it } from 'vitest';
import type { Service } from '../../src/domain/service.ts';
import { delegate, revokeDelegations } from '../../src/flow/index.ts';
import { aService } from '../support/builders.ts';
import type { FlowOptions } from '../support/flow-fixture.ts';
import { nobodyKnows, openWarRoom, steps, type WarRoom } from '../support/war-room.ts';

let room: WarRoom;
afterEach(() => room.close());

/** Nobody but people has an idea; the risk of everything is as given. */
async function open(options: {
  risk?: 'low' | 'medium' | 'high';
  ledger?: Partial<Service>;
  mailer?: Partial<Service>;
  policy?: FlowOptions['policy'];
}): Promise<WarRoom> {
  const { risk = 'medium', ledger = {}, mailer = {}, policy = {} } = options;
  room = await openWarRoom({
    investigator: nobodyKnows,
    policy,
    catalogue: {
      services: [aService({ name: 'ledger', ...ledger }), aService({ name: 'mailer', ...mailer })],
      clusters: [],
    },
  });
  room.remedy.facts = { base: risk, reasons: ['as this test says'], reversible: 'exact' };
  await room.raise();
  return room;
}

const twoServices = [
  { kind: 'restart-service', service: 'ledger', params: { name: 'one' } },
  { kind: 'restart-service', service: 'mailer', params: { name: 'two' } },
] as const;

const accepted = { accepted: true, note: null };

describe('two people for high risk', () => {
  it('are two people also where one of them decides for somebody else', async () => {
    await open({ risk: 'high', ledger: { approvers: ['U-ANA', 'U-BEN'] } });
    const plan = await room.proposed('U-KIM', steps('one'));
    await delegate(room.flow, { from: 'U-ANA', to: 'U-CARL', hours: 1, reason: 'lunch' });

    expect(await room.click(plan, 'U-ANA')).toEqual({
      accepted: true,
      note: expect.stringContaining('second person'),
    });
    expect(await room.click(plan, 'U-CARL')).toEqual({
      accepted: true,
      note: expect.stringContaining('second person'),
    });
    expect(await room.state(plan)).toBe('pending');

    expect(await room.click(plan, 'U-BEN')).toEqual(accepted);
    expect(await room.state(plan)).toBe('approved');
    expect((await room.card(plan)).decisions).toMatchObject([
      { by: 'U-ANA', inNameOf: null },
      { by: 'U-CARL', inNameOf: 'U-ANA' },
      { by: 'U-BEN', inNameOf: null },
    ]);
  });

  it('are one when the second clicks first and the lender after', async () => {
    await open({ risk: 'high', ledger: { approvers: ['U-ANA', 'U-BEN'] } });
    const plan = await room.proposed('U-KIM', steps('one'));
    await delegate(room.flow, { from: 'U-ANA', to: 'U-CARL', hours: 1, reason: 'lunch' });

    await room.click(plan, 'U-CARL');
    await room.click(plan, 'U-ANA');

    expect(await room.state(plan)).toBe('pending');
  });
});

describe('a right that was handed on', () => {
  it('ends when it is taken back, and when its time is over', async () => {
    await open({ ledger: { approvers: ['U-ANA'] } });
    const plan = await room.proposed('U-KIM', steps('one'));
    const lend = () => delegate(room.flow, { from: 'U-ANA', to: 'U-CARL', hours: 1, reason: 'lunch' });

    await lend();
    await revokeDelegations(room.flow, 'U-ANA');
    expect(await room.click(plan, 'U-CARL')).toMatchObject({ refusal: 'not-an-approver' });

    await lend();
    room.clock.pass({ minutes: 61 });
    const renewed = await renew(plan);
    expect(await room.click(renewed, 'U-CARL')).toMatchObject({ refusal: 'not-an-approver' });

    await lend();
    expect(await room.click(renewed, 'U-CARL')).toEqual(accepted);
  });

  it('is given by approvers alone, to full members, for a day at most, and is on record', async () => {
    await open({ ledger: { approvers: ['U-ANA'] } });
    room.fixture.people.set('U-GUEST', { id: 'U-GUEST', name: 'Gus', kind: 'guest' });
    const lend = (from: string, to: string, hours: number) =>
      delegate(room.flow, { from, to, hours, reason: 'lunch' });

    expect(await lend('U-KIM', 'U-CARL', 1)).toMatchObject({ refusal: 'not-an-approver' });
    expect(await lend('U-ANA', 'U-GUEST', 1)).toMatchObject({ accepted: false });
    expect(await lend('U-ANA', 'U-ANA', 1)).toMatchObject({ accepted: false });
    expect(await lend('U-ANA', 'U-CARL', 25)).toMatchObject({ accepted: false });
    expect(await lend('U-ANA', 'U-CARL', 0)).toMatchObject({ accepted: false });
    expect(await lend('U-ANA', 'U-CARL', Number.NaN)).toMatchObject({ accepted: false });
    expect(await lend('U-ANA', 'U-CARL', 24)).toMatchObject({ accepted: true });

    const told = await room.record.timeline.ofIncident('system');
    expect(told.map(({ kind, actor }) => [kind, actor])).toEqual([['delegation.given', 'user:U-ANA']]);
  });
});

describe('a voice that was taken back', () => {
  it('no longer counts when the second person approves', async () => {
    await open({ risk: 'high', ledger: { approvers: ['U-ANA', 'U-BEN'] } });
    const plan = await room.proposed('U-KIM', steps('one'));
    await delegate(room.flow, { from: 'U-ANA', to: 'U-CARL', hours: 1, reason: 'lunch' });
    await room.click(plan, 'U-CARL');
    await revokeDelegations(room.flow, 'U-ANA');

    expect(await room.click(plan, 'U-BEN')).toMatchObject({ accepted: true });
    expect(await room.state(plan)).toBe('pending');
    expect(await room.click(plan, 'U-ANA')).toEqual(accepted);
    expect(await room.state(plan)).toBe('approved');
  });
});

describe('a plan that acts on two services', () => {
  it('needs an owner of each', async () => {
    await open({ ledger: { approvers: ['U-ANA'] }, mailer: { approvers: ['U-MIA'] } });
    const plan = await room.proposed('U-KIM', twoServices);

    expect(await room.click(plan, 'U-ANA')).toEqual({
      accepted: true,
      note: expect.stringContaining('every service'),
    });
    expect(await room.state(plan)).toBe('pending');
    expect(await room.click(plan, 'U-MIA')).toEqual(accepted);
    expect(await room.state(plan)).toBe('approved');
  });

  it('waits for ever while one of them has nobody', async () => {
    await open({ ledger: { approvers: ['U-ANA', 'U-BEN'] }, mailer: { approvers: [] } });
    const plan = await room.proposed('U-KIM', twoServices);

    await room.click(plan, 'U-ANA');
    await room.click(plan, 'U-BEN');

    expect(await room.state(plan)).toBe('pending');
  });
});

describe('who may decide', () => {
  it('is also who is on call at this moment', async () => {
    await open({ ledger: { approvers: ['U-ANA'], onCall: ['@duty'] } });
    room.fixture.groups.set('@duty', ['U-MON']);
    const plan = await room.proposed('U-KIM', steps('one'));

    expect(await room.click(plan, 'U-TUE')).toMatchObject({ refusal: 'not-an-approver' });
    room.fixture.groups.set('@duty', ['U-TUE']);
    expect(await room.click(plan, 'U-MON')).toMatchObject({ refusal: 'not-an-approver' });
    expect(await room.click(plan, 'U-TUE')).toEqual(accepted);
  });

  it('is the fallback when nobody of the owners is there', async () => {
    await open({ ledger: { approvers: ['@team'], fallbackApprovers: ['@leads'] } });
    room.fixture.groups.set('@team', []);
    room.fixture.groups.set('@leads', ['U-LEA']);
    const plan = await room.proposed('U-KIM', steps('one'));

    expect(await room.click(plan, 'U-LEA')).toEqual(accepted);
  });

  it('is the fallback when the only owner asked for the plan', async () => {
    await open({ ledger: { approvers: ['U-ANA'], fallbackApprovers: ['U-LEA'] } });
    const plan = await room.proposed('U-ANA', steps('one'));

    expect(await room.click(plan, 'U-ANA')).toMatchObject({ refusal: 'own-plan' });
    expect(await room.click(plan, 'U-LEA')).toEqual(accepted);
  });

  it('is the fallback once the owners have left the plan alone', async () => {
    await open({
      ledger: { approvers: ['U-ANA'], fallbackApprovers: ['U-LEA'] },
      policy: { fallbackAfterMinutes: 5 },
    });
    const plan = await room.proposed('U-KIM', steps('one'));

    room.clock.pass({ minutes: 4 });
    expect(await room.click(plan, 'U-LEA')).toMatchObject({
      refusal: 'not-an-approver',
      approvers: ['U-ANA'],
    });
    room.clock.pass({ minutes: 1 });
    expect(await room.click(plan, 'U-LEA')).toEqual(accepted);
  });

  it('is nobody while the directory fails: it opens no door to the fallback', async () => {
    await open({ ledger: { approvers: ['@team'], fallbackApprovers: ['U-LEA'] } });
    const plan = await room.proposed('U-KIM', steps('one'));
    room.clock.pass({ minutes: 6 });
    const { directory } = room.flow;
    room.flow = {
      ...room.flow,
      directory: {
        person: async (id) => ({ id, name: id, kind: 'member' }),
        members: async (refs, signal) => {
          if (refs.includes('@team')) throw new Error('Slack answers 503');
          return (await directory?.members(refs, signal)) ?? new Set();
        },
      },
    };

    expect(await room.click(plan, 'U-LEA')).toMatchObject({ refusal: 'directory-unavailable' });
    expect(await room.state(plan)).toBe('pending');
  });
});

describe("a person's own plan", () => {
  it('is approved by somebody else, also after it was made anew by another', async () => {
    await open({ ledger: { approvers: ['U-ANA', 'U-BEN'] } });
    const plan = await room.proposed('U-ANA', steps('one'));
    expect(await room.click(plan, 'U-ANA')).toMatchObject({ refusal: 'own-plan' });

    room.clock.pass({ minutes: 16 });
    const renewed = await renew(plan, 'U-BEN');

    expect(renewed).toMatchObject({ state: 'pending', createdBy: 'user:U-BEN' });
    expect(renewed.body.requestedBy).toEqual(['U-ANA']);
    expect(renewed.digest).not.toBe(plan.digest);
    expect(await room.click(renewed, 'U-ANA')).toMatchObject({ refusal: 'own-plan' });
    expect(await room.click(plan, 'U-BEN')).toMatchObject({ refusal: 'not-pending' });
    expect(await room.click(renewed, 'U-BEN')).toEqual(accepted);
  });

  it('is not approved through a person to whom the author lent their right', async () => {
    await open({ ledger: { approvers: ['U-ANA'] } });
    const plan = await room.proposed('U-ANA', steps('one'));
    await delegate(room.flow, { from: 'U-ANA', to: 'U-CARL', hours: 1, reason: 'lunch' });

    expect(await room.click(plan, 'U-CARL')).toMatchObject({ refusal: 'own-plan' });
  });

  it('is not made for a guest, for a service that nobody knows, or beside another plan', async () => {
    await open({});
    room.fixture.people.set('U-GUEST', { id: 'U-GUEST', name: 'Gus', kind: 'guest' });
    const incident = await room.newest();

    expect(await room.propose(incident, 'U-GUEST', steps('one'))).toMatchObject({ refusal: 'not-a-member' });
    expect(
      await room.propose(incident, 'U-KIM', [{ kind: 'restart-service', service: 'nowhere', params: {} }]),
    ).toMatchObject({ reason: expect.stringContaining('not in the catalogue') });
    expect(await room.propose(incident, 'U-KIM', [])).toMatchObject({
      reason: expect.stringContaining('no step'),
    });
    expect(await room.propose(incident, 'U-KIM', steps('one'))).toEqual(accepted);
    expect(await room.propose(incident, 'U-KIM', steps('two'))).toMatchObject({
      reason: expect.stringContaining('Another plan'),
    });
  });
});

describe('a card', () => {
  it('that has not reached its channel cannot be approved, whoever knows what its button carries', async () => {
    await open({});
    room.queue.slackAway = true;
    const plan = await room.proposed('U-KIM', steps('one'));

    expect(await room.click(plan, 'U-APPROVER')).toMatchObject({ refusal: 'not-shown' });
    expect(await room.click(plan, 'U-APPROVER', 'reject', 'I heard of it elsewhere')).toEqual(accepted);

    const second = await room.proposed('U-KIM', steps('two'));
    room.queue.slackAway = false;
    await room.work();
    expect(await room.click(second, 'U-APPROVER')).toEqual(accepted);
  });

  it('answers who may not click, once for each person and reason', async () => {
    await open({});
    room.fixture.people.set('U-GUEST', { id: 'U-GUEST', name: 'Gus', kind: 'guest' });
    const plan = await room.proposed('U-KIM', steps('one'));

    for (const id of ['U-EVE', 'U-EVE', 'U-GUEST', 'U-EVE', 'U-KIM']) await room.click(plan, id);

    expect((await room.card(plan)).refused.map(({ by, refusal }) => [by, refusal])).toEqual([
      ['U-EVE', 'not-an-approver'],
      ['U-GUEST', 'not-a-member'],
      ['U-KIM', 'own-plan'],
    ]);
    expect((await room.told(plan)).filter((kind) => kind === 'plan.refused')).toHaveLength(3);
  });

  it('is not flooded by people who may not click', async () => {
    await open({});
    const plan = await room.proposed('U-KIM', steps('one'));

    await Promise.all(Array.from({ length: 30 }, (_, n) => room.click(plan, `U-EVE${n}`)));

    expect((await room.told(plan)).filter((kind) => kind === 'plan.refused')).toHaveLength(20);
    expect((await room.card(plan)).refused).toHaveLength(3);
  });
});

describe('break-glass', () => {
  const reason = 'the owners are on a plane and orders are lost';
  const breakGlass = { people: ['@sre'], announceTo: '#security' };

  it('lets one person run a plan alone, and says so where the work is and where others watch', async () => {
    await open({ risk: 'high', policy: { breakGlass } });
    room.fixture.groups.set('@sre', ['U-SRE']);
    const plan = await room.proposed('U-KIM', steps('one'));
    room.remedy.onApply = () => room.fixture.metrics.set(0.01);

    expect(await room.click(plan, 'U-SRE', 'break-glass', reason)).toEqual(accepted);
    await room.work();

    expect(await room.state(plan)).toBe('verified');
    const notices = [
      ...(await room.notices(plan, 'notice:break-glass:')),
      ...(await room.notices(plan, 'break-glass-abroad:')),
    ];
    expect(notices.map(({ channel }) => channel)).toEqual([null, '#security']);
    for (const { text } of notices) expect(text).toContain(reason);
    expect((await room.card(plan)).decisions).toMatchObject([
      { by: 'U-SRE', decision: 'break-glass', reason },
    ]);
    expect(await room.told(plan)).toContain('plan.broke-glass');
  });

  it('is for nobody else, not without a reason, and not where no policy allows it', async () => {
    await open({ policy: { breakGlass } });
    room.fixture.groups.set('@sre', ['U-SRE', 'U-KIM']);
    const plan = await room.proposed('U-KIM', steps('one'));
    const breaks = (id: string, why?: string) => room.click(plan, id, 'break-glass', why);

    expect(await breaks('U-APPROVER', reason)).toMatchObject({ refusal: 'not-an-approver' });
    expect(await breaks('U-KIM', reason)).toMatchObject({ refusal: 'own-plan' });
    expect(await breaks('U-SRE', 'urgent')).toMatchObject({ refusal: 'no-reason' });
    room.flow = { ...room.flow, policy: { ...room.flow.policy, breakGlass: null } };
    expect(await breaks('U-SRE', reason)).toMatchObject({ refusal: 'not-an-approver' });
    expect(await room.state(plan)).toBe('pending');
  });
});

/** The plan expires where it has not, and somebody checks again. */
async function renew(plan: Awaited<ReturnType<WarRoom['planned']>>, by = 'U-ZOE') {
  await room.reconcile();
  const answer = await room.renew(plan, by);
  if (!answer.accepted) throw new Error(JSON.stringify(answer));
  await room.work();
  return room.newestPlan(await room.incident(plan));
}

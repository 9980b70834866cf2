import { afterEach, describe, expect, it } from 'vitest';
import type { Plan } from '../../src/domain/plan.ts';
import { advance } from '../../src/flow/index.ts';
import { aService } from '../support/builders.ts';
import { until } from '../support/server-process.ts';
import { openWarRoom, type WarRoom } from '../support/war-room.ts';

let room: WarRoom;
afterEach(() => room.close());

/** A service whose fixes of low and medium risk run by themselves; one fix is known, and it helps. */
async function open(risk: 'low' | 'medium'): Promise<void> {
  room = await openWarRoom({
    catalogue: {
      services: [
        aService({
          name: 'ledger',
          mode: 'collaborative',
          autonomy: { kinds: ['revert-commit'], perHour: 5, countdownSeconds: 60 },
        }),
      ],
      clusters: [],
    },
  });
  room.remedy.facts = { base: risk, reasons: ['as this test says'], reversible: 'exact' };
  room.remedy.onApply = () => room.fixture.metrics.set(0.01);
}

/** A plan that counts down, and the worker that waited for its moment has died. */
async function announced(): Promise<Plan> {
  await room.alert();
  const worked = room.work().catch(() => undefined);
  const { id } = await room.newest();
  await until('the announcement', async () => {
    const [plan] = await room.record.plans.ofIncident(id);
    return plan?.state === 'announced';
  });
  room.queue.kill();
  await worked;
  await room.deliver();
  return room.newestPlan(await room.newest());
}

const states = async (plan: Plan) =>
  (await room.record.plans.ofIncident(plan.incidentId)).map((one) => one.state).reverse();

describe('a plan that somebody stopped', () => {
  it('does not run by itself when it is made anew because a pin moved', async () => {
    await open('medium');
    const plan = await announced();
    expect(await room.stop(plan, 'U-EVE')).toMatchObject({ accepted: true });

    room.remedy.base = 'd'.repeat(40);
    await room.restart();
    room.clock.pass({ minutes: 2 });
    await room.restart();

    expect(await states(plan)).toEqual(['void', 'pending']);
    const anew = await room.newestPlan(await room.newest());
    expect((await room.card(anew)).whyAsked).toBe('somebody stopped a plan in this incident');
    expect(room.remedy.applied).toBe(0);
  });

  it('does not run by itself when anybody has it checked again', async () => {
    await open('medium');
    const plan = await announced();
    await room.stop(plan, 'U-EVE');
    room.clock.pass({ minutes: 17 });
    await room.restart();

    expect(await room.renew(plan, 'U-RANDOM')).toMatchObject({ accepted: true });
    room.clock.pass({ minutes: 2 });
    await room.restart();

    expect(await states(plan)).toEqual(['expired', 'pending']);
    expect(room.remedy.applied).toBe(0);
  });
});

describe('a fix that was taken back', () => {
  it('is not done again by itself when the alert comes back to the same room', async () => {
    await open('low');
    const plan = await room.planned();
    expect(await room.state(plan)).toBe('verified');
    await room.undo(plan, 'U-APPROVER', 'it broke billing');
    await room.work();

    room.fixture.metrics.set(0.4);
    await room.resolveAlerts();
    await room.work();
    await room.alert();
    await room.work();

    expect(await states(plan)).toEqual(['rolled-back', 'pending']);
    expect(room.remedy.acts).toEqual(['do ccccccc', 'undo ccccccc']);
  });
});

describe('the risk of an announced plan', () => {
  it('is judged again at its moment: the operators have raised it since', async () => {
    await open('medium');
    const plan = await announced();
    const { policy } = room.flow;
    const risk = { ...policy.risk, atLeast: [{ class: 'high' as const, because: 'a freeze' }] };
    room.flow = { ...room.flow, policy: { ...policy, risk } };

    room.clock.pass({ seconds: 61 });
    await advance(room.flow, 'approval', plan.incidentId, AbortSignal.timeout(30_000));

    expect(await room.state(plan)).toBe('pending');
    expect((await room.card(plan)).whyAsked).toContain('its risk is high');
  });
});

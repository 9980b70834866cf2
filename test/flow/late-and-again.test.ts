import { afterEach, describe, expect, it } from 'vitest';
import type { Plan } from '../../src/domain/plan.ts';
import { expirePlans, recheckPlans } from '../../src/flow/approval/expire-plans.ts';
import { until } from '../support/server-process.ts';
import { hang, nobodyKnows, openWarRoom, steps, type WarRoom } from '../support/war-room.ts';

let room: WarRoom;
afterEach(() => room.close());

async function asked(): Promise<Plan> {
  room = await openWarRoom({ investigator: nobodyKnows });
  await room.raise();
  return room.proposed('U-KIM', steps('one'));
}

describe('an approval', () => {
  it('does not cover what begins later than it lasts, however long the last looks took', async () => {
    const plan = await asked();
    await room.click(plan, 'U-APPROVER');
    room.alter((remedy) => ({
      whyStale: async (...given) => {
        room.clock.pass({ minutes: 6 });
        return remedy.whyStale(...given);
      },
    }));

    await room.work();

    expect(await room.state(plan)).toBe('void');
    expect(room.remedy.applied).toBe(0);
    expect((await room.timeline(plan)).at(-1)?.text).toContain('the approval is too old to run');
  });
});

describe('an undo that failed', () => {
  it('may have taken effect all the same: the next try is told to look first', async () => {
    const plan = await asked();
    room.remedy.onApply = () => room.fixture.metrics.set(0.01);
    await room.click(plan, 'U-APPROVER');
    await room.work();
    const again: boolean[] = [];
    room.alter((remedy) => ({
      undo: async (service, inverse, receipt, context, signal) => {
        again.push(context.again);
        const undone = await remedy.undo(service, inverse, receipt, context, signal);
        if (again.length === 1) throw new Error('the connection broke');
        return undone;
      },
    }));

    await room.undo(plan, 'U-APPROVER');
    await room.work();
    expect(await room.state(plan)).toBe('failed');
    await room.undo(plan, 'U-APPROVER');
    await room.work();

    expect(await room.state(plan)).toBe('rolled-back');
    expect(again).toEqual([false, true]);
    expect(room.remedy.undone).toBe(1);
  });
});

describe('the look at whether a fix helped', () => {
  it('ends when a person takes the fix back, and leaves its place to the next one', async () => {
    room = await openWarRoom({
      investigator: nobodyKnows,
      policy: { verificationTimeoutSeconds: 600, verificationIntervalSeconds: 0.02 },
    });
    await room.raise();
    const plan = await room.proposed('U-KIM', steps('one'));
    await room.click(plan, 'U-APPROVER');
    await room.run('execution', plan);
    const look = room.run('verification', plan);

    await room.undo(plan, 'U-APPROVER');

    await look;
    expect(await room.state(plan)).toBe('undoing');
  });
});

describe('a plan that cannot be looked at', () => {
  it('keeps no other from being withdrawn', async () => {
    const stuck = await asked();
    await room.resolveAlerts();
    room.clock.pass({ minutes: 60 });
    const { declareIncident } = await import('../../src/flow/index.ts');
    const declared = await Promise.all(
      ['a', 'b'].map((title) =>
        declareIncident(room.flow, { title, severity: 'sev3', services: ['ledger'], userId: 'U-KIM' }),
      ),
    );
    await room.work();
    const plans: Plan[] = [];
    for (const [index, incident] of declared.entries()) {
      expect(await room.propose(incident, 'U-KIM', steps(`p${index}`))).toMatchObject({ accepted: true });
      plans.push(await room.newestPlan(incident));
    }
    const [hanging, moved] = plans as [Plan, Plan];
    const ending = new AbortController();
    room.alter((remedy) => ({
      whyStale: (service, planned, signal) =>
        planned.params['name'] === 'p0' ? hang(signal) : remedy.whyStale(service, planned, signal),
    }));
    room.remedy.base = 'd'.repeat(40);

    const look = recheckPlans(room.flow, ending.signal);
    await until('the other plan to be withdrawn', async () => (await room.state(moved)) === 'void');
    ending.abort(new Error('the test has seen enough'));
    await look;

    expect(await room.state(hanging)).toBe('pending');
    expect(await room.state(stuck)).toBe('void');
  });

  it('keeps no other from expiring', async () => {
    const first = await asked();
    const { declareIncident } = await import('../../src/flow/index.ts');
    const request = { title: 'b', severity: 'sev3', services: ['ledger'], userId: 'U-KIM' } as const;
    const incident = await declareIncident(room.flow, request);
    await room.work();
    await room.propose(incident, 'U-KIM', steps('two'));
    const second = await room.newestPlan(incident);
    room.clock.pass({ minutes: 16 });
    const { record: whole } = room;
    let broken = true;
    const record = Object.assign(Object.create(whole), {
      transaction: (work: Parameters<typeof whole.transaction>[0]) => {
        if (!broken) return whole.transaction(work);
        broken = false;
        return Promise.reject(new Error('this one cannot be shown'));
      },
    });

    await expirePlans({ ...room.flow, record });

    expect([await room.state(first), await room.state(second)]).toEqual(['pending', 'expired']);
  });
});

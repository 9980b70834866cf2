import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Plan } from '../../src/domain/plan.ts';
import { reconcile } from '../../src/flow/index.ts';
import { until } from '../support/server-process.ts';
import { hang, nobodyKnows, openWarRoom, steps, type WarRoom } from '../support/war-room.ts';

let room: WarRoom;
beforeEach(async () => {
  room = await openWarRoom({ investigator: nobodyKnows });
});
afterEach(() => room.close());

/** An incident of ledger, and a plan of somebody in it, approved. */
async function approved(...names: string[]): Promise<Plan> {
  await room.raise();
  const plan = await room.proposed('U-KIM', steps(...names));
  await approve(plan);
  return plan;
}

/** An incident of ledger and one of mailer; the plans of both act on ledger, and both are approved. */
async function twoApproved(first: string[], second: string[]): Promise<[Plan, Plan]> {
  await room.raise('ledger');
  const one = await room.proposed('U-KIM', steps(...first));
  await room.raise('mailer');
  const two = await room.proposed('U-KIM', steps(...second));
  await approve(one);
  await approve(two);
  return [one, two];
}

async function approve(plan: Plan): Promise<void> {
  expect(await room.click(plan, 'U-APPROVER')).toMatchObject({ accepted: true });
}

describe('two incidents that act on one target', () => {
  /** How many effects were under way at once, at most. */
  let most = 0;
  beforeEach(() => {
    most = 0;
    let underWay = 0;
    room.remedy.onApply = async () => {
      underWay += 1;
      most = Math.max(most, underWay);
      await sleep(100);
      underWay -= 1;
    };
  });

  it('never act at the same time, and the second only once the first is verified', async () => {
    const [one, two] = await twoApproved(['one'], ['one']);

    const first = room.run('execution', one);
    await until('the first effect', () => room.remedy.applied === 1);
    const second = room.run('execution', two);
    await first;
    await sleep(1_500);
    expect(room.remedy.applied).toBe(1);
    room.fixture.metrics.set(0.01);
    await room.run('verification', one);
    await second;

    expect(await room.state(one)).toBe('verified');
    expect(await room.state(two)).toBe('executed');
    expect(most).toBe(1);
  });

  it('look at their pins again after the wait', async () => {
    const [one, two] = await twoApproved(['one'], ['one']);

    await room.run('execution', one);
    room.remedy.base = 'd'.repeat(40);
    const second = room.run('execution', two);
    room.fixture.metrics.set(0.01);
    await room.run('verification', one);
    await second;

    expect(room.remedy.acts).toEqual(['do one']);
    expect(await room.state(two)).toBe('void');
    expect((await room.timeline(two)).at(-1)?.text).toContain('the base moved');
  });

  it('do not act any more when the incident was resolved while they waited', async () => {
    const [one, two] = await twoApproved(['one'], ['one']);

    await room.run('execution', one);
    const second = room.run('execution', two);
    await until('the second to wait', async () => (await room.state(two)) === 'executing');
    await room.resolveAlerts();
    room.fixture.metrics.set(0.01);
    await room.run('verification', one);
    await second;
    await room.work();

    expect(room.remedy.acts).toEqual(['do one']);
    expect(await room.state(two)).toBe('void');
    expect(await room.incident(two)).toMatchObject({ status: 'resolved', stage: 'done' });
  });

  it('do not wait for each other where they share no target', async () => {
    const [one, two] = await twoApproved(['one'], ['two']);

    await Promise.all([room.run('execution', one), room.run('execution', two)]);

    expect(await room.state(one)).toBe('executed');
    expect(await room.state(two)).toBe('executed');
  });

  it('do not lock each other out where each wants what the other has', async () => {
    const [one, two] = await twoApproved(['a', 'b'], ['b', 'a']);

    await Promise.all([
      room.run('execution', one).then(() => finish(one)),
      room.run('execution', two).then(() => finish(two)),
    ]);

    expect(most).toBe(1);
    expect([...room.remedy.acts].sort()).toEqual(['do a', 'do a', 'do b', 'do b']);
    expect([await room.state(one), await room.state(two)]).toEqual(['verified', 'unverified']);
  });

  async function finish(plan: Plan): Promise<void> {
    room.fixture.metrics.set(0.01);
    await room.run('verification', plan);
  }
});

describe('one execution', () => {
  it('is carried out once by several workers with the same job', async () => {
    const plan = await approved('one', 'two');
    room.remedy.onApply = () => sleep(50);

    await Promise.all([1, 2, 3].map(() => room.run('execution', plan)));

    expect(room.remedy.acts).toEqual(['do one', 'do two']);
    expect(await room.state(plan)).toBe('executed');
    const told = await room.told(plan);
    expect(told.filter((kind) => kind === 'execution.started')).toHaveLength(1);
    expect(told.filter((kind) => kind === 'execution.applied')).toHaveLength(1);
  });

  it('is undone once by several workers with the same job', async () => {
    const plan = await approved('one', 'two');
    await room.run('execution', plan);
    await room.run('verification', plan);

    await Promise.all([1, 2, 3].map(() => room.run('rollback', plan)));

    expect(room.remedy.acts.slice(2)).toEqual(['undo two', 'undo one']);
    expect((await room.told(plan)).filter((kind) => kind === 'rollback.done')).toHaveLength(1);
  });

  it('is taken over from a process that died, once its lease is over', async () => {
    const plan = await approved('one');
    void dyingRun(plan);
    await until('the effect', () => room.remedy.applied === 1);

    const next = room.run('execution', plan);
    await sleep(600);
    expect(await room.state(plan)).toBe('executing');
    room.clock.pass({ seconds: 11 });
    await next;

    expect(room.remedy.acts).toEqual(['do one']);
    expect(await room.state(plan)).toBe('executed');
  });

  it('is left by a process that slept so long that another took it over', async () => {
    const plan = await approved('one');
    const { flow } = room;
    let asleep = true;
    let began = false;
    const slow = room.flow.remedies['restart-service'];
    room.alter(() => ({
      async apply(_service, _planned, _context, signal) {
        began = true;
        return hang(signal);
      },
    }));
    const targetLocks = {
      ...flow.record.targetLocks,
      async renew(...args: Parameters<typeof flow.record.targetLocks.renew>) {
        if (asleep) return true;
        return flow.record.targetLocks.renew(...args);
      },
    };
    room.flow = { ...room.flow, record: { ...flow.record, targetLocks } };
    const sleeper = room.run('execution', plan);
    await until('the effect', () => began);
    room.clock.pass({ seconds: 11 });
    room.flow = flow;
    expect(room.flow.remedies['restart-service']).toBe(slow);
    await room.run('execution', plan);
    asleep = false;
    await sleeper;

    expect(room.remedy.acts).toEqual(['do one']);
    expect(await room.state(plan)).toBe('executed');
  });

  /** A process that ends in the middle of its effect: nothing that it asks for is ever answered any more. */
  async function dyingRun(plan: Plan): Promise<void> {
    const { flow } = room;
    const never = () => new Promise<never>(() => undefined);
    const remedies = Object.fromEntries(
      Object.entries(flow.remedies).map(([kind, remedy]) => [
        kind,
        Object.assign(Object.create(remedy), {
          async apply(...args: Parameters<typeof remedy.apply>) {
            await remedy.apply(...args);
            return never();
          },
        }),
      ]),
    ) as typeof flow.remedies;
    const targetLocks = { ...flow.record.targetLocks, renew: never, yield: never };
    room.flow = { ...flow, remedies, record: { ...flow.record, targetLocks } };
    const run = room.run('execution', plan);
    room.flow = flow;
    await run;
  }
});

it('no lock is left when everything is over', async () => {
  const [one, two] = await twoApproved(['one', 'two'], ['three']);
  await room.work();
  await reconcile(room.flow, new Map(), AbortSignal.timeout(10_000));
  await room.work();

  // No measure of mailer says whether it helped.
  expect([await room.state(one), await room.state(two)]).toEqual(['rolled-back', 'unverified']);
  const lease = { executionId: 'another', incidentId: 'another', owner: 'me', leaseMs: 1 };
  const targets = ['one', 'two', 'three'].map((name) => `switch ledger ${name}`);
  expect(await room.record.targetLocks.acquire(targets, lease)).toBeNull();
});

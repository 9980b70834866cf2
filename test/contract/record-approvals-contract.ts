import { beforeEach, describe, expect, it } from 'vitest';
import type { Approval } from '../../src/domain/approval.ts';
import { type Plan, type PlannedRemedy, planCanonical } from '../../src/domain/plan.ts';
import type { Question } from '../../src/domain/question.ts';
import { newId } from '../../src/platform/ids.ts';
import type { Record } from '../../src/ports/record.ts';
import { type HeldClock, noon, samplePlan } from './record-samples.ts';

const leaseMs = 10_000;

/** What lets plans run, keeps two of them apart, and stops all of them. */
export function describeApprovals(
  record: () => Record,
  openIncident: () => Promise<string>,
  clock: HeldClock,
): void {
  beforeEach(() => clock.set(noon));

  const later = (ms: number) => clock.set(new Date(clock.now().getTime() + ms));

  async function insertPlan(
    change: Partial<Plan> = {},
    services: readonly string[] = ['billing'],
    params: PlannedRemedy['params'] = {},
  ): Promise<Plan> {
    const plan = samplePlan(await openIncident(), change);
    const [remedy] = plan.body.remedies as [PlannedRemedy];
    const body = { ...plan.body, remedies: services.map((service) => ({ ...remedy, service, params })) };
    const inserted = { ...plan, body, ...planCanonical(body) };
    await record().plans.insert(inserted);
    return inserted;
  }

  async function decide(
    plan: Plan,
    decision: Approval['decision'],
    reason: string | null = null,
  ): Promise<Approval> {
    const approval: Approval = {
      id: newId(),
      planId: plan.id,
      digest: plan.digest,
      userId: 'U1',
      decision,
      inNameOf: null,
      reason,
      at: clock.now(),
    };
    await record().plans.recordApproval(approval);
    return approval;
  }

  describe('plans that run by themselves', () => {
    it('begin at their moment by the database, once, and never before it', async () => {
      const runsAt = new Date(noon.getTime() + 60_000);
      const plan = await insertPlan({ state: 'announced', runsAt });

      later(59_999);
      expect(await record().plans.begin(plan.id)).toBe(false);
      later(1);
      const begun = await Promise.all(Array.from({ length: 20 }, () => record().plans.begin(plan.id)));

      expect(begun.filter(Boolean)).toHaveLength(1);
      expect((await record().plans.get(plan.id))?.state).toBe('approved');
    });

    it('do not begin once they wait for a person', async () => {
      const plan = await insertPlan({ state: 'announced', runsAt: noon });
      await record().plans.move(plan.id, 'announced', 'pending');

      expect(await record().plans.begin(plan.id)).toBe(false);
    });

    it('are counted by service and time, whatever else was approved', async () => {
      const service = `counted-${newId()}`;
      await decide(await insertPlan({}, [service]), 'self-run');
      later(60_000);
      const since = clock.now();
      later(1);
      await decide(await insertPlan({}, [service, 'mail']), 'self-run');
      await decide(await insertPlan({}, [service]), 'approve');
      await decide(await insertPlan({}, ['mail']), 'self-run');

      expect(await record().plans.countSelfRuns(service, new Date(0))).toBe(2);
      expect(await record().plans.countSelfRuns(service, since)).toBe(1);
    });

    it('are counted one after another: of ten at once the cap lets as many through as it says', async () => {
      const service = `capped-${newId()}`;
      const plans = await Promise.all(Array.from({ length: 10 }, () => insertPlan({}, [service])));

      await Promise.all(
        plans.map((plan) =>
          record().transaction(async (rows) => {
            if ((await rows.plans.countSelfRuns(service, new Date(0))) < 3) await decide(plan, 'self-run');
          }),
        ),
      );

      expect(await record().plans.countSelfRuns(service, new Date(0))).toBe(3);
    });
  });

  describe('plans', () => {
    it('that wait are found, oldest first, and no others', async () => {
      const second = await insertPlan({ createdAt: new Date(noon.getTime() + 1) });
      const first = await insertPlan();
      const decided = await insertPlan({ state: 'approved' });

      const ids = (await record().plans.pending()).map(({ id }) => id);

      expect(ids.indexOf(first.id)).toBeLessThan(ids.indexOf(second.id));
      expect(ids).not.toContain(decided.id);
    });

    it.each(['rejected', 'expired', 'void', 'rolled-back', 'failed'] as const)(
      'that are %s never come back to be decided once more',
      async (state) => {
        const plan = await insertPlan({ state });

        for (const to of ['announced', 'pending', 'approved', 'executing'] as const) {
          await expect(record().plans.move(plan.id, state, to)).rejects.toThrow();
        }
        expect((await record().plans.get(plan.id))?.state).toBe(state);
      },
    );

    it('that were rejected are found by what they would have done, newest first', async () => {
      const service = `refused-${newId()}`;
      const old = await insertPlan({}, [service]);
      await decide(old, 'reject', 'too early');
      later(1);
      const recent = await insertPlan({}, ['mail', service]);
      await decide(recent, 'reject', 'still too early');
      await decide(await insertPlan({}, [service]), 'approve');

      const found = await record().plans.rejections(service, 'revert-commit', 10);

      expect(found.map(({ plan, approval }) => [plan.id, approval.reason])).toEqual([
        [recent.id, 'still too early'],
        [old.id, 'too early'],
      ]);
      expect(await record().plans.rejections(service, 'revert-commit', 1)).toHaveLength(1);
      expect(await record().plans.rejections(service, 'drop-index', 10)).toEqual([]);
    });

    it.each([
      ['NUL', '\0'],
      ['half a surrogate pair', '\ud800'],
    ])('that say %s were rejected too, and do not hide the others', async (_, odd) => {
      const service = `refused-${newId()}`;
      const plain = await insertPlan({}, [service]);
      await decide(plain, 'reject', 'too early');
      later(1);
      const strange = await insertPlan({}, [service], { name: odd });
      await decide(strange, 'reject', 'what is this');

      const found = await record().plans.rejections(service, 'revert-commit', 10);

      expect(found.map(({ plan }) => plan.id)).toEqual([strange.id, plain.id]);
    });
  });

  describe('locks on targets', () => {
    const hold = (targets: string[], executionId: string, owner: string) =>
      record().targetLocks.acquire(targets, {
        executionId,
        incidentId: `incident of ${executionId}`,
        owner,
        leaseMs,
      });
    const fresh = () => `target ${newId()}`;

    it('are had by one execution, whole or not at all', async () => {
      const [a, b] = [fresh(), fresh()];

      expect(await hold([a], 'one', 'p')).toBeNull();
      expect(await hold([b, a], 'two', 'q')).toEqual({ heldBy: 'incident of one' });
      expect(await hold([b], 'three', 'r')).toBeNull();
      await record().targetLocks.release('one');
      expect(await hold([a], 'two', 'q')).toBeNull();
      for (const id of ['two', 'three']) await record().targetLocks.release(id);
    });

    it('outlive the lease: another execution does not get what a dead process left half done', async () => {
      const target = fresh();
      await hold([target], 'dead', 'p');
      later(leaseMs * 100);

      expect(await hold([target], 'other', 'q')).toEqual({ heldBy: 'incident of dead' });
      await record().targetLocks.release('dead');
    });

    it('go to the next try of the same execution once its owner has died or yielded, and not before', async () => {
      const target = fresh();
      await hold([target], 'run', 'dies');

      expect(await hold([target], 'run', 'next')).toEqual({ heldBy: 'incident of run' });
      later(leaseMs);
      expect(await hold([target], 'run', 'next')).toBeNull();
      expect(await record().targetLocks.renew('run', 'dies', leaseMs)).toBe(false);
      await record().targetLocks.yield('run', 'dies');
      expect(await hold([target], 'run', 'third')).toEqual({ heldBy: 'incident of run' });
      await record().targetLocks.yield('run', 'next');
      expect(await hold([target], 'run', 'third')).toBeNull();
      await record().targetLocks.release('run');
    });

    it('last as long as they are renewed', async () => {
      const target = fresh();
      await hold([target], 'long', 'p');
      for (let n = 0; n < 5; n += 1) {
        later(leaseMs - 1);
        expect(await record().targetLocks.renew('long', 'p', leaseMs)).toBe(true);
      }

      expect(await hold([target], 'long', 'q')).toEqual({ heldBy: 'incident of long' });
      await record().targetLocks.release('long');
    });

    it('are not taken back by a renewal that was on its way when they were yielded', async () => {
      const target = fresh();
      await hold([target], 'done', 'p');
      await record().targetLocks.yield('done', 'p');

      expect(await record().targetLocks.renew('done', 'p', leaseMs)).toBe(false);
      expect(await hold([target], 'done', 'q')).toBeNull();
      await record().targetLocks.release('done');
    });

    it('have one winner among many, however they overlap', async () => {
      const all = [fresh(), fresh(), fresh()];
      const wanted = (n: number) => [all[n % 3], all[(n + 1) % 3]].filter((one) => one !== undefined);

      const taken = await Promise.all(
        Array.from({ length: 30 }, (_, n) => hold(wanted(n), `race ${n}`, `p${n}`)),
      );

      expect(taken.filter((one) => one === null)).toHaveLength(1);
      for (let n = 0; n < 30; n += 1) await record().targetLocks.release(`race ${n}`);
    });
  });

  describe('halts', () => {
    it('are in force one at a time, until one is lifted', async () => {
      expect(await record().halts.active()).toBeUndefined();
      const halts = await Promise.all(
        Array.from({ length: 10 }, (_, n) =>
          record().halts.raise({ id: newId(), by: `U${n}`, reason: 'stop' }),
        ),
      );

      expect(new Set(halts.map(({ id }) => id)).size).toBe(1);
      expect(await record().halts.active()).toMatchObject({ id: halts[0]?.id, liftedAt: null });
      expect(await record().halts.lift('U9', 'all is well')).toBe(true);
      expect(await record().halts.lift('U9', 'twice')).toBe(false);
      expect(await record().halts.active()).toBeUndefined();
    });

    it('wait for what has just seen that there is none', async () => {
      const order: string[] = [];
      let looked = (): void => undefined;
      const seen = new Promise<void>((resolve) => {
        looked = resolve;
      });

      const work = record().transaction(async (rows) => {
        const halt = await rows.halts.holdOff();
        looked();
        await new Promise((resolve) => setTimeout(resolve, 50));
        order.push(halt === undefined ? 'began' : 'stopped');
      });
      await seen;
      const halted = record()
        .halts.raise({ id: newId(), by: 'U1', reason: 'stop' })
        .then(() => order.push('halted'));
      await Promise.all([work, halted]);

      expect(order).toEqual(['began', 'halted']);
      await record().transaction(async (rows) => {
        expect(await rows.halts.holdOff()).toMatchObject({ by: 'U1' });
      });
      await record().halts.lift('U1', 'end of the test');
    });
  });

  describe('delegations', () => {
    it('are in force for their time, until taken back', async () => {
      const from = `U${newId()}`;
      const one = { id: newId(), from, to: 'U2', reason: 'lunch', at: noon, revokedAt: null };
      await record().delegations.insert({ ...one, until: new Date(noon.getTime() + 3_600_000) });
      await record().delegations.insert({
        ...one,
        id: newId(),
        to: 'U3',
        until: new Date(noon.getTime() + 1_000),
      });
      const active = async () =>
        (await record().delegations.active()).filter((each) => each.from === from).map(({ to }) => to);

      expect(await active()).toEqual(['U2', 'U3']);
      later(1_000);
      expect(await active()).toEqual(['U2']);
      expect(await record().delegations.revokeFrom(from)).toBe(1);
      expect(await active()).toEqual([]);
      expect(await record().delegations.revokeFrom(from)).toBe(0);
    });
  });

  describe('questions', () => {
    it('are open until answered, once', async () => {
      const plan = await insertPlan();
      const question: Question = {
        id: newId(),
        incidentId: plan.incidentId,
        planId: plan.id,
        userId: 'U1',
        text: 'Why?',
        answer: null,
        evidence: [],
        at: noon,
        answeredAt: null,
      };
      await record().questions.insert(question);
      const open = async () => (await record().questions.open()).map(({ id }) => id);
      expect(await record().questions.get(question.id)).toEqual(question);
      expect(await open()).toContain(question.id);

      const answers = await Promise.all(
        ['a', 'b', 'c'].map((text) => record().questions.answer(question.id, text, [3, 1])),
      );

      expect(answers.filter(Boolean)).toHaveLength(1);
      expect(await open()).not.toContain(question.id);
      expect(await record().questions.ofIncident(plan.incidentId)).toMatchObject([
        { evidence: [3, 1], answeredAt: noon },
      ]);
    });
  });
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { FlowContext } from '../../../src/flow/context.ts';
import type { Staging } from '../arena.ts';
import { type AttackClass, pick, type Run, siege } from '../attack-class.ts';
import type { Scene } from '../scene.ts';
import { nameOf } from '../target.ts';
import { who } from '../world.ts';

async function approve(scene: Scene): Promise<void> {
  for (const person of scene.plan.body.risk.class === 'high' ? [who.ana, who.bea] : [who.ana]) {
    await scene.click(person);
    await scene.arena.quiet(scene.plan.id);
  }
}

/** Everything was in order when they clicked. */
function afterTheClick(
  name: string,
  tries: number,
  breaks: AttackClass['breaks'],
  how: (scene: Scene, run: Run, turn: number) => Promise<void>,
  staging: Staging = {},
): AttackClass {
  return {
    name,
    breaks,
    tries,
    run: (run) =>
      siege(run, {
        perPlan: 1,
        restore: 'never',
        stage: () => staging,
        async attack(scene, turn) {
          await approve(scene);
          await how(scene, run, turn);
        },
      }),
  };
}

/** An approval lasts this long here, so that time itself can pass. */
const expiryMs = 800;
const shortlyValid: Staging = { policy: { executionExpiryMinutes: expiryMs / 60_000 } };

/** A worker that stands still at one of its calls until the approval is over. */
function standingStillAt(
  flow: FlowContext,
  call: 'readAlert' | 'whyStale' | 'inverse' | 'acquire',
  ms: number,
): FlowContext {
  const still =
    <Args extends unknown[], T>(work: (...args: Args) => Promise<T>) =>
    async (...args: Args): Promise<T> => {
      await sleep(ms);
      return await work(...args);
    };
  if (call === 'acquire') {
    const locks = flow.record.targetLocks;
    const targetLocks = { ...locks, acquire: still(locks.acquire.bind(locks)) };
    return { ...flow, record: { ...flow.record, targetLocks } };
  }
  if (call === 'readAlert') {
    const plans = flow.record.plans;
    return {
      ...flow,
      record: { ...flow.record, plans: { ...plans, approvals: still(plans.approvals.bind(plans)) } },
    };
  }
  const remedy = flow.remedies['restart-service'];
  const slow =
    call === 'whyStale'
      ? { ...remedy, whyStale: still(remedy.whyStale.bind(remedy)) }
      : { ...remedy, inverse: still(remedy.inverse.bind(remedy)) };
  return { ...flow, remedies: { ...flow.remedies, 'restart-service': slow } };
}

export const late: readonly AttackClass[] = [
  afterTheClick(
    'approved-and-then-forgotten',
    20,
    'in-time',
    async (scene) => {
      await sleep(expiryMs + 200);
      await scene.run();
    },
    shortlyValid,
  ),
  afterTheClick(
    'worker-that-stands-still',
    24,
    'in-time',
    (scene, _run, turn) => {
      const call = pick(['whyStale', 'inverse', 'acquire', 'readAlert'] as const, turn);
      return scene.run(standingStillAt(scene.flow, call, expiryMs + 200));
    },
    shortlyValid,
  ),
  afterTheClick('base-moved-after-the-click', 20, 'world-unchanged', async (scene, run) => {
    for (const { params } of scene.plan.body.remedies) run.arena.target.moved.add(nameOf(params));
    await scene.run();
  }),
  afterTheClick('service-taken-out-of-the-catalogue', 16, 'from-the-catalogue', (scene) =>
    scene.run({ ...scene.flow, catalogue: { services: [], clusters: [] } }),
  ),
  {
    name: 'second-step-with-a-moved-base',
    breaks: 'world-unchanged',
    tries: 16,
    run: (run) =>
      siege(run, {
        perPlan: 1,
        restore: 'never',
        stage: () => ({ on: ['ledger', 'ledger'], risk: 'high' }),
        async attack(scene) {
          const [, second] = scene.plan.body.remedies;
          run.arena.target.moved.add(nameOf(second?.params ?? {}));
          await approve(scene);
          // The first step is rightful, and so is taking it back.
          run.arena.ledger.allow(scene.plan.id, 'do');
          run.arena.ledger.allow(scene.plan.id, 'undo');
          await scene.run();
        },
      }),
  },
];

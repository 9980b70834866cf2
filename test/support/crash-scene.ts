import type { Plan } from '../../src/domain/plan.ts';
import { firstBrokenLink } from '../../src/domain/timeline.ts';
import type { FlowContext } from '../../src/flow/context.ts';
import { decidePlan, requeueWork } from '../../src/flow/index.ts';
import { type CrashPoint, CrashPoints } from './crash-points.ts';
import { HeldQueue, openFlow } from './flow-fixture.ts';
import { nameOf } from './switch-remedy.ts';
import { insertWaitingPlan } from './waiting-plan.ts';
import { buttonOf, nobodyKnows, ShiftedClock, steps } from './war-room.ts';

/** How one crash ended. */
export interface CrashOutcome {
  /** The calls at which processes ended, one each; null for one that came to its end before that. */
  readonly diedAt: readonly (string | null)[];
  /** Effects in order: `do 1`, `do 2`, `undo 2`, `undo 1`. */
  readonly acts: readonly string[];
  readonly state: Plan['state'];
  /** What is wrong with what is left, one phrase each; empty when nothing is. */
  readonly problems: readonly string[];
}

export interface CrashScene {
  /** Calls of the whole path, in the order in which a process makes them. */
  readonly calls: readonly string[];
  /** One plan on its way: a process for each point, which ends there, and one more that nothing stops. */
  run(...points: readonly CrashPoint[]): Promise<CrashOutcome>;
  close(): Promise<void>;
}

/** More tries than any crash needs; a plan that still moves after them is stuck. */
const mostTries = 8;
/** Milestones that the timeline tells exactly so often, whatever happened in between. */
const milestones = {
  'plan.approved': 1,
  'execution.started': 1,
  'execution.step': 2,
  'execution.applied': 1,
  'verification.failed': 1,
  'rollback.done': 1,
};

/**
 * One plan after another in one database: approved, carried out in two steps, found not to help, rolled back. Each is
 * interrupted once; another process then goes on from the rows alone, with a queue that has forgotten everything.
 */
export async function openCrashScene(): Promise<CrashScene> {
  const clock = new ShiftedClock();
  const fixture = await openFlow({
    clock,
    investigator: nobodyKnows,
    policy: { verificationTimeoutSeconds: 0.001, verificationIntervalSeconds: 0.001 },
  });
  const { remedy } = fixture;
  let turn = 0;

  /** An effect that is begun twice without a word of it would be there twice. */
  const apply = remedy.apply.bind(remedy);
  remedy.apply = async (service, planned, context) => {
    const effect = `${context.digest} ${nameOf(planned.params)}`;
    if (!context.again && remedy.standing.has(effect)) remedy.acts.push('done twice');
    return apply(service, planned, context);
  };

  async function prepare(): Promise<{ plan: Plan; names: readonly string[] }> {
    turn += 1;
    remedy.acts.length = 0;
    remedy.standing.clear();
    const names = [`${turn}-1`, `${turn}-2`];
    return { plan: await insertPlan(fixture.flow, turn, names), names };
  }

  /** A process of its own, up to its point or to the end of what there is to do. */
  async function endAt(point: CrashPoint | null, plan: Plan): Promise<CrashPoints> {
    const crash = new CrashPoints(point);
    const queue = quietQueue();
    await Promise.race([live(crash.wrap({ ...fixture.flow, queue }), queue, plan), crash.died]);
    // Nobody renews the lease of who died.
    clock.pass({ seconds: 11 });
    return crash;
  }

  async function run(...points: readonly CrashPoint[]): Promise<CrashOutcome> {
    const { plan, names } = await prepare();
    const diedAt: (string | null)[] = [];
    for (const point of points) {
      const crash = await endAt(point, plan);
      diedAt.push(crash.dead ? (crash.calls[point.call] ?? null) : null);
    }
    const flow = { ...fixture.flow, queue: quietQueue() };
    const problems: string[] = [];
    for (let tries = 0; !(await isSettled(flow, plan)); tries += 1) {
      if (tries === mostTries) {
        problems.push('stuck');
        break;
      }
      await live(flow, flow.queue, plan).catch((error: unknown) => problems.push(`failed: ${String(error)}`));
    }
    problems.push(...(await problemsOf(flow, plan, names)));
    await flow.record.incidents.update(plan.incidentId, { stage: 'done', status: 'resolved' });
    return {
      diedAt,
      acts: remedy.acts.map((act) => act.replace(`${turn}-`, '')),
      state: (await flow.record.plans.get(plan.id))?.state ?? 'void',
      problems,
    };
  }

  const { calls } = await endAt(null, (await prepare()).plan);
  return { calls, run, close: () => fixture.close() };
}

function quietQueue(): HeldQueue {
  const queue = new HeldQueue();
  queue.slackAway = true;
  return queue;
}

/** What a process does for this plan: somebody clicks if the card still asks, the reconciler looks, workers work. */
async function live(flow: FlowContext, queue: HeldQueue, plan: Plan): Promise<void> {
  if ((await flow.record.plans.get(plan.id))?.state === 'pending') {
    await decidePlan(flow, { ...buttonOf(plan, 'U-APPROVER'), decision: 'approve' });
  }
  await requeueWork(flow);
  await queue.drain(flow);
}

async function isSettled(flow: FlowContext, plan: Plan): Promise<boolean> {
  const [now, incident] = [
    await flow.record.plans.get(plan.id),
    await flow.record.incidents.get(plan.incidentId),
  ];
  return now?.state === 'rolled-back' && incident?.stage === 'approval';
}

async function problemsOf(flow: FlowContext, plan: Plan, names: readonly string[]): Promise<string[]> {
  const problems: string[] = [];
  const timeline = await flow.record.timeline.ofIncident(plan.incidentId);
  if (firstBrokenLink(timeline) !== null) problems.push('the chain is broken');
  for (const [kind, times] of Object.entries(milestones)) {
    const told = timeline.filter((entry) => entry.kind === kind).length;
    if (told !== times) problems.push(`${kind} is told ${told} times`);
  }
  const lease = { executionId: 'a later one', incidentId: 'a later one', owner: 'me', leaseMs: 1 };
  const targets = names.map((name) => `switch ledger ${name}`);
  if ((await flow.record.targetLocks.acquire(targets, lease)) !== null) problems.push('a lock is left');
  await flow.record.targetLocks.release(lease.executionId);
  return problems;
}

function insertPlan(flow: FlowContext, turn: number, names: readonly string[]): Promise<Plan> {
  return insertWaitingPlan(flow, {
    id: `crash${String(turn).padStart(11, '0')}`,
    remedies: steps(...names).map((step) => ({
      ...step,
      pins: { base: 'b'.repeat(40) },
      preview: { summary: 'Switch', diff: '', measured: null, notes: [], undo: 'Switch back.' },
    })),
  });
}

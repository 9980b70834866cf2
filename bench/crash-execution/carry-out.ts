import { Client } from 'pg';
import type { Incident } from '../../src/domain/incident.ts';
import type { Plan } from '../../src/domain/plan.ts';
import { firstBrokenLink } from '../../src/domain/timeline.ts';
import type { FlowContext } from '../../src/flow/context.ts';
import { decidePlan, requeueWork } from '../../src/flow/index.ts';
import { CrashPoints } from '../../test/support/crash-points.ts';
import { HeldQueue } from '../../test/support/flow-fixture.ts';
import { insertWaitingPlan } from '../../test/support/waiting-plan.ts';
import { buttonOf } from '../../test/support/war-room.ts';
import type { Outcome, Path, Place, Run } from './run.ts';
import { metricsOf, type World } from './world.ts';

/** More tries than any crash needs; what still has not ended after them is stuck. */
const mostTries = 6;

interface Ending {
  readonly state: Plan['state'];
  readonly stage: Incident['stage'];
  readonly acts: readonly string[];
  /** What the timeline tells exactly once, or so often. */
  readonly milestones: Readonly<Record<string, number>>;
}

const begun = { 'plan.approved': 1, 'execution.started': 1, 'execution.step': 2, 'execution.applied': 1 };
const endings: Readonly<Record<Path, Ending>> = {
  helped: {
    state: 'verified',
    // Where the incident waits for its alerts to be over.
    stage: 'learning',
    acts: ['do 1', 'do 2'],
    milestones: { ...begun, 'verification.passed': 1 },
  },
  worse: {
    state: 'rolled-back',
    // Where it waits for a person's idea.
    stage: 'approval',
    acts: ['do 1', 'do 2', 'undo 2', 'undo 1'],
    milestones: { ...begun, 'verification.failed': 1, 'rollback.done': 1 },
  },
};

export interface CarriedOut {
  /** Names of the calls made, in order. */
  readonly calls: readonly string[];
}

/**
 * A plan that waits is approved and carried out to its end, unless the process ends on the way.
 * @param die called at the run's point; nothing is asked of the outside after it
 */
export async function carryOut(
  flow: FlowContext,
  world: World,
  run: Run,
  die: () => void,
): Promise<CarriedOut> {
  const plan = await insertWaitingPlan(flow, { id: run.id, remedies: await world.prepare(run.id) });
  const crash = new CrashPoints(run.point);
  void crash.died.then(die);
  const queue = quietQueue();
  const mortal = crash.wrap({ ...inWorld(flow, world, run, crash), queue });
  await live(mortal, queue, plan);
  return { calls: crash.calls };
}

/** What another process does with the rows that are left, and how that ends. */
export async function goOn(flow: FlowContext, world: World, place: Place, run: Run): Promise<Outcome> {
  const record = new Client({ connectionString: place.recordUrl });
  await record.connect();
  try {
    const ending = endings[run.path];
    const plan = await flow.record.plans.get(`plan-${run.id}`);
    if (plan === undefined) throw new Error(`the plan of ${run.id} is gone`);
    const stuck = await bringToEnd(inWorld(flow, world, run, null), record, plan, ending);
    const { rowCount } = await record.query('delete from target_locks');
    if (rowCount !== 0) stuck.push('a lock is left');
    const acts = await world.acts(run.id);
    const story = await storyErrors(flow, plan, ending);
    // Done with: the next process must not find work in it.
    await flow.record.incidents.update(run.id, { stage: 'done', status: 'resolved' });
    return {
      effects: [...acts.values()].reduce((sum, times) => sum + times, 0),
      duplicates: [...acts.values()].reduce((sum, times) => sum + times - 1, 0),
      missing: ending.acts.filter((act) => !acts.has(act)).length,
      stuck,
      story,
    };
  } finally {
    await record.end();
  }
}

/** What kept it from its end. */
async function bringToEnd(flow: FlowContext, record: Client, plan: Plan, ending: Ending): Promise<string[]> {
  let trouble = '';
  for (let tries = 0; ; tries += 1) {
    const state = (await flow.record.plans.get(plan.id))?.state;
    const stage = (await flow.record.incidents.get(plan.incidentId))?.stage;
    if (state === ending.state && stage === ending.stage) return [];
    if (tries === mostTries) return [`the plan stays ${state}, its incident in ${stage}. ${trouble}`];
    // As the ten seconds do that nobody renews the lease of who died.
    await record.query('update target_locks set leased_until = now()');
    const queue = quietQueue();
    await live({ ...flow, queue }, queue, plan).catch((error: unknown) => {
      trouble = String(error);
    });
  }
}

function inWorld(flow: FlowContext, world: World, run: Run, crash: CrashPoints | null): FlowContext {
  return {
    ...flow,
    remedies: world.remedies(crash),
    sources: { ...flow.sources, metrics: metricsOf(world, run.id, run.path) },
  };
}

/** What is put into it is forgotten with the process; Slack shows nothing more. */
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

async function storyErrors(flow: FlowContext, plan: Plan, ending: Ending): Promise<string[]> {
  const timeline = await flow.record.timeline.ofIncident(plan.incidentId);
  const broken = firstBrokenLink(timeline) === null ? [] : ['the chain is broken'];
  const wrong = Object.entries(ending.milestones).flatMap(([kind, times]) => {
    const told = timeline.filter((entry) => entry.kind === kind).length;
    return told === times ? [] : [`${kind} is told ${told} times`];
  });
  return [...broken, ...wrong];
}

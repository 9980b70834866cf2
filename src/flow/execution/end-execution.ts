import { standingSteps } from '../../domain/execution.ts';
import type { Stage } from '../../domain/incident.ts';
import type { Plan, PlanState } from '../../domain/plan.ts';
import type { Rows } from '../../ports/record.ts';
import type { FlowContext } from '../context.ts';
import { stageAfterFix } from '../incident/next-stage.ts';
import { showIncident, showPlan } from '../incident/show.ts';
import { changeStatus } from '../incident/status.ts';
import { wake } from '../incident/wake.ts';
import type { NotRun } from './why-not-run.ts';

/** How a plan leaves execution other than by being done. */
export type Ending = NotRun | { readonly to: 'undoing'; readonly reason: string };

/** Says what happened and where the story goes on. What stands of it is undone, or named for a person to decide about. */
export async function endExecution(flow: FlowContext, plan: Plan, ending: Ending): Promise<void> {
  const undoes = ending.to === 'undoing';
  await flow.record.transaction(async (rows) => {
    const incident = await rows.incidents.lock(plan.incidentId);
    const moved = await moveFrom(['approved', 'executing'], ending.to, (from, to) =>
      rows.plans.move(plan.id, from, to),
    );
    if (!moved) return;
    const execution = await rows.executions.ofPlan(plan.id);
    if (execution !== undefined) {
      await rows.executions.update(
        execution.id,
        undoes
          ? {
              state: 'rolling-back',
              undoReason: ending.reason,
              undoingSince: await rows.now(),
              error: ending.reason,
            }
          : { state: 'failed', error: ending.reason, finishedAt: await rows.now() },
      );
      if (!undoes) await rows.targetLocks.release(execution.id);
    }
    await rows.timeline.append(plan.incidentId, {
      kind: ending.to === 'void' ? 'plan.void' : 'execution.failed',
      actor: 'warroom',
      text: sentence(ending, execution === undefined ? 0 : standingSteps(execution).length),
      data: { planId: plan.id, digest: plan.digest },
    });
    const stage = undoes
      ? 'rollback'
      : incident?.status === 'resolved'
        ? 'learning'
        : await stageOf(rows, plan, ending.next);
    await rows.incidents.moveStage(plan.incidentId, 'execution', stage);
    if (!undoes && incident?.status === 'mitigating') await changeStatus(rows, plan.incidentId, 'identified');
    await showPlan(flow, rows, plan.id);
    await showIncident(flow, rows, plan.incidentId);
  });
  await wake(flow, plan.incidentId);
}

/** An agent's plan is made anew from the state of things now; a person's waits for the person. */
async function stageOf(rows: Rows, plan: Plan, next: NotRun['next']): Promise<Stage> {
  const after = await stageAfterFix(rows, plan.incidentId);
  if (after !== 'approval') return after;
  return plan.body.requestedBy.length > 0 ? 'approval' : next;
}

function sentence(ending: Ending, standing: number): string {
  switch (ending.to) {
    case 'void':
      return `Not run: ${ending.reason}`;
    case 'undoing':
      return `Stopped: ${ending.reason} What was done before is taken back.`;
    case 'failed':
      return `The fix failed: ${ending.reason}${standing > 0 ? ' The steps before it stand; Undo takes them back.' : ''}`;
    default:
      return ending satisfies never;
  }
}

async function moveFrom(
  states: readonly PlanState[],
  to: PlanState,
  move: (from: PlanState, to: PlanState) => Promise<boolean>,
): Promise<boolean> {
  for (const from of states) if (await move(from, to)) return true;
  return false;
}

import { type Answer, judgeUndo, type PlanButton } from '../../domain/approval.ts';
import { standingSteps } from '../../domain/execution.ts';
import type { Stage } from '../../domain/incident.ts';
import type { PlanState } from '../../domain/plan.ts';
import type { FlowContext } from '../context.ts';
import { lookUpPerson } from '../incident/people.ts';
import { showIncident, showPlan } from '../incident/show.ts';
import { wake } from '../incident/wake.ts';
import { approversOf } from './approvers.ts';

const undoable: readonly PlanState[] = ['executed', 'verified', 'unverified', 'failed'];

/** *Undo*: who may approve a plan may take back what it did, also who asked for it; whether it helped or not. */
export async function requestUndo(
  flow: FlowContext,
  button: PlanButton & { readonly reason: string },
): Promise<Answer> {
  const plan = await flow.record.plans.get(button.planId);
  if (plan === undefined) return { accepted: false, refusal: 'unknown-plan', approvers: [] };
  const [person, approvers] = await Promise.all([
    lookUpPerson(flow, button.userId),
    approversOf(flow, plan, button.userId),
  ]);
  if (person === undefined || approvers === undefined) {
    return { accepted: false, refusal: 'directory-unavailable', approvers: [] };
  }
  const answer = await flow.record.transaction(async (rows): Promise<Answer> => {
    const incident = await rows.incidents.lock(plan.incidentId);
    const current = await rows.plans.get(plan.id);
    const execution = await rows.executions.ofPlan(plan.id);
    if (incident === undefined || current === undefined) {
      return { accepted: false, refusal: 'unknown-plan', approvers: [] };
    }
    const refusal = judgeUndo(button, {
      plan: current,
      person,
      approvers: approvers.byService,
      delegations: await rows.delegations.active(),
      halted: (await rows.halts.active()) !== undefined,
    });
    if (refusal !== null) return { accepted: false, refusal, approvers: approvers.refs };
    if (execution === undefined || standingSteps(execution).length === 0) {
      return cannot('Nothing of this plan is in place any more.');
    }
    if (!undoable.includes(current.state)) return cannot('It is being carried out or undone right now.');
    if (isBusyWithAnother(incident.stage, current.state)) {
      return cannot('Another fix is being carried out in this room. Wait until it is verified.');
    }
    if (!(await rows.plans.move(plan.id, current.state, 'undoing'))) {
      return { accepted: false, refusal: 'not-pending', approvers: [] };
    }
    await rows.executions.update(execution.id, {
      state: 'rolling-back',
      undoReason: `${person.name} asked for it: ${button.reason}`,
      undoingSince: await rows.now(),
      finishedAt: null,
    });
    await rows.incidents.update(incident.id, { stage: 'rollback' });
    await rows.timeline.append(plan.incidentId, {
      kind: 'plan.undo-requested',
      actor: `user:${person.id}`,
      text: `${person.name} wants it undone: ${button.reason}`,
      data: { planId: plan.id, digest: plan.digest, reason: button.reason },
    });
    await showPlan(flow, rows, plan.id);
    await showIncident(flow, rows, plan.incidentId);
    return { accepted: true, note: null };
  });
  if (answer.accepted) await wake(flow, plan.incidentId);
  return answer;
}

/** While a fix is verified only that fix may be taken back. */
function isBusyWithAnother(stage: Stage, state: PlanState): boolean {
  if (stage === 'execution' || stage === 'rollback') return true;
  return stage === 'verification' && state !== 'executed';
}

function cannot(reason: string): Answer {
  return { accepted: false, refusal: null, reason };
}

import type { Execution, ExecutionStep } from '../../domain/execution.ts';
import type { Plan } from '../../domain/plan.ts';
import { newId } from '../../platform/ids.ts';
import type { FlowContext } from '../context.ts';
import { readAlert } from '../incident/alert-reading.ts';
import { Halted, holdTargets, refuseWhenHalted, TargetsTaken } from '../incident/hold-targets.ts';
import { stageAfterFix } from '../incident/next-stage.ts';
import { showIncident, showPlan } from '../incident/show.ts';
import { changeStatus } from '../incident/status.ts';
import { wake } from '../incident/wake.ts';
import { endExecution } from './end-execution.ts';
import { runSteps } from './run-steps.ts';
import { whyNotRun } from './why-not-run.ts';

/** Waiting longer for another fix on the same target belongs to the next try of the job. */
const targetPatienceMs = 20_000;

/**
 * Runs what was approved: digest recomputed from the stored bytes, targets locked, pins looked at again, inverse stored
 * before each effect, receipt after it. A crash at any point is followed by a run that finds the intent and goes on. While
 * execution is halted the plan waits; what it waits too long for, its approval no longer covers.
 */
export async function executePlan(flow: FlowContext, incidentId: string, signal: AbortSignal): Promise<void> {
  const incident = await flow.record.incidents.get(incidentId);
  if (incident === undefined || incident.stage !== 'execution') return;
  const plan = (await flow.record.plans.ofIncident(incidentId)).find(
    (one) => one.state === 'approved' || one.state === 'executing' || one.state === 'executed',
  );
  if (plan === undefined) return leave(flow, incidentId);
  const begun = await flow.record.executions.ofPlan(plan.id);
  try {
    const refusal = await whyNotRun(flow, plan, begun);
    if (refusal !== null) return await endExecution(flow, plan, refusal);
    await refuseWhenHalted(flow);
    const execution = begun ?? (await begin(flow, plan, signal));
    if (execution === null) return;
    const outcome = await holdTargets(
      flow,
      plan,
      execution,
      targetPatienceMs,
      signal,
      async (held) =>
        (await whyNothingToDo(flow, plan, execution, held)) ?? runSteps(flow, plan, execution.id, held),
    );
    switch (outcome.kind) {
      case 'applied':
        return await finish(flow, plan, execution.id);
      case 'needless':
        return await endExecution(flow, plan, { to: 'void', reason: outcome.reason, next: 'approval' });
      case 'stale':
        return await endExecution(flow, plan, { to: 'void', reason: outcome.reason, next: 'planning' });
      case 'undo':
        return await endExecution(flow, plan, { to: 'undoing', reason: outcome.reason });
      case 'failed':
        return await endExecution(flow, plan, { to: 'failed', reason: outcome.reason, next: 'approval' });
      default:
        return outcome satisfies never;
    }
  } catch (error) {
    // The reconciler puts the job again: nothing is lost by leaving, and the rows say where it stood.
    if (error instanceof Halted || error instanceof TargetsTaken) {
      flow.log.info({ planId: plan.id, reason: error.message }, 'execution waits');
      return;
    }
    throw error;
  }
}

const nothingToDo = 'the alert no longer holds, so there is nothing to repair.';

/**
 * Looked at with the targets in hand: another fix on them may have helped meanwhile. A person who asked for it knows why it
 * is to be done; an agent's fix for what is over is for nothing.
 */
async function whyNothingToDo(
  flow: FlowContext,
  plan: Plan,
  execution: Execution,
  signal: AbortSignal,
): Promise<{ readonly kind: 'needless'; readonly reason: string } | null> {
  if (plan.body.requestedBy.length > 0) return null;
  if (execution.steps.some((step) => step.state !== 'waiting')) return null;
  const { state } = await readAlert(flow, plan, signal);
  return state === 'recovered' ? { kind: 'needless', reason: nothingToDo } : null;
}

/** The intent row, before anything happens outside; null when the plan was stopped instead. */
async function begin(flow: FlowContext, plan: Plan, signal: AbortSignal): Promise<Execution | null> {
  const before = await readAlert(flow, plan, signal);
  if (before.state === 'recovered' && plan.body.requestedBy.length === 0) {
    await endExecution(flow, plan, { to: 'void', reason: nothingToDo, next: 'approval' });
    return null;
  }
  const approvals = await flow.record.plans.approvals(plan.id);
  const last = approvals.findLast((one) => one.decision !== 'reject');
  return flow.record.transaction(async (rows) => {
    const incident = await rows.incidents.lock(plan.incidentId);
    if (incident?.stage !== 'execution' || !(await rows.plans.move(plan.id, 'approved', 'executing'))) {
      return (await rows.executions.ofPlan(plan.id)) ?? null;
    }
    const execution = await rows.executions.ensure({
      id: newId(),
      planId: plan.id,
      incidentId: plan.incidentId,
      state: 'intent',
      steps: plan.body.remedies.map(() => waitingStep),
      before: before.reading,
      after: null,
      approvedBy: last?.userId ?? 'nobody',
      undoReason: null,
      undoingSince: null,
      error: null,
      startedAt: await rows.now(),
      appliedAt: null,
      finishedAt: null,
    });
    await rows.timeline.append(plan.incidentId, {
      kind: 'execution.started',
      actor: 'warroom',
      text: `Running: ${plan.body.remedies.map((planned) => planned.preview.summary).join(' Then: ')}`,
      data: { planId: plan.id, digest: plan.digest, executionId: execution.id },
    });
    await showPlan(flow, rows, plan.id);
    await showIncident(flow, rows, plan.incidentId);
    return execution;
  });
}

const waitingStep: ExecutionStep = {
  state: 'waiting',
  inverse: null,
  receipt: null,
  undoReceipt: null,
  check: null,
  error: null,
};

async function finish(flow: FlowContext, plan: Plan, executionId: string): Promise<void> {
  await flow.record.transaction(async (rows) => {
    await rows.incidents.lock(plan.incidentId);
    if (!(await rows.plans.move(plan.id, 'executing', 'executed'))) return;
    await rows.executions.update(executionId, { state: 'applied', appliedAt: await rows.now() });
    await rows.timeline.append(plan.incidentId, {
      kind: 'execution.applied',
      actor: 'warroom',
      text: 'Everything in the plan is done; now the alert decides.',
      data: { planId: plan.id, digest: plan.digest, executionId },
    });
    await rows.incidents.moveStage(plan.incidentId, 'execution', 'verification');
    await changeStatus(rows, plan.incidentId, 'monitoring');
    await showPlan(flow, rows, plan.id);
    await showIncident(flow, rows, plan.incidentId);
  });
  await wake(flow, plan.incidentId);
}

/** No plan is to be run (it was withdrawn meanwhile): the stage must not keep the incident. */
async function leave(flow: FlowContext, incidentId: string): Promise<void> {
  await flow.record.transaction(async (rows) => {
    const incident = await rows.incidents.lock(incidentId);
    const stage = incident?.status === 'resolved' ? 'learning' : await stageAfterFix(rows, incidentId);
    await rows.incidents.moveStage(incidentId, 'execution', stage);
  });
  await wake(flow, incidentId);
}

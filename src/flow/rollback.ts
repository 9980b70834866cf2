import { type Execution, type ExecutionStep, standingSteps } from '../domain/execution.ts';
import type { Plan, PlanState } from '../domain/plan.ts';
import { findService } from '../domain/service.ts';
import { explainError, WarroomError } from '../platform/errors.ts';
import type { Applied } from '../ports/remedy.ts';
import type { FlowContext } from './context.ts';
import { Halted, holdTargets, refuseWhenHalted, TargetsTaken } from './incident/hold-targets.ts';
import { stageAfterFix } from './incident/next-stage.ts';
import { remedyContext } from './incident/remedy-context.ts';
import { showIncident, showOutcome, showPlan } from './incident/show.ts';
import { changeStatus } from './incident/status.ts';
import { wake } from './incident/wake.ts';

/** How long an undo whose replies get lost is tried again. */
const undoPatienceMs = 15 * 60_000;
const targetPatienceMs = 20_000;

/**
 * Takes back what a plan did, last step first, each by its stored inverse, and stops at the first that cannot be: a person
 * looks then. Begun by a verification that failed, a later step that could not be done, or a person; waits while execution
 * is halted. A crash is followed by a run that goes on with what still stands.
 */
export async function rollBack(flow: FlowContext, incidentId: string, signal: AbortSignal): Promise<void> {
  const incident = await flow.record.incidents.get(incidentId);
  if (incident === undefined || incident.stage !== 'rollback') return;
  const plan = (await flow.record.plans.ofIncident(incidentId)).find((one) => one.state === 'undoing');
  const execution = plan === undefined ? undefined : await flow.record.executions.ofPlan(plan.id);
  if (plan === undefined || execution === undefined) return leave(flow, incidentId);
  try {
    await refuseWhenHalted(flow);
    const problem = await holdTargets(flow, plan, execution, targetPatienceMs, signal, (held) =>
      undoSteps(flow, plan, execution.id, held),
    );
    await settle(flow, plan, execution.id, problem);
  } catch (error) {
    if (error instanceof Halted || error instanceof TargetsTaken) {
      flow.log.info({ planId: plan.id, reason: error.message }, 'rollback waits');
      return;
    }
    throw error;
  }
}

/** Null when nothing of the plan stands any more; otherwise why the rest does. */
async function undoSteps(
  flow: FlowContext,
  plan: Plan,
  executionId: string,
  signal: AbortSignal,
): Promise<string | null> {
  for (;;) {
    signal.throwIfAborted();
    const execution = await flow.record.executions.get(executionId);
    const index = execution === undefined ? undefined : standingSteps(execution).at(-1);
    const step = index === undefined ? undefined : execution?.steps[index];
    if (execution === undefined || index === undefined || step === undefined) return null;
    // Also one that failed, and that a person wants tried once more, may have taken effect.
    const again = step.state !== 'applied';
    if (step.state !== 'undoing') await changeStep(flow, plan, executionId, index, { state: 'undoing' });
    const undone = await undoStep(flow, plan, execution, { step, index, again }, signal);
    await changeStep(
      flow,
      plan,
      executionId,
      index,
      undone.applied
        ? { state: 'undone', undoReceipt: undone.receipt }
        : { state: 'failed', error: undone.reason },
    );
    if (!undone.applied) {
      return plan.body.remedies.length > 1 ? `step ${index + 1}: ${undone.reason}` : undone.reason;
    }
  }
}

async function changeStep(
  flow: FlowContext,
  plan: Plan,
  executionId: string,
  index: number,
  change: Partial<ExecutionStep>,
): Promise<void> {
  await flow.record.transaction(async (rows) => {
    await rows.incidents.lock(plan.incidentId);
    // What begins after a halt does not begin.
    const halt = change.state === 'undoing' ? await rows.halts.holdOff() : undefined;
    if (halt !== undefined)
      throw new Halted(`Execution is halted by ${halt.by}: ${halt.reason}`, 'It waits.');
    const execution = await rows.executions.get(executionId);
    if (execution === undefined) return;
    const steps = execution.steps.map((one, at) => (at === index ? { ...one, ...change } : one));
    await rows.executions.update(executionId, { steps });
  });
}

async function undoStep(
  flow: FlowContext,
  plan: Plan,
  execution: Execution,
  { step, index, again }: { step: ExecutionStep; index: number; again: boolean },
  signal: AbortSignal,
): Promise<Applied> {
  const planned = plan.body.remedies[index];
  const service = planned === undefined ? undefined : findService(flow.catalogue, planned.service);
  if (planned === undefined || service === undefined || step.receipt === null) {
    return { applied: false, reason: 'the catalogue no longer has its service.' };
  }
  try {
    const context = await remedyContext(flow, plan, {
      what: 'undo',
      step: index,
      again,
      approvedBy: null,
    });
    return await flow.remedies[planned.kind].undo(service, step.inverse, step.receipt, context, signal);
  } catch (error) {
    if (signal.aborted) throw error;
    // The plan is `undoing` already: the next try looks whether this one took effect.
    const since = execution.undoingSince ?? execution.startedAt;
    const inTime = (await flow.record.now()).getTime() < since.getTime() + undoPatienceMs;
    if (error instanceof WarroomError && error.retryable && inTime) throw error;
    return { applied: false, reason: explainError(error) };
  }
}

async function settle(
  flow: FlowContext,
  plan: Plan,
  executionId: string,
  problem: string | null,
): Promise<void> {
  const to: PlanState = problem === null ? 'rolled-back' : 'failed';
  await flow.record.transaction(async (rows) => {
    const incident = await rows.incidents.lock(plan.incidentId);
    const execution = await rows.executions.get(executionId);
    if (execution === undefined || !(await rows.plans.move(plan.id, 'undoing', to))) return;
    const why = sentence(execution.undoReason ?? 'it was to be taken back.');
    const headline =
      problem === null
        ? `${why} It was rolled back.`
        : `${why} Undoing it failed: ${problem} Someone must look now.`;
    await rows.executions.update(executionId, { state: to, error: problem, finishedAt: await rows.now() });
    await rows.targetLocks.release(executionId);
    await rows.timeline.append(plan.incidentId, {
      kind: problem === null ? 'rollback.done' : 'rollback.failed',
      actor: 'warroom',
      text: headline,
      data: { planId: plan.id, digest: plan.digest },
    });
    const resolved = incident?.status === 'resolved';
    await rows.incidents.moveStage(
      plan.incidentId,
      'rollback',
      resolved ? 'learning' : await stageAfterFix(rows, plan.incidentId),
    );
    if (!resolved) await changeStatus(rows, plan.incidentId, 'investigating');
    await showOutcome(rows, plan, {
      after: execution.after,
      result: problem === null ? 'rolled-back' : 'failed',
      headline,
    });
    await showPlan(flow, rows, plan.id);
    await showIncident(flow, rows, plan.incidentId);
  });
  await wake(flow, plan.incidentId);
}

function sentence(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}

async function leave(flow: FlowContext, incidentId: string): Promise<void> {
  await flow.record.transaction(async (rows) => {
    const incident = await rows.incidents.lock(incidentId);
    const stage = incident?.status === 'resolved' ? 'learning' : await stageAfterFix(rows, incidentId);
    await rows.incidents.moveStage(incidentId, 'rollback', stage);
  });
  await wake(flow, incidentId);
}

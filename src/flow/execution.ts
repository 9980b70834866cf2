import { approvalsNeeded } from '../domain/approval.ts';
import type { Execution } from '../domain/execution.ts';
import type { Plan, PlannedRemedy } from '../domain/plan.ts';
import { findService, type Service } from '../domain/service.ts';
import { sha256 } from '../platform/canonical-json.ts';
import { explainError, WarroomError } from '../platform/errors.ts';
import { newId } from '../platform/ids.ts';
import type { Applied, Remedy } from '../ports/remedy.ts';
import type { FlowContext } from './context.ts';
import { readAlert } from './incident/alert-reading.ts';
import { remedyContext } from './incident/remedy-context.ts';
import { showIncident, showPlan } from './incident/show.ts';
import { changeStatus } from './incident/status.ts';
import { wake } from './incident/wake.ts';

/**
 * Runs what was approved: digest recomputed from the stored bytes, inverse stored before the effect, receipt after it.
 * A crash at any point is followed by a run that finds the intent and goes on; the remedy itself acts once.
 */
export async function executePlan(flow: FlowContext, incidentId: string, signal: AbortSignal): Promise<void> {
  const incident = await flow.record.incidents.get(incidentId);
  if (incident === undefined || incident.stage !== 'execution') return;
  const plan = (await flow.record.plans.ofIncident(incidentId)).find(
    (one) => one.state === 'approved' || one.state === 'executing' || one.state === 'executed',
  );
  if (plan === undefined) return leave(flow, incidentId);
  const parts = remedyOf(flow, plan);
  if ('missing' in parts) return stop(flow, plan, 'void', parts.missing);
  const refusal = await whyNotRun(flow, plan);
  if (refusal !== null) return stop(flow, plan, refusal.to, refusal.reason, refusal.next);

  const execution = await intend(flow, plan, parts, signal);
  if (execution === null) return;
  if (execution.receipt === null) {
    const applied = await apply(flow, plan, parts, execution, signal);
    if ('failure' in applied) return stop(flow, plan, 'failed', applied.failure);
    if (!applied.applied) return replan(flow, plan, applied.reason);
    await flow.record.executions.update(execution.id, {
      receipt: applied.receipt,
      state: 'applied',
      appliedAt: await flow.record.now(),
    });
  }
  await finish(flow, plan, execution.id);
  await wake(flow, incidentId);
}

interface Parts {
  readonly remedy: Remedy;
  readonly service: Service;
  readonly planned: PlannedRemedy;
}

/** Null when it may run. */
async function whyNotRun(
  flow: FlowContext,
  plan: Plan,
): Promise<{ to: 'void' | 'failed'; reason: string; next: 'approval' | 'planning' } | null> {
  if (sha256(plan.canonical) !== plan.digest) {
    return { to: 'void', reason: 'the stored plan is not the one that was approved.', next: 'approval' };
  }
  const approvals = (await flow.record.plans.approvals(plan.id)).filter(
    (one) => one.decision === 'approve' && one.digest === plan.digest,
  );
  const last = approvals.at(-1);
  if (
    last === undefined ||
    new Set(approvals.map((one) => one.userId)).size < approvalsNeeded(plan.body.risk)
  ) {
    return {
      to: 'void',
      reason: 'the approvals on record are not enough for exactly this plan.',
      next: 'approval',
    };
  }
  const begun = await flow.record.executions.ofPlan(plan.id);
  if (begun !== undefined && begun.receipt !== null) return null;
  if (!(await isTooOld(flow, last.at))) return null;
  return begun === undefined
    ? { to: 'void', reason: 'the approval is too old to run.', next: 'planning' }
    : {
        to: 'failed',
        reason:
          'it was interrupted, and its approval has expired since. Whether it took effect is not known: look at the branches and pull requests of the service.',
        next: 'approval',
      };
}

async function isTooOld(flow: FlowContext, at: Date): Promise<boolean> {
  const ageMs = (await flow.record.now()).getTime() - at.getTime();
  return ageMs > flow.policy.executionExpiryMinutes * 60_000;
}

/** The intent row with the inverse, before anything happens outside; null when the plan was stopped instead. */
async function intend(
  flow: FlowContext,
  plan: Plan,
  { remedy, service, planned }: Parts,
  signal: AbortSignal,
): Promise<Execution | null> {
  const existing = await flow.record.executions.ofPlan(plan.id);
  if (existing !== undefined) return existing;
  const inverse = await remedy.inverse(service, planned, signal);
  const before = await readAlert(flow, plan, signal);
  if (before.state === 'recovered') {
    await stop(flow, plan, 'void', 'the alert no longer holds, so there is nothing to repair.');
    return null;
  }
  const approvals = await flow.record.plans.approvals(plan.id);
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
      inverse,
      receipt: null,
      undoReceipt: null,
      before: before.reading,
      after: null,
      approvedBy: approvals.filter((one) => one.decision === 'approve').at(-1)?.userId ?? 'nobody',
      error: null,
      startedAt: await rows.now(),
      appliedAt: null,
      finishedAt: null,
    });
    await rows.timeline.append(plan.incidentId, {
      kind: 'execution.started',
      actor: 'warroom',
      text: `Running: ${planned.preview.summary}`,
      data: { planId: plan.id, executionId: execution.id },
    });
    await showPlan(flow, rows, plan.id);
    await showIncident(flow, rows, plan.incidentId);
    return execution;
  });
}

/**
 * A reply that got lost says nothing about the effect: the job is tried again, and the remedy looks whether it is there.
 * Only when that goes on for longer than an approval lasts do people have to look.
 */
async function apply(
  flow: FlowContext,
  plan: Plan,
  { remedy, service, planned }: Parts,
  execution: Execution,
  signal: AbortSignal,
): Promise<Applied | { readonly failure: string }> {
  try {
    return await remedy.apply(
      service,
      planned,
      await remedyContext(flow, plan, execution.approvedBy),
      signal,
    );
  } catch (error) {
    if (signal.aborted) throw error;
    const retryable = error instanceof WarroomError && error.retryable;
    if (retryable && !(await isTooOld(flow, execution.startedAt))) throw error;
    return {
      failure: retryable
        ? `${explainError(error)} Whether it took effect is not known: look at the branches and pull requests of the service.`
        : explainError(error),
    };
  }
}

async function finish(flow: FlowContext, plan: Plan, executionId: string): Promise<void> {
  await flow.record.transaction(async (rows) => {
    await rows.incidents.lock(plan.incidentId);
    if (!(await rows.plans.move(plan.id, 'executing', 'executed'))) return;
    const execution = await rows.executions.get(executionId);
    await rows.timeline.append(plan.incidentId, {
      kind: 'execution.applied',
      actor: 'warroom',
      text: execution?.receipt?.summary ?? 'The fix was applied.',
      data: { planId: plan.id, executionId, url: execution?.receipt?.url ?? null },
    });
    await rows.incidents.moveStage(plan.incidentId, 'execution', 'verification');
    await changeStatus(rows, plan.incidentId, 'monitoring');
    await showPlan(flow, rows, plan.id);
    await showIncident(flow, rows, plan.incidentId);
  });
}

/** A pin no longer holds: nothing was changed, and a plan is made from the state of things now. */
async function replan(flow: FlowContext, plan: Plan, reason: string): Promise<void> {
  await stop(flow, plan, 'void', reason, 'planning');
}

async function stop(
  flow: FlowContext,
  plan: Plan,
  to: 'void' | 'failed',
  reason: string,
  next: 'approval' | 'planning' = 'approval',
): Promise<void> {
  await flow.record.transaction(async (rows) => {
    const incident = await rows.incidents.lock(plan.incidentId);
    const moved =
      (await rows.plans.move(plan.id, 'approved', to)) || (await rows.plans.move(plan.id, 'executing', to));
    if (!moved) return;
    const execution = await rows.executions.ofPlan(plan.id);
    if (execution !== undefined) {
      await rows.executions.update(execution.id, {
        state: 'failed',
        error: reason,
        finishedAt: await rows.now(),
      });
    }
    await rows.timeline.append(plan.incidentId, {
      kind: `plan.${to}`,
      actor: 'warroom',
      text: to === 'void' ? `Not run: ${reason}` : `The fix failed: ${reason}`,
      data: { planId: plan.id },
    });
    await rows.incidents.moveStage(
      plan.incidentId,
      'execution',
      incident?.status === 'resolved' ? 'learning' : next,
    );
    if (incident?.status === 'mitigating') await changeStatus(rows, plan.incidentId, 'identified');
    await showPlan(flow, rows, plan.id);
    await showIncident(flow, rows, plan.incidentId);
  });
  await wake(flow, plan.incidentId);
}

/** No plan is to be run (it was withdrawn meanwhile): the stage must not keep the incident. */
async function leave(flow: FlowContext, incidentId: string): Promise<void> {
  await flow.record.transaction(async (rows) => {
    const incident = await rows.incidents.lock(incidentId);
    await rows.incidents.moveStage(
      incidentId,
      'execution',
      incident?.status === 'resolved' ? 'learning' : 'approval',
    );
  });
  await wake(flow, incidentId);
}

function remedyOf(flow: FlowContext, plan: Plan): Parts | { readonly missing: string } {
  const [planned] = plan.body.remedies;
  const service = planned === undefined ? undefined : findService(flow.catalogue, planned.service);
  if (planned === undefined || service === undefined) {
    return { missing: 'the catalogue no longer has the service that the plan names.' };
  }
  if (flow.remedies === null) return { missing: 'no code host is connected to this process (GITHUB_TOKEN).' };
  return { planned, service, remedy: flow.remedies[planned.kind] };
}

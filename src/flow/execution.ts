import type { Execution } from '../domain/execution.ts';
import type { Plan } from '../domain/plan.ts';
import { findService } from '../domain/service.ts';
import { canonicalJson, type Json, sha256 } from '../platform/canonical-json.ts';
import { explainError } from '../platform/errors.ts';
import { newId } from '../platform/ids.ts';
import type { Applied } from '../ports/remedy.ts';
import type { FlowContext } from './context.ts';
import { readAlert } from './incident/alert-reading.ts';
import { remedyContext } from './incident/remedy-context.ts';
import { showIncident, showPlan } from './incident/show.ts';
import { changeStatus } from './incident/status.ts';

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
  if (plan === undefined) {
    await flow.record.incidents.moveStage(incidentId, 'execution', 'approval');
    return;
  }
  const refusal = await whyNotRun(flow, plan);
  if (refusal !== null) return stop(flow, plan, 'void', refusal);

  const execution = await intend(flow, plan, signal);
  if (execution.receipt === null) {
    let applied: Applied;
    try {
      applied = await apply(flow, plan, execution, signal);
    } catch (error) {
      if (signal.aborted) throw error;
      return stop(flow, plan, 'failed', explainError(error));
    }
    if (!applied.applied) return stop(flow, plan, 'void', applied.reason);
    await flow.record.executions.update(execution.id, {
      receipt: applied.receipt,
      state: 'applied',
      appliedAt: await flow.record.now(),
    });
  }
  await finish(flow, plan, execution.id);
  await flow.queue.advance(incidentId, 'verification');
}

/** Null when it may run. An execution that has begun goes on: half an effect is worse than a late one. */
async function whyNotRun(flow: FlowContext, plan: Plan): Promise<string | null> {
  if (
    sha256(plan.canonical) !== plan.digest ||
    canonicalJson(plan.body as unknown as Json) !== plan.canonical
  ) {
    return 'the stored plan is not the one that was approved.';
  }
  if (plan.state !== 'approved') return null;
  const approvals = (await flow.record.plans.approvals(plan.id)).filter((one) => one.decision === 'approve');
  const last = approvals.at(-1);
  if (last === undefined || last.digest !== plan.digest)
    return 'no approval of exactly this plan is on record.';
  const ageMs = (await flow.record.now()).getTime() - last.at.getTime();
  if (ageMs > flow.policy.executionExpiryMinutes * 60_000)
    return 'the approval is too old to run; it needs a new one.';
  return null;
}

/** The intent row with the inverse, before anything happens outside. */
async function intend(flow: FlowContext, plan: Plan, signal: AbortSignal): Promise<Execution> {
  const existing = await flow.record.executions.ofPlan(plan.id);
  if (existing !== undefined) return existing;
  const { remedy, service, planned } = remedyOf(flow, plan);
  const inverse = await remedy.inverse(service, planned, signal);
  const before = await readAlert(flow, plan, signal);
  const approvals = await flow.record.plans.approvals(plan.id);
  return flow.record.transaction(async (rows) => {
    await rows.plans.move(plan.id, 'approved', 'executing');
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

async function apply(
  flow: FlowContext,
  plan: Plan,
  execution: Execution,
  signal: AbortSignal,
): Promise<Applied> {
  const { remedy, service, planned } = remedyOf(flow, plan);
  return remedy.apply(service, planned, await remedyContext(flow, plan, execution.approvedBy), signal);
}

async function finish(flow: FlowContext, plan: Plan, executionId: string): Promise<void> {
  await flow.record.transaction(async (rows) => {
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

async function stop(flow: FlowContext, plan: Plan, to: 'void' | 'failed', reason: string): Promise<void> {
  await flow.record.transaction(async (rows) => {
    const from = (await rows.plans.get(plan.id))?.state;
    if (from !== 'approved' && from !== 'executing') return;
    await rows.plans.move(plan.id, from, to);
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
    const incident = await rows.incidents.get(plan.incidentId);
    await rows.incidents.moveStage(
      plan.incidentId,
      'execution',
      incident?.status === 'resolved' ? 'learning' : 'approval',
    );
    if (incident?.status === 'mitigating') await changeStatus(rows, plan.incidentId, 'identified');
    await showPlan(flow, rows, plan.id);
    await showIncident(flow, rows, plan.incidentId);
  });
  const incident = await flow.record.incidents.get(plan.incidentId);
  if (incident?.stage === 'learning') await flow.queue.advance(plan.incidentId, 'learning');
}

function remedyOf(flow: FlowContext, plan: Plan) {
  const [planned] = plan.body.remedies;
  const service = planned === undefined ? undefined : findService(flow.catalogue, planned.service);
  if (planned === undefined || service === undefined || flow.remedies === null) {
    throw new Error('the plan names a service that the catalogue no longer has');
  }
  return { planned, service, remedy: flow.remedies[planned.kind] };
}

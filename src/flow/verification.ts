import { setTimeout as sleep } from 'node:timers/promises';
import type { Execution, Reading } from '../domain/execution.ts';
import type { Plan } from '../domain/plan.ts';
import type { OutcomeView } from '../domain/room.ts';
import { findService } from '../domain/service.ts';
import { explainError } from '../platform/errors.ts';
import type { Rows } from '../ports/record.ts';
import type { Applied } from '../ports/remedy.ts';
import type { FlowContext } from './context.ts';
import { readAlert } from './incident/alert-reading.ts';
import { remedyContext } from './incident/remedy-context.ts';
import { showIncident, showPlan } from './incident/show.ts';
import { changeStatus } from './incident/status.ts';

/** Consecutive readings without the alert before the fix counts as having helped. */
const quietReadings = 3;

/**
 * Did it help? The alert's own expression is read until it stays quiet, or time is over; then our own change is undone,
 * once. The deadline counts from `appliedAt`, so a restart does not grant more time.
 */
export async function verifyFix(flow: FlowContext, incidentId: string, signal: AbortSignal): Promise<void> {
  const incident = await flow.record.incidents.get(incidentId);
  if (incident === undefined || incident.stage !== 'verification') return;
  const plan = (await flow.record.plans.ofIncident(incidentId)).find((one) => one.state === 'executed');
  const execution = plan === undefined ? undefined : await flow.record.executions.ofPlan(plan.id);
  if (plan === undefined || execution === undefined) {
    await flow.record.incidents.moveStage(incidentId, 'verification', 'learning');
    await flow.queue.advance(incidentId, 'learning');
    return;
  }
  // Nothing to measure (a declared incident): people judge, nothing is undone behind their back.
  if (plan.body.verification.expression === '') return settle(flow, plan, execution, null, 'unmeasured');
  const seen = execution.state === 'rolling-back' ? null : await watch(flow, plan, execution, signal);
  if (seen?.helped === true) return settle(flow, plan, execution, seen.reading, 'helped');
  await rollBack(flow, plan, execution, seen?.reading ?? execution.after, signal);
}

async function watch(
  flow: FlowContext,
  plan: Plan,
  execution: Execution,
  signal: AbortSignal,
): Promise<{ helped: boolean; reading: Reading }> {
  const since = execution.appliedAt ?? execution.startedAt;
  const deadlineMs = since.getTime() + flow.policy.verificationTimeoutSeconds * 1000;
  let quiet = 0;
  for (;;) {
    signal.throwIfAborted();
    const { reading, state } = await readAlert(flow, plan, signal);
    quiet = state === 'recovered' ? quiet + 1 : 0;
    if (quiet >= quietReadings) return { helped: true, reading };
    if ((await flow.record.now()).getTime() >= deadlineMs) return { helped: false, reading };
    await sleep(flow.policy.verificationIntervalSeconds * 1000, undefined, { signal });
  }
}

async function settle(
  flow: FlowContext,
  plan: Plan,
  execution: Execution,
  after: Reading | null,
  result: 'helped' | 'unmeasured',
): Promise<void> {
  await flow.record.transaction(async (rows) => {
    if (!(await rows.plans.move(plan.id, 'executed', 'verified'))) return;
    await rows.executions.update(execution.id, {
      state: 'verified',
      after,
      finishedAt: await rows.now(),
    });
    const headline =
      result === 'helped'
        ? `The fix helped: ${plan.body.verification.alert} no longer holds.`
        : 'The fix was applied. There is no alert expression to measure it by: please judge yourselves.';
    await rows.timeline.append(plan.incidentId, {
      kind: 'verification.passed',
      actor: 'warroom',
      text: headline,
      data: { planId: plan.id, before: execution.before?.value ?? null, after: after?.value ?? null },
    });
    await rows.incidents.moveStage(plan.incidentId, 'verification', 'learning');
    await showOutcome(rows, plan, execution, after, 'helped', headline);
    await showPlan(flow, rows, plan.id);
    await showIncident(flow, rows, plan.incidentId);
  });
  await flow.queue.advance(plan.incidentId, 'learning');
}

async function rollBack(
  flow: FlowContext,
  plan: Plan,
  execution: Execution,
  after: Reading | null,
  signal: AbortSignal,
): Promise<void> {
  await flow.record.executions.update(execution.id, { state: 'rolling-back', after });
  const undone = await undo(flow, plan, execution, signal);
  const now = await flow.record.now();
  await flow.record.transaction(async (rows) => {
    const rolledBack = undone.applied;
    if (!(await rows.plans.move(plan.id, 'executed', rolledBack ? 'rolled-back' : 'failed'))) return;
    await rows.executions.update(execution.id, {
      state: rolledBack ? 'rolled-back' : 'failed',
      undoReceipt: rolledBack ? undone.receipt : null,
      error: rolledBack ? null : undone.reason,
      finishedAt: now,
    });
    const headline = rolledBack
      ? `The fix did not help: ${plan.body.verification.alert} still holds. It was rolled back.`
      : `The fix did not help, and undoing it failed: ${undone.reason} Someone must look now.`;
    await rows.timeline.append(plan.incidentId, {
      kind: rolledBack ? 'rollback.done' : 'rollback.failed',
      actor: 'warroom',
      text: headline,
      data: { planId: plan.id, url: rolledBack ? undone.receipt.url : null },
    });
    const incident = await rows.incidents.get(plan.incidentId);
    const resolved = incident?.status === 'resolved';
    await rows.incidents.moveStage(plan.incidentId, 'verification', resolved ? 'learning' : 'approval');
    if (!resolved) await changeStatus(rows, plan.incidentId, 'investigating');
    await showOutcome(rows, plan, execution, after, rolledBack ? 'rolled-back' : 'failed', headline);
    await showPlan(flow, rows, plan.id);
    await showIncident(flow, rows, plan.incidentId);
  });
  const incident = await flow.record.incidents.get(plan.incidentId);
  if (incident?.stage === 'learning') await flow.queue.advance(plan.incidentId, 'learning');
}

async function undo(
  flow: FlowContext,
  plan: Plan,
  execution: Execution,
  signal: AbortSignal,
): Promise<Applied> {
  const [planned] = plan.body.remedies;
  const service = planned === undefined ? undefined : findService(flow.catalogue, planned.service);
  if (
    planned === undefined ||
    service === undefined ||
    flow.remedies === null ||
    execution.receipt === null
  ) {
    return { applied: false, reason: 'the means to undo it are no longer configured.' };
  }
  try {
    const context = await remedyContext(flow, plan, null);
    return await flow.remedies[planned.kind].undo(
      service,
      execution.inverse,
      execution.receipt,
      context,
      signal,
    );
  } catch (error) {
    if (signal.aborted) throw error;
    return { applied: false, reason: explainError(error) };
  }
}

async function showOutcome(
  rows: Rows,
  plan: Plan,
  execution: Execution,
  after: Reading | null,
  result: OutcomeView['result'],
  headline: string,
): Promise<void> {
  const url = execution.receipt?.url ?? null;
  await rows.outbox.put(plan.incidentId, `outcome:${plan.id}`, {
    type: 'message',
    view: {
      view: 'outcome',
      result,
      headline,
      expression: plan.body.verification.expression,
      before: readingView(execution.before),
      after: readingView(after),
      links: url === null ? [] : [{ label: 'Pull request', url }],
    },
  });
}

function readingView(reading: Reading | null): { at: string; value: number | null } | null {
  return reading === null ? null : { at: reading.at.toISOString(), value: reading.value };
}

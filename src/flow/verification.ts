import { setTimeout as sleep } from 'node:timers/promises';
import type { Execution, Reading } from '../domain/execution.ts';
import type { Plan, PlanState } from '../domain/plan.ts';
import { latestEpisodes } from '../domain/room-views.ts';
import { findService } from '../domain/service.ts';
import { explainError, WarroomError } from '../platform/errors.ts';
import type { Rows } from '../ports/record.ts';
import type { Applied } from '../ports/remedy.ts';
import type { FlowContext } from './context.ts';
import { alertIsOver, readAlert } from './incident/alert-reading.ts';
import { lookAgain } from './incident/look-again.ts';
import { remedyContext } from './incident/remedy-context.ts';
import { showIncident, showOutcome, showPlan } from './incident/show.ts';
import { changeStatus } from './incident/status.ts';
import { wake } from './incident/wake.ts';

/** Consecutive readings without the alert before the fix counts as having helped. */
const quietReadings = 3;
/** How long an undo whose replies get lost is tried again. */
const undoPatienceMs = 15 * 60_000;

/**
 * Did it help? The alert's own expression is read until it stays quiet, or time is over. Our own change is undone, once,
 * only when the alert is seen to hold; when nothing can be seen, people judge. The deadline counts from `appliedAt`, so a
 * restart does not grant more time.
 */
export async function verifyFix(flow: FlowContext, incidentId: string, signal: AbortSignal): Promise<void> {
  const incident = await flow.record.incidents.get(incidentId);
  if (incident === undefined || incident.stage !== 'verification') return;
  const plan = (await flow.record.plans.ofIncident(incidentId)).find((one) => one.state === 'executed');
  const execution = plan === undefined ? undefined : await flow.record.executions.ofPlan(plan.id);
  if (plan === undefined || execution === undefined) return leave(flow, incidentId);

  if (execution.state === 'rolling-back') return rollBack(flow, plan, execution, signal);
  const seen = await watch(flow, plan, execution, signal);
  if (seen.verdict === 'worse-or-no-better') {
    const claimed = await claimRollback(flow, plan, execution, seen.reading);
    return claimed === null ? undefined : rollBack(flow, plan, claimed, signal);
  }
  await settle(flow, plan, execution, seen.verdict, seen.reading);
}

type Verdict = 'helped' | 'worse-or-no-better' | 'unmeasured';

async function watch(
  flow: FlowContext,
  plan: Plan,
  execution: Execution,
  signal: AbortSignal,
): Promise<{ verdict: Verdict; reading: Reading }> {
  const since = execution.appliedAt ?? execution.startedAt;
  const deadlineMs = since.getTime() + flow.policy.verificationTimeoutSeconds * 1000;
  let quiet = 0;
  for (;;) {
    signal.throwIfAborted();
    const { reading, state } = await readAlert(flow, plan, signal);
    // Where the expression is silent, the monitor's own word that the alert is over will do.
    const over = state === 'recovered' || (state === 'unknown' && (await alertIsOver(flow, plan)));
    quiet = over ? quiet + 1 : 0;
    if (quiet >= quietReadings) return { verdict: 'helped', reading };
    // Nothing to read and nobody to ask (a declared incident): waiting for the deadline would tell no more.
    if (plan.body.verification.expression === '' && plan.body.verification.alert === '') {
      return { verdict: 'unmeasured', reading };
    }
    const late = (await flow.record.now()).getTime() >= deadlineMs;
    if (late && quiet === 0)
      return { verdict: state === 'holds' ? 'worse-or-no-better' : 'unmeasured', reading };
    await sleep(flow.policy.verificationIntervalSeconds * 1000, undefined, { signal });
  }
}

async function settle(
  flow: FlowContext,
  plan: Plan,
  execution: Execution,
  verdict: 'helped' | 'unmeasured',
  after: Reading,
): Promise<void> {
  const { alert } = plan.body.verification;
  const helped = verdict === 'helped';
  const headline = helped
    ? `The fix helped: ${alert} no longer holds.`
    : 'The fix was applied, and nothing could measure whether it helped. Please judge; it was not undone.';
  await flow.record.transaction(async (rows) => {
    const incident = await rows.incidents.lock(plan.incidentId);
    if (!(await rows.plans.move(plan.id, 'executed', helped ? 'verified' : 'unverified'))) return;
    await rows.executions.update(execution.id, {
      state: helped ? 'verified' : 'unverified',
      after,
      finishedAt: await rows.now(),
    });
    await rows.timeline.append(plan.incidentId, {
      kind: helped ? 'verification.passed' : 'verification.impossible',
      actor: 'warroom',
      text: headline,
      data: { planId: plan.id, before: execution.before?.value ?? null, after: after.value },
    });
    await rows.incidents.moveStage(plan.incidentId, 'verification', 'learning');
    await showOutcome(rows, plan, execution, after, verdict, headline);
    await showPlan(flow, rows, plan.id);
    const fresh =
      incident?.status === 'resolved' ? null : await startedSince(rows, plan, execution.startedAt);
    const now = await rows.incidents.get(plan.incidentId);
    if (fresh !== null && now !== undefined) await lookAgain(flow, rows, now, `${fresh} fires.`, 'anew');
    await showIncident(flow, rows, plan.incidentId);
  });
  await wake(flow, plan.incidentId);
}

/** An alert that began after the fix was begun and still fires: a question of its own. */
async function startedSince(rows: Rows, plan: Plan, since: Date): Promise<string | null> {
  const fresh = latestEpisodes(await rows.alerts.ofIncident(plan.incidentId)).find(
    (alert) => alert.status === 'firing' && alert.startsAt > since,
  );
  return fresh === undefined ? null : (fresh.labels['alertname'] ?? 'an alert');
}

/** One of several verifiers may undo; null for the others. */
async function claimRollback(
  flow: FlowContext,
  plan: Plan,
  execution: Execution,
  after: Reading,
): Promise<Execution | null> {
  return flow.record.transaction(async (rows) => {
    await rows.incidents.lock(plan.incidentId);
    const current = await rows.executions.get(execution.id);
    if ((await rows.plans.get(plan.id))?.state !== 'executed' || current?.state !== 'applied') return null;
    await rows.executions.update(execution.id, { state: 'rolling-back', after });
    return { ...current, state: 'rolling-back', after };
  });
}

async function rollBack(
  flow: FlowContext,
  plan: Plan,
  execution: Execution,
  signal: AbortSignal,
): Promise<void> {
  const undone = await undo(flow, plan, execution, signal);
  const { alert } = plan.body.verification;
  const headline = undone.applied
    ? `The fix did not help: ${alert} still holds. It was rolled back.`
    : `The fix did not help, and undoing it failed: ${undone.reason} Someone must look now.`;
  const to: PlanState = undone.applied ? 'rolled-back' : 'failed';
  await flow.record.transaction(async (rows) => {
    const incident = await rows.incidents.lock(plan.incidentId);
    if (!(await rows.plans.move(plan.id, 'executed', to))) return;
    await rows.executions.update(execution.id, {
      state: to,
      undoReceipt: undone.applied ? undone.receipt : null,
      error: undone.applied ? null : undone.reason,
      finishedAt: await rows.now(),
    });
    await rows.timeline.append(plan.incidentId, {
      kind: undone.applied ? 'rollback.done' : 'rollback.failed',
      actor: 'warroom',
      text: headline,
      data: { planId: plan.id, url: undone.applied ? undone.receipt.url : null },
    });
    const resolved = incident?.status === 'resolved';
    await rows.incidents.moveStage(plan.incidentId, 'verification', resolved ? 'learning' : 'approval');
    if (!resolved) await changeStatus(rows, plan.incidentId, 'investigating');
    await showOutcome(
      rows,
      plan,
      execution,
      execution.after,
      undone.applied ? 'rolled-back' : 'failed',
      headline,
    );
    await showPlan(flow, rows, plan.id);
    await showIncident(flow, rows, plan.incidentId);
  });
  await wake(flow, plan.incidentId);
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
    // The state is `rolling-back` already: the next try looks whether this one took effect.
    const patienceEndsMs = (execution.after?.at ?? execution.startedAt).getTime() + undoPatienceMs;
    const inTime = (await flow.record.now()).getTime() < patienceEndsMs;
    if (error instanceof WarroomError && error.retryable && inTime) throw error;
    return { applied: false, reason: explainError(error) };
  }
}

async function leave(flow: FlowContext, incidentId: string): Promise<void> {
  await flow.record.transaction(async (rows) => {
    await rows.incidents.lock(incidentId);
    await rows.incidents.moveStage(incidentId, 'verification', 'learning');
  });
  await wake(flow, incidentId);
}

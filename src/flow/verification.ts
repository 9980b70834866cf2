import { setTimeout as sleep } from 'node:timers/promises';
import { splitComparison } from '../domain/alert-expression.ts';
import { isWorse } from '../domain/alert-reading.ts';
import type { Check, Execution, Reading } from '../domain/execution.ts';
import type { Plan } from '../domain/plan.ts';
import { latestEpisodes } from '../domain/room-views.ts';
import { findService } from '../domain/service.ts';
import { explainError } from '../platform/errors.ts';
import type { Rows } from '../ports/record.ts';
import type { FlowContext } from './context.ts';
import { alertIsOver, readAlert } from './incident/alert-reading.ts';
import { lookAgain } from './incident/look-again.ts';
import { stageAfterFix } from './incident/next-stage.ts';
import { showIncident, showOutcome, showPlan } from './incident/show.ts';
import { wake } from './incident/wake.ts';

/** Consecutive readings without the alert before the fix counts as having helped. */
const quietReadings = 3;
/** Consecutive readings that are clearly worse before it is undone without waiting for the deadline. */
const worseReadings = 5;
/** A fix may shake things while it lands: this share of the time it has is not held against it. */
const graceShare = 0.15;
const checkDeadlineMs = 30_000;

/**
 * Did it help? The alert's own expression is read until it stays quiet, or time is over, or it is clearly worse; each
 * remedy's own check is asked once. Our own change is undone, once, only when the alert is seen to hold, or when nothing
 * can be read and the remedy's own check says that its effect is not there; otherwise people judge. The deadline counts
 * from `appliedAt`, so a restart does not grant more time.
 */
export async function verifyFix(flow: FlowContext, incidentId: string, signal: AbortSignal): Promise<void> {
  const incident = await flow.record.incidents.get(incidentId);
  if (incident === undefined || incident.stage !== 'verification') return;
  const plan = (await flow.record.plans.ofIncident(incidentId)).find((one) => one.state === 'executed');
  const execution = plan === undefined ? undefined : await flow.record.executions.ofPlan(plan.id);
  if (plan === undefined || execution === undefined) return leave(flow, incidentId);

  const seen = await watch(flow, plan, execution, signal);
  if (seen === null) return;
  const checks = await askRemedies(flow, plan, execution, signal);
  const broken = checks.some((check) => check.state === 'broken');
  if (seen.verdict === 'no-better' || seen.verdict === 'worse' || (seen.verdict === 'unmeasured' && broken)) {
    return await startRollback(flow, plan, execution, seen, checks);
  }
  await settle(flow, plan, execution, seen.verdict, seen.reading, checks);
}

type Verdict = 'helped' | 'no-better' | 'worse' | 'unmeasured';

interface Seen {
  readonly verdict: Verdict;
  readonly reading: Reading;
}

/** Null when the plan was taken away from it. */
async function watch(
  flow: FlowContext,
  plan: Plan,
  execution: Execution,
  signal: AbortSignal,
): Promise<Seen | null> {
  const since = execution.appliedAt ?? execution.startedAt;
  const timeoutMs = flow.policy.verificationTimeoutSeconds * 1000;
  const deadlineMs = since.getTime() + timeoutMs;
  const comparison = splitComparison(plan.body.verification.expression);
  let quiet = 0;
  let worse = 0;
  for (;;) {
    signal.throwIfAborted();
    // A person took it back: the next fix is watched by a job of the same name.
    if ((await flow.record.plans.get(plan.id))?.state !== 'executed') return null;
    const { reading, state } = await readAlert(flow, plan, signal);
    // Where the expression is silent, the monitor's own word that the alert is over will do.
    const over = state === 'recovered' || (state === 'unknown' && (await alertIsOver(flow, plan)));
    quiet = over ? quiet + 1 : 0;
    if (quiet >= quietReadings) return { verdict: 'helped', reading };
    // Nothing to read and nobody to ask (a declared incident): waiting for the deadline would tell no more.
    if (plan.body.verification.expression === '' && plan.body.verification.alert === '') {
      return { verdict: 'unmeasured', reading };
    }
    const nowMs = (await flow.record.now()).getTime();
    const settled = nowMs >= since.getTime() + timeoutMs * graceShare;
    worse = settled && isWorse(comparison, execution.before?.value ?? null, reading.value) ? worse + 1 : 0;
    if (worse >= worseReadings) return { verdict: 'worse', reading };
    if (nowMs >= deadlineMs && quiet === 0)
      return { verdict: state === 'holds' ? 'no-better' : 'unmeasured', reading };
    await sleep(flow.policy.verificationIntervalSeconds * 1000, undefined, { signal });
  }
}

/** What each remedy itself says of its effect; one that cannot be asked says nothing. */
async function askRemedies(
  flow: FlowContext,
  plan: Plan,
  execution: Execution,
  signal: AbortSignal,
): Promise<Check[]> {
  const checks: Check[] = [];
  for (const [index, planned] of plan.body.remedies.entries()) {
    const service = findService(flow.catalogue, planned.service);
    const receipt = execution.steps[index]?.receipt ?? null;
    if (service === undefined || receipt === null) {
      checks.push({ state: 'unknown', text: `${planned.kind}: there is nothing to check it by.` });
      continue;
    }
    try {
      const limited = AbortSignal.any([signal, AbortSignal.timeout(checkDeadlineMs)]);
      checks.push(await flow.remedies[planned.kind].verify(service, planned, receipt, limited));
    } catch (error) {
      if (signal.aborted) throw error;
      checks.push({ state: 'unknown', text: `${planned.kind} could not be checked. ${explainError(error)}` });
    }
  }
  return checks;
}

async function settle(
  flow: FlowContext,
  plan: Plan,
  execution: Execution,
  verdict: 'helped' | 'unmeasured',
  after: Reading,
  checks: readonly Check[],
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
      steps: withChecks(execution, checks),
      after,
      finishedAt: await rows.now(),
    });
    await rows.targetLocks.release(execution.id);
    await rows.timeline.append(plan.incidentId, {
      kind: helped ? 'verification.passed' : 'verification.impossible',
      actor: 'warroom',
      text: headline,
      data: {
        planId: plan.id,
        digest: plan.digest,
        before: execution.before?.value ?? null,
        after: after.value,
        checks: checks.map(({ state, text }) => ({ state, text })),
      },
    });
    // Fixed before the agents had ended: they are let finish, the room still wants to know why it happened.
    const open = incident?.status !== 'resolved';
    const next = open && (await stageAfterFix(rows, plan.incidentId)) === 'triage' ? 'triage' : 'learning';
    await rows.incidents.moveStage(plan.incidentId, 'verification', next);
    await showOutcome(rows, plan, { after, result: verdict, headline });
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

/** Decided once: of several verifiers one moves the plan on, and the rollback stage does the rest. */
async function startRollback(
  flow: FlowContext,
  plan: Plan,
  execution: Execution,
  { verdict, reading }: Seen,
  checks: readonly Check[],
): Promise<void> {
  const { alert } = plan.body.verification;
  const why =
    verdict === 'worse'
      ? `${alert} got worse (${figure(execution.before)} before, ${figure(reading)} now).`
      : verdict === 'no-better'
        ? `it did not help: ${alert} still holds.`
        : `its own check failed: ${checks.find((check) => check.state === 'broken')?.text ?? ''}`;
  await flow.record.transaction(async (rows) => {
    await rows.incidents.lock(plan.incidentId);
    if (!(await rows.plans.move(plan.id, 'executed', 'undoing'))) return;
    await rows.executions.update(execution.id, {
      state: 'rolling-back',
      steps: withChecks(execution, checks),
      after: reading,
      undoReason: why,
      undoingSince: await rows.now(),
    });
    await rows.timeline.append(plan.incidentId, {
      kind: 'verification.failed',
      actor: 'warroom',
      text: `It is taken back: ${why}`,
      data: {
        planId: plan.id,
        digest: plan.digest,
        before: execution.before?.value ?? null,
        after: reading.value,
      },
    });
    await rows.incidents.moveStage(plan.incidentId, 'verification', 'rollback');
    await showPlan(flow, rows, plan.id);
    await showIncident(flow, rows, plan.incidentId);
  });
  await wake(flow, plan.incidentId);
}

function figure(reading: Reading | null): string {
  return reading?.value == null ? 'no data' : String(Number(reading.value.toPrecision(3)));
}

function withChecks(execution: Execution, checks: readonly Check[]): Execution['steps'] {
  return execution.steps.map((step, index) => ({ ...step, check: checks[index] ?? null }));
}

async function leave(flow: FlowContext, incidentId: string): Promise<void> {
  await flow.record.transaction(async (rows) => {
    await rows.incidents.lock(incidentId);
    await rows.incidents.moveStage(incidentId, 'verification', 'learning');
  });
  await wake(flow, incidentId);
}

import type { Alert } from '../domain/alert.ts';
import { serviceOf } from '../domain/grouping.ts';
import type { Incident } from '../domain/incident.ts';
import { findService } from '../domain/service.ts';
import { expirePlans, recheckPlans } from './approval/expire-plans.ts';
import type { FlowContext } from './context.ts';
import { anchorAudit, anchorEveryMs } from './incident/anchor-audit.ts';
import { acceptAlerts } from './intake.ts';
import { learnAgain } from './learning.ts';
import { lookedAgain } from './root-cause.ts';

/** What agents and models said, and whole outputs of tools, after an incident is resolved; evidence rows stay. */
const conversationsKeptMs = 14 * 24 * 3_600_000;
/** An alert missing from the monitor's list this long has resolved, whatever became of its webhook. */
const missingMs = 2 * 60_000;

/**
 * Makes good what got lost: webhooks that never came, jobs that Redis forgot, plans whose time is over. At start and then
 * every minute; everything it does is safe to do twice.
 */
export async function reconcile(
  flow: FlowContext,
  missingSince: Map<string, number>,
  signal: AbortSignal,
): Promise<void> {
  await attempt(flow, 'alerts', () => catchUpAlerts(flow, missingSince, signal));
  await attempt(flow, 'plans', () => expirePlans(flow));
  await attempt(flow, 'pins', () => recheckPlans(flow, signal));
  await attempt(flow, 'audit', () => anchorAudit(flow, anchorEveryMs));
  await requeueWork(flow);
  await attempt(flow, 'knowledge', () => learnAgain(flow));
  await attempt(flow, 'conversations', () =>
    flow.record.conversations.forget(new Date(flow.clock.now().getTime() - conversationsKeptMs)),
  );
  const keepMs = flow.policy.telemetryRetentionMinutes * 60_000;
  await attempt(flow, 'telemetry', () => flow.telemetry.trim(new Date(flow.clock.now().getTime() - keepMs)));
}

/** Puts the job of every unfinished incident again; a job that is there already stays as it is. */
export async function requeueWork(flow: FlowContext): Promise<void> {
  await attempt(flow, 'work', async () => {
    for (const incident of await flow.record.incidents.unfinished()) {
      // One incident that cannot be read or put must not keep the others waiting.
      await attempt(flow, `work of ${incident.id}`, () => requeue(flow, incident));
    }
    for (const question of await flow.record.questions.open()) await flow.queue.answer(question.id);
  });
}

async function requeue(flow: FlowContext, incident: Incident): Promise<void> {
  await requeueAnnounced(flow, incident);
  if (incident.stage === 'approval') {
    if (incident.status !== 'resolved') return requeueFollowUps(flow, incident);
    await flow.record.incidents.moveStage(incident.id, 'approval', 'learning');
    return flow.queue.advance(incident.id, 'learning');
  }
  if (incident.stage === 'learning' && incident.status !== 'resolved') return;
  if (incident.stage !== 'investigation') return flow.queue.advance(incident.id, incident.stage);

  const investigations = await flow.record.investigations.ofIncident(incident.id);
  const unfinished = investigations.filter((one) => one.state === 'queued' || one.state === 'running');
  if (unfinished.length === 0) return flow.queue.advance(incident.id, 'root-cause');
  return flow.queue.investigate(unfinished);
}

/** Agents that look again because a person asked, beside a plan that may wait. */
async function requeueFollowUps(flow: FlowContext, incident: Incident): Promise<void> {
  const investigations = await flow.record.investigations.ofIncident(incident.id);
  const unfinished = investigations.filter((one) => one.state === 'queued' || one.state === 'running');
  if (unfinished.length > 0) return flow.queue.investigate(unfinished);
  const rootCause = await flow.record.rootCauses.get(incident.id);
  if (lookedAgain(investigations, rootCause)) await flow.queue.advance(incident.id, 'root-cause');
}

/** A plan that waits for a click waits for nobody's job; one that is announced has its moment, in whatever stage. */
async function requeueAnnounced(flow: FlowContext, incident: Incident): Promise<void> {
  const plans = await flow.record.plans.ofIncident(incident.id);
  if (plans.some((plan) => plan.state === 'announced')) await flow.queue.advance(incident.id, 'approval');
}

async function catchUpAlerts(
  flow: FlowContext,
  missingSince: Map<string, number>,
  signal: AbortSignal,
): Promise<void> {
  if (flow.alertSource === null) return;
  // A silence says "I know": it neither opens an incident nor ends one, so what is over is told by the longer list.
  const [active, firing] = await Promise.all([
    flow.alertSource.active(signal),
    flow.alertSource.firing(signal),
  ]);
  // The list has every team's alerts; what is routed to us and is about no service of the catalogue comes by webhook.
  const ours = active.filter(
    (alert) => findService(flow.catalogue, serviceOf(alert, flow.catalogue)) !== undefined,
  );
  const { fresh } = await acceptAlerts(flow, ours);
  if (fresh > 0) flow.log.warn({ fresh }, 'alerts found by polling that no webhook had brought');

  const known = new Set([...active, ...firing].map(episodeKey));
  const nowMs = flow.clock.now().getTime();
  const gone: Alert[] = [];
  for (const alert of await flow.record.alerts.firing()) {
    const key = episodeKey(alert);
    if (known.has(key)) missingSince.delete(key);
    else if (nowMs - (missingSince.get(key) ?? nowMs) >= missingMs)
      gone.push({ ...alert, status: 'resolved', endsAt: new Date(nowMs) });
    else if (!missingSince.has(key)) missingSince.set(key, nowMs);
  }
  if (gone.length > 0) {
    flow.log.warn(
      { resolved: gone.length },
      'alerts gone from the monitor whose resolve no webhook had brought',
    );
    await acceptAlerts(flow, gone);
  }
}

function episodeKey(alert: Alert): string {
  return `${alert.fingerprint} ${alert.startsAt.toISOString()}`;
}

/** One part that fails must not keep the others from their work. */
async function attempt(flow: FlowContext, part: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    flow.log.warn({ part, err: error }, 'reconcile: this part failed and will be tried again');
  }
}

import { type Alert, alertName, alertSummary, type RecordedAlert } from '../domain/alert.ts';
import { chooseIncident, serviceOf, severityOf, worseOf } from '../domain/grouping.ts';
import { channelNameFor, type Incident } from '../domain/incident.ts';
import { latestEpisodes } from '../domain/room-views.ts';
import { newId } from '../platform/ids.ts';
import type { Rows } from '../ports/record.ts';
import type { FlowContext } from './context.ts';
import { closeIncident } from './incident/close.ts';
import { lookAgain } from './incident/look-again.ts';
import { involveService, openIncident, reopenIncident } from './incident/open.ts';
import { showIncident } from './incident/show.ts';
import { wake } from './incident/wake.ts';

export interface Accepted {
  /** Alerts that had no row before. */
  readonly fresh: number;
  /** Of these, the ones whose end is the first that was heard of them. */
  readonly missed: number;
}

/**
 * First stage: alerts become rows, and rows of one failure become one incident. When this resolves, the alerts are
 * committed; what follows can be made again from them. Duplicates and re-sent old resolves change nothing.
 */
export async function acceptAlerts(flow: FlowContext, alerts: readonly Alert[]): Promise<Accepted> {
  const touched = new Set<string>();
  const missed: RecordedAlert[] = [];
  const fresh = await flow.record.transaction(async (rows) => {
    touched.clear();
    missed.length = 0;
    await rows.incidents.lockGrouping();
    let count = 0;
    for (const alert of [...alerts].sort((a, b) => a.startsAt.getTime() - b.startsAt.getTime())) {
      const recorded = await rows.alerts.record(alert);
      if (!recorded.fresh) continue;
      count += 1;
      const routed =
        alert.status === 'firing'
          ? { incidentId: await routeFiring(flow, rows, recorded.alert), heard: true }
          : await routeResolved(flow, rows, recorded.alert);
      if (routed.incidentId !== null) touched.add(routed.incidentId);
      if (!routed.heard) missed.push({ ...recorded.alert, incidentId: routed.incidentId });
    }
    for (const incidentId of touched) await showIncident(flow, rows, incidentId);
    return count;
  });
  for (const alert of missed) logMissed(flow, alert);
  for (const incidentId of touched) await wake(flow, incidentId);
  return { fresh, missed: missed.length };
}

async function routeFiring(flow: FlowContext, rows: Rows, alert: RecordedAlert): Promise<string | null> {
  const episode = await rows.alerts.episode(alert.fingerprint, alert.startsAt);
  if (episode.some((row) => row.status === 'resolved')) return null;

  const now = await rows.now();
  const reopenSince = new Date(now.getTime() - flow.policy.reopenWindowMinutes * 60_000);
  const chosen = chooseIncident(
    alert,
    await rows.incidents.open(),
    await rows.incidents.resolvedSince(reopenSince),
    flow.catalogue,
    {
      groupingMs: flow.policy.groupingWindowMinutes * 60_000,
      reopenMs: flow.policy.reopenWindowMinutes * 60_000,
    },
  );
  const incident =
    chosen ??
    (await openIncident(flow, rows, incidentFor(flow, alert, now), 'alertmanager', alert.generatorUrl));
  await rows.alerts.assign(alert.id, incident.id);
  if (chosen !== undefined) await join(flow, rows, chosen, alert);
  return incident.id;
}

async function join(flow: FlowContext, rows: Rows, chosen: Incident, alert: RecordedAlert): Promise<void> {
  const incident = (await rows.incidents.lock(chosen.id)) ?? chosen;
  const service = serviceOf(alert, flow.catalogue);
  await rows.timeline.append(incident.id, {
    kind: 'alert.joined',
    actor: 'alertmanager',
    text: `Alert ${alertName(alert)} on ${service}: ${alertSummary(alert)}`,
    data: { fingerprint: alert.fingerprint, service },
  });
  const isNew = !incident.services.includes(service);
  await rows.incidents.update(incident.id, {
    services: isNew ? [...incident.services, service] : incident.services,
    severity: worseOf(incident.severity, severityOf(alert)),
    startedAt: new Date(Math.min(alert.startsAt.getTime(), incident.startedAt.getTime())),
  });
  if (isNew) await involveService(flow, rows, incident.id, service);
  if (incident.status === 'resolved') await reopenIncident(flow, rows, incident, alertName(alert));
  // A fix was verified and something fires all the same: that is a question of its own.
  else if (incident.stage === 'learning')
    await lookAgain(flow, rows, incident, `${alertName(alert)} fires.`, 'anew');
  else if (isNew && !(await isSuspect(rows, incident.id, service))) {
    await lookAgain(flow, rows, incident, `${service} alerts as well.`, 'wider');
  }
}

async function isSuspect(rows: Rows, incidentId: string, service: string): Promise<boolean> {
  const investigations = await rows.investigations.ofIncident(incidentId);
  return investigations.some((one) => one.service === service && one.role === 'suspect');
}

/** `heard` says whether the alert was known before its end; `incidentId` names the incident that it changed, if any. */
type RoutedResolve = { readonly incidentId: string | null; readonly heard: boolean };

async function routeResolved(flow: FlowContext, rows: Rows, alert: RecordedAlert): Promise<RoutedResolve> {
  const episode = await rows.alerts.episode(alert.fingerprint, alert.startsAt);
  if (!episode.some((row) => row.status === 'firing'))
    return { incidentId: await noteMissed(flow, rows, alert), heard: false };
  const incidentId = episode.find((row) => row.incidentId !== null)?.incidentId ?? null;
  const unchanged = { incidentId: null, heard: true };
  if (incidentId === null) return unchanged;
  await rows.alerts.assign(alert.id, incidentId);
  const incident = await rows.incidents.lock(incidentId);
  if (incident === undefined || incident.status === 'resolved') return unchanged;
  await rows.timeline.append(incidentId, {
    kind: 'alert.resolved',
    actor: 'alertmanager',
    text: `Alert ${alertName(alert)} on ${serviceOf(alert, flow.catalogue)} resolved.`,
    data: { fingerprint: alert.fingerprint },
  });
  const remaining = latestEpisodes(await rows.alerts.ofIncident(incidentId)).filter(
    (one) => one.status === 'firing',
  );
  if (remaining.length === 0)
    await closeIncident(flow, rows, incident, 'alertmanager', 'All alerts resolved.');
  return { incidentId, heard: true };
}

/**
 * It fired and resolved while nobody listened. An incident that is open for the same failure is told, since what was missed
 * may explain it; it is never closed by it. Otherwise the row stays without an incident: nobody is called for what is over.
 */
async function noteMissed(flow: FlowContext, rows: Rows, alert: RecordedAlert): Promise<string | null> {
  const windows = { groupingMs: flow.policy.groupingWindowMinutes * 60_000, reopenMs: 0 };
  const incident = chooseIncident(alert, await rows.incidents.open(), [], flow.catalogue, windows);
  if (incident === undefined) return null;
  await rows.alerts.assign(alert.id, incident.id);
  const service = serviceOf(alert, flow.catalogue);
  const until = alert.endsAt === undefined ? '' : ` until ${alert.endsAt.toISOString()}`;
  await rows.timeline.append(incident.id, {
    kind: 'alert.missed',
    actor: 'alertmanager',
    text: `Alert ${alertName(alert)} on ${service} had fired from ${alert.startsAt.toISOString()}${until}; only its end was heard.`,
    data: { fingerprint: alert.fingerprint, service },
  });
  return incident.id;
}

function logMissed(flow: FlowContext, alert: RecordedAlert): void {
  flow.log.warn(
    {
      incidentId: alert.incidentId,
      alertId: alert.id,
      alert: alertName(alert),
      service: serviceOf(alert, flow.catalogue),
      startsAt: alert.startsAt,
      endsAt: alert.endsAt,
    },
    'an alert was over before it was heard of; it is recorded, and opens no incident',
  );
}

function incidentFor(flow: FlowContext, alert: Alert, now: Date): Incident {
  const id = newId(now.getTime());
  const service = serviceOf(alert, flow.catalogue);
  return {
    id,
    title: alertSummary(alert),
    severity: severityOf(alert),
    status: 'investigating',
    stage: 'triage',
    services: [service],
    openedAt: now,
    startedAt: alert.startsAt,
    resolvedAt: null,
    channelName: channelNameFor(id, `${service} ${alertName(alert)}`, now),
    channelId: null,
    declaredBy: null,
  };
}

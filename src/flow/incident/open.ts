import { channelNameFor, type Incident, type Severity } from '../../domain/incident.ts';
import { knownLink } from '../../domain/known-links.ts';
import { findService } from '../../domain/service.ts';
import { newId } from '../../platform/ids.ts';
import type { Rows } from '../../ports/record.ts';
import type { FlowContext } from '../context.ts';
import { lookAgain } from './look-again.ts';
import { showIncident } from './show.ts';
import { wake } from './wake.ts';

/** The intent: incident row, timeline and the room to be made, in one transaction; the effects follow from the rows. */
export async function openIncident(
  flow: FlowContext,
  rows: Rows,
  incident: Incident,
  actor: string,
  alertUrl: string | null = null,
): Promise<Incident> {
  await rows.incidents.insert(incident);
  await rows.timeline.append(incident.id, {
    kind: 'incident.opened',
    actor,
    text: `${incident.severity.toUpperCase()} incident opened: ${incident.title}`,
    data: { services: incident.services, channel: incident.channelName },
  });
  await showIncident(flow, rows, incident.id);
  const known = knownLink(alertUrl, flow.policy.linkHosts, flow.catalogue);
  if (known !== null) await bookmark(rows, incident.id, 'alert', 'Alert', known, ':rotating_light:');
  for (const name of incident.services) await involveService(flow, rows, incident.id, name);
  await bookmark(rows, incident.id, 'record', 'Full record', flow.links.incident(incident.id), ':memo:');
  return incident;
}

/** A failure that came back shortly after: the same room goes on, and everybody looks anew. */
export async function reopenIncident(
  flow: FlowContext,
  rows: Rows,
  incident: Incident,
  why: string,
): Promise<void> {
  await rows.incidents.update(incident.id, { status: 'investigating', resolvedAt: null });
  await rows.timeline.append(incident.id, {
    kind: 'incident.reopened',
    actor: 'warroom',
    text: `Reopened: ${why} fires again.`,
    data: {},
  });
  await lookAgain(flow, rows, incident, `${why} fires again.`, 'anew');
}

/** A service that the incident has come to concern: its people are invited, its dashboards and code bookmarked. */
export async function involveService(
  flow: FlowContext,
  rows: Rows,
  incidentId: string,
  name: string,
): Promise<void> {
  const service = findService(flow.catalogue, name);
  if (service === undefined) return;
  const people = [...new Set([...service.owners, ...service.approvers])];
  if (people.length > 0) await rows.outbox.put(incidentId, `invite:${name}`, { type: 'invite', people });
  for (const [index, url] of service.dashboards.entries()) {
    await bookmark(rows, incidentId, `dashboard:${name}:${index}`, `Dashboard: ${name}`, url, ':bar_chart:');
  }
  const page = repositoryPage(service.repository.url);
  if (page !== null) await bookmark(rows, incidentId, `repository:${name}`, `Code: ${name}`, page, ':book:');
}

/** A person's incident, from `/warroom declare`. */
export async function declareIncident(
  flow: FlowContext,
  request: { title: string; severity: Severity; services: readonly string[]; userId: string },
): Promise<Incident> {
  const incident = await flow.record.transaction(async (rows) => {
    await rows.incidents.lockGrouping();
    const now = await rows.now();
    const id = newId(now.getTime());
    return openIncident(
      flow,
      rows,
      {
        id,
        title: request.title,
        severity: request.severity,
        status: 'investigating',
        stage: 'triage',
        services: request.services,
        openedAt: now,
        startedAt: now,
        resolvedAt: null,
        channelName: channelNameFor(id, request.title, now),
        channelId: null,
        declaredBy: request.userId,
      },
      `user:${request.userId}`,
    );
  });
  await wake(flow, incident.id);
  return incident;
}

async function bookmark(
  rows: Rows,
  incidentId: string,
  key: string,
  title: string,
  url: string,
  emoji: string,
): Promise<void> {
  await rows.outbox.put(incidentId, `bookmark:${key}`, { type: 'bookmark', title, url, emoji });
}

function repositoryPage(cloneUrl: string): string | null {
  return /^https?:\/\//.test(cloneUrl) ? cloneUrl.replace(/\.git$/, '').replace(/\/\/[^@/]*@/, '//') : null;
}

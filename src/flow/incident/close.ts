import type { Incident } from '../../domain/incident.ts';
import type { Rows } from '../../ports/record.ts';
import type { FlowContext } from '../context.ts';
import { withdrawPlans } from './look-again.ts';
import { showIncident } from './show.ts';
import { wake } from './wake.ts';

/**
 * The incident is over: a plan that waits for its click or its run is withdrawn, and the story goes on to learning unless a
 * fix has begun (execution and verification end first and look again). The caller holds the incident's lock.
 */
export async function closeIncident(
  flow: FlowContext,
  rows: Rows,
  incident: Incident,
  actor: string,
  reason: string,
): Promise<void> {
  await rows.incidents.update(incident.id, { status: 'resolved', resolvedAt: await rows.now() });
  await rows.timeline.append(incident.id, {
    kind: 'incident.resolved',
    actor,
    text: `Incident resolved. ${reason}`,
    data: {},
  });
  const text = 'Plan withdrawn: the incident is resolved.';
  await withdrawPlans(flow, rows, incident.id, ['announced', 'pending'], text);
  if (await withdrawPlans(flow, rows, incident.id, ['approved'], text)) {
    await rows.incidents.moveStage(incident.id, 'execution', 'learning');
  }
  await rows.incidents.moveStage(incident.id, 'approval', 'learning');
  await showIncident(flow, rows, incident.id);
}

/** `/warroom resolve`. */
export async function resolveIncident(
  flow: FlowContext,
  request: { incidentId: string; userId: string; note: string },
): Promise<'resolved' | 'already-resolved'> {
  const outcome = await flow.record.transaction(async (rows) => {
    await rows.incidents.lockGrouping();
    const incident = await rows.incidents.lock(request.incidentId);
    if (incident === undefined || incident.status === 'resolved') return 'already-resolved';
    await closeIncident(flow, rows, incident, `user:${request.userId}`, request.note);
    return 'resolved';
  });
  if (outcome === 'resolved') await wake(flow, request.incidentId);
  return outcome;
}

import type { Incident } from '../../domain/incident.ts';
import type { Rows } from '../../ports/record.ts';
import type { FlowContext } from '../context.ts';
import { showIncident, showPlan } from './show.ts';

/**
 * The incident is over: pending plans are void, and the story goes on to learning unless a fix is being carried out or
 * verified (those stages end first and look again).
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
  for (const plan of await rows.plans.ofIncident(incident.id)) {
    if (!(await rows.plans.move(plan.id, 'pending', 'void'))) continue;
    await rows.timeline.append(incident.id, {
      kind: 'plan.void',
      actor: 'warroom',
      text: 'Plan withdrawn: the incident is resolved.',
      data: { planId: plan.id },
    });
    await showPlan(flow, rows, plan.id);
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
    const incident = await rows.incidents.get(request.incidentId);
    if (incident === undefined || incident.status === 'resolved') return 'already-resolved';
    await closeIncident(flow, rows, incident, `user:${request.userId}`, request.note);
    return 'resolved';
  });
  if (outcome === 'resolved') await flow.queue.advance(request.incidentId, 'learning');
  return outcome;
}

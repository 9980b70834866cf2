import { type IncidentStatus, mayBecome, type Stage } from '../../domain/incident.ts';
import type { Rows } from '../../ports/record.ts';

/** Something is being done or taken back: nothing else may begin in this room. */
export function isBusy(stage: Stage): boolean {
  return stage === 'execution' || stage === 'verification' || stage === 'rollback';
}

/**
 * Moves the status along the state machine and says whether it moved. A step that comes late (a fix reported done after
 * the alert resolved) must not take an incident out of `resolved`.
 */
export async function changeStatus(rows: Rows, incidentId: string, to: IncidentStatus): Promise<boolean> {
  const incident = await rows.incidents.get(incidentId);
  if (incident === undefined || incident.status === 'resolved' || !mayBecome(incident.status, to))
    return false;
  await rows.incidents.update(incidentId, { status: to });
  return true;
}

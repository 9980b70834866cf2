import type { Stage } from '../../domain/incident.ts';
import type { AgentWork } from '../../ports/work-queue.ts';
import type { FlowContext } from '../context.ts';

/**
 * Puts the job of the stage where the incident stands, or of the one given. Called after a commit: the rows say what is to be done, so a queue
 * that is away costs time only, and must not make the caller tell a person that nothing happened.
 */
export async function wake(flow: FlowContext, incidentId: string, stage?: Stage): Promise<void> {
  try {
    const incident = await flow.record.incidents.get(incidentId);
    if (incident === undefined || incident.stage === 'done') return;
    await flow.queue.advance(incidentId, stage ?? incident.stage);
  } catch (error) {
    flow.log.warn({ incidentId, err: error }, 'work could not be put; reconcile will put it again');
  }
}

/** The same for agents that look once more. */
export async function wakeAgents(
  flow: FlowContext,
  incidentId: string,
  work: readonly AgentWork[],
): Promise<void> {
  try {
    await flow.queue.investigate(work);
  } catch (error) {
    flow.log.warn({ incidentId, err: error }, 'work could not be put; reconcile will put it again');
  }
}

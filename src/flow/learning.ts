import type { Incident } from '../domain/incident.ts';
import { writePostmortem } from '../domain/postmortem.ts';
import type { FlowContext } from './context.ts';
import { showIncident } from './incident/show.ts';

/** Last stage: once the incident is resolved, its record becomes a postmortem draft and knowledge for the next one. */
export async function learn(flow: FlowContext, incidentId: string): Promise<void> {
  await flow.record.transaction(async (rows) => {
    const incident = await rows.incidents.lock(incidentId);
    if (incident === undefined || !readyToLearn(incident)) return;
    if (!(await rows.incidents.moveStage(incidentId, 'learning', 'done'))) return;
    const rootCause = await rows.rootCauses.get(incidentId);
    const markdown = writePostmortem({
      incident,
      alerts: await rows.alerts.ofIncident(incidentId),
      evidence: await rows.evidence.ofIncident(incidentId),
      rootCause,
      plans: await rows.plans.ofIncident(incidentId),
      executions: await rows.executions.ofIncident(incidentId),
      timeline: await rows.timeline.ofIncident(incidentId),
      evidenceUrl: (number) => flow.links.evidence(incidentId, number),
    });
    await rows.knowledge.put({
      incidentId,
      title: incident.title,
      service: rootCause?.service ?? null,
      markdown,
      at: flow.clock.now(),
    });
    await rows.timeline.append(incidentId, {
      kind: 'postmortem.drafted',
      actor: 'warroom',
      text: 'Postmortem draft posted.',
      data: {},
    });
    await rows.outbox.put(incidentId, 'postmortem', {
      type: 'message',
      // The card has the title already.
      view: { view: 'postmortem', title: incident.title, markdown: markdown.replace(/^# .*\n+/, '') },
    });
    await showIncident(flow, rows, incidentId);
  });
}

function readyToLearn(incident: Incident): boolean {
  return incident.stage === 'learning' && incident.status === 'resolved';
}

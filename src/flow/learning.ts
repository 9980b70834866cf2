import type { Incident } from '../domain/incident.ts';
import { writePostmortem } from '../domain/postmortem.ts';
import type { FlowContext } from './context.ts';
import { anchorAudit } from './incident/anchor-audit.ts';
import { showIncident } from './incident/show.ts';

/** Last stage: once the incident is resolved, its record becomes a postmortem draft and knowledge for the next one. */
export async function learn(flow: FlowContext, incidentId: string): Promise<void> {
  if (await draft(flow, incidentId)) await anchor(flow, incidentId);
}

/** Whether the draft was written now. */
async function draft(flow: FlowContext, incidentId: string): Promise<boolean> {
  return await flow.record.transaction(async (rows) => {
    const incident = await rows.incidents.lock(incidentId);
    if (incident === undefined || !readyToLearn(incident)) return false;
    if (!(await rows.incidents.moveStage(incidentId, 'learning', 'done'))) return false;
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
    return true;
  });
}

/** What was decided in it leaves the database with its end; the hourly anchor comes in any case. */
async function anchor(flow: FlowContext, incidentId: string): Promise<void> {
  try {
    await anchorAudit(flow, 0);
  } catch (error) {
    flow.log.warn({ incidentId, err: error }, 'the audit could not be anchored at the end of the incident');
  }
}

function readyToLearn(incident: Incident): boolean {
  return incident.stage === 'learning' && incident.status === 'resolved';
}

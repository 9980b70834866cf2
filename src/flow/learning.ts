import { type EndedRows, learnIncident } from '../analysis/similarity/learn-incident.ts';
import type { Approval } from '../domain/approval.ts';
import type { Incident } from '../domain/incident.ts';
import { writePostmortem } from '../domain/postmortem.ts';
import type { Rows } from '../ports/record.ts';
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
    const ended = await readEnded(rows, incident);
    const markdown = writePostmortem({
      ...ended,
      timeline: await rows.timeline.ofIncident(incidentId),
      evidenceUrl: (number) => flow.links.evidence(incidentId, number),
    });
    await rows.knowledge.put(
      {
        incidentId,
        title: incident.title,
        service: ended.rootCause?.service ?? null,
        markdown,
        at: flow.clock.now(),
      },
      learnIncident(ended),
    );
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

const mostAtOnce = 25;

/** Incidents that were closed by a version which kept a draft alone are read again, a few at a time. */
export async function learnAgain(flow: FlowContext): Promise<void> {
  for (const incidentId of await flow.record.knowledge.unlearned(mostAtOnce)) {
    try {
      await flow.record.transaction(async (rows) => {
        const incident = await rows.incidents.lock(incidentId);
        const entry = await rows.knowledge.get(incidentId);
        if (incident === undefined || entry === undefined) return;
        await rows.knowledge.put(entry, learnIncident(await readEnded(rows, incident)));
      });
    } catch (error) {
      // Rows that cannot be read must not keep the others from being learned.
      flow.log.warn({ incidentId, err: error }, 'a past incident could not be learned again');
    }
  }
}

async function readEnded(rows: Rows, incident: Incident): Promise<EndedRows> {
  const plans = await rows.plans.ofIncident(incident.id);
  const approvals: Approval[] = [];
  for (const plan of plans) approvals.push(...(await rows.plans.approvals(plan.id)));
  return {
    incident,
    alerts: await rows.alerts.ofIncident(incident.id),
    evidence: await rows.evidence.ofIncident(incident.id),
    findings: await rows.findings.ofIncident(incident.id),
    rootCause: await rows.rootCauses.get(incident.id),
    plans,
    executions: await rows.executions.ofIncident(incident.id),
    approvals,
  };
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

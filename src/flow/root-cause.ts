import { decideRootCause } from '../domain/decide-root-cause.ts';
import type { Incident, Stage } from '../domain/incident.ts';
import type { Investigation } from '../domain/investigation.ts';
import { rootCauseView } from '../domain/room-views.ts';
import type { RootCause } from '../domain/root-cause.ts';
import { findService } from '../domain/service.ts';
import type { Rows } from '../ports/record.ts';
import type { AgentWork } from '../ports/work-queue.ts';
import type { FlowContext } from './context.ts';
import { withdrawPlans } from './incident/look-again.ts';
import { involveService } from './incident/open.ts';
import { showIncident, speakerOf } from './incident/show.ts';
import { showCharts } from './incident/show-charts.ts';
import { changeStatus } from './incident/status.ts';
import { wake, wakeAgents } from './incident/wake.ts';
import { holdMeeting } from './root-cause/hold-meeting.ts';

/**
 * Claims meet: who is blamed is asked first, and then code decides what is confirmed, likely or inconclusive. Waits until
 * every agent has ended. Once it was decided, an agent that looked again because a person asked it to may change it.
 */
export async function settleRootCause(flow: FlowContext, incidentId: string): Promise<void> {
  const moved = await flow.record.transaction(async (rows): Promise<boolean | AgentWork[]> => {
    const incident = await rows.incidents.lock(incidentId);
    if (incident === undefined || !mayMeet.includes(incident.stage)) return false;
    const investigations = await rows.investigations.ofIncident(incidentId);
    if (investigations.some((one) => one.state === 'queued' || one.state === 'running')) return false;
    if (incident.stage === 'approval') return reconsider(flow, rows, incident, investigations);
    const toLook = await holdMeeting(flow, rows, incident, investigations);
    if (toLook.length > 0) return toLook;
    if (!(await rows.incidents.moveStage(incidentId, incident.stage, 'planning'))) return false;
    await settle(flow, rows, incident, investigations, await decide(flow, rows, incident, investigations));
    return true;
  });
  if (Array.isArray(moved)) await wakeAgents(flow, incidentId, moved);
  else if (moved) await wake(flow, incidentId);
}

const mayMeet: readonly Stage[] = ['investigation', 'root-cause', 'approval'];

/** Whether an agent has looked again, to its end, since the cause was decided. */
export function lookedAgain(
  investigations: readonly Investigation[],
  rootCause: RootCause | undefined,
): boolean {
  return investigations.some(
    ({ state, finishedAt }) =>
      state === 'finished' && rootCause !== undefined && finishedAt !== null && finishedAt > rootCause.at,
  );
}

/** The same answer as before leaves everything as it is, the plan that waits for its click above all. */
async function reconsider(
  flow: FlowContext,
  rows: Rows,
  incident: Incident,
  investigations: readonly Investigation[],
): Promise<boolean> {
  const before = await rows.rootCauses.get(incident.id);
  if (before === undefined || incident.status === 'resolved' || !lookedAgain(investigations, before))
    return false;
  const after = await decide(flow, rows, incident, investigations);
  if (sameCause(before, after)) {
    await rows.rootCauses.put({ ...before, at: after.at });
    await rows.timeline.append(incident.id, {
      kind: 'root-cause.kept',
      actor: 'warroom',
      text: `An agent looked again, and the answer stays: ${before.statement}`,
      data: {},
    });
    return false;
  }
  if (!(await rows.incidents.moveStage(incident.id, 'approval', 'planning'))) return false;
  const text = 'Plan withdrawn: an agent looked again and comes to another answer.';
  await withdrawPlans(flow, rows, incident.id, ['announced', 'pending'], text, (plan) =>
    plan.createdBy.startsWith('agent:'),
  );
  await settle(flow, rows, incident, investigations, after);
  return true;
}

function sameCause(a: RootCause, b: RootCause): boolean {
  return a.outcome === b.outcome && a.service === b.service && a.commit?.sha === b.commit?.sha;
}

async function decide(
  flow: FlowContext,
  rows: Rows,
  incident: Incident,
  investigations: readonly Investigation[],
): Promise<RootCause> {
  return {
    ...decideRootCause({
      alerted: incident.services,
      findings: await rows.findings.ofIncident(incident.id),
      evidence: await rows.evidence.ofIncident(incident.id),
      ruledOut: investigations.flatMap((one) => one.ruledOut),
      nextChecks: investigations.flatMap((one) => one.nextChecks),
      questions: await rows.peerQuestions.ofIncident(incident.id),
    }),
    incidentId: incident.id,
    at: flow.clock.now(),
  };
}

async function settle(
  flow: FlowContext,
  rows: Rows,
  incident: Incident,
  investigations: readonly Investigation[],
  rootCause: RootCause,
): Promise<void> {
  const incidentId = incident.id;
  await rows.rootCauses.put(rootCause);
  if (rootCause.outcome !== 'inconclusive' && incident.status === 'investigating') {
    await changeStatus(rows, incidentId, 'identified');
  }
  await rows.timeline.append(incidentId, {
    kind: 'root-cause.settled',
    actor: 'warroom',
    text: rootCause.statement,
    data: {
      outcome: rootCause.outcome,
      service: rootCause.service,
      commit: rootCause.commit?.sha ?? null,
      evidence: rootCause.evidence,
    },
  });
  const evidence = await rows.evidence.ofIncident(incidentId);
  await rows.outbox.put(incidentId, 'root-cause', {
    type: 'message',
    view: rootCauseView(rootCause, evidence, commitUrl(flow, rootCause), speakerOf(flow, investigations)),
  });
  // Who owns the cause must be in the room before anyone asks them to decide.
  if (rootCause.service !== null) await involveService(flow, rows, incidentId, rootCause.service);
  await showIncident(flow, rows, incidentId);
  await showCharts(rows, rootCause);
}

function commitUrl(flow: FlowContext, rootCause: RootCause): string | null {
  if (rootCause.commit === null || rootCause.service === null) return null;
  const service = findService(flow.catalogue, rootCause.service);
  return service === undefined ? null : (flow.codeHost?.commitUrl(service, rootCause.commit.sha) ?? null);
}

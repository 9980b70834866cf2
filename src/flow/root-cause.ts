import { decideRootCause } from '../domain/decide-root-cause.ts';
import { rootCauseView } from '../domain/room-views.ts';
import type { RootCause } from '../domain/root-cause.ts';
import { findService } from '../domain/service.ts';
import type { AgentWork } from '../ports/work-queue.ts';
import { holdMeeting } from './consult.ts';
import type { FlowContext } from './context.ts';
import { involveService } from './incident/open.ts';
import { showIncident, speakerOf } from './incident/show.ts';
import { changeStatus } from './incident/status.ts';
import { wake, wakeAgents } from './incident/wake.ts';

/**
 * Claims meet: who is blamed is asked first, and then code decides what is confirmed, likely or inconclusive. Waits until
 * every agent has ended.
 */
export async function settleRootCause(flow: FlowContext, incidentId: string): Promise<void> {
  const moved = await flow.record.transaction(async (rows): Promise<boolean | AgentWork[]> => {
    const incident = await rows.incidents.lock(incidentId);
    if (incident === undefined || (incident.stage !== 'investigation' && incident.stage !== 'root-cause'))
      return false;
    const investigations = await rows.investigations.ofIncident(incidentId);
    if (investigations.some((one) => one.state === 'queued' || one.state === 'running')) return false;
    const toLook = await holdMeeting(flow, rows, incident, investigations);
    if (toLook.length > 0) return toLook;
    if (!(await rows.incidents.moveStage(incidentId, incident.stage, 'planning'))) return false;

    const evidence = await rows.evidence.ofIncident(incidentId);
    const rootCause: RootCause = {
      ...decideRootCause({
        alerted: incident.services,
        findings: await rows.findings.ofIncident(incidentId),
        evidence,
        ruledOut: investigations.flatMap((one) => one.ruledOut),
        nextChecks: investigations.flatMap((one) => one.nextChecks),
        questions: await rows.peerQuestions.ofIncident(incidentId),
      }),
      incidentId,
      at: flow.clock.now(),
    };
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
    await rows.outbox.put(incidentId, 'root-cause', {
      type: 'message',
      view: rootCauseView(rootCause, evidence, commitUrl(flow, rootCause), speakerOf(flow, investigations)),
    });
    // Who owns the cause must be in the room before anyone asks them to decide.
    if (rootCause.service !== null) await involveService(flow, rows, incidentId, rootCause.service);
    await showIncident(flow, rows, incidentId);
    return true;
  });
  if (Array.isArray(moved)) await wakeAgents(flow, incidentId, moved);
  else if (moved) await wake(flow, incidentId);
}

function commitUrl(flow: FlowContext, rootCause: RootCause): string | null {
  if (rootCause.commit === null || rootCause.service === null) return null;
  const service = findService(flow.catalogue, rootCause.service);
  return service === undefined ? null : (flow.codeHost?.commitUrl(service, rootCause.commit.sha) ?? null);
}

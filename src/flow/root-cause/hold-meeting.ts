import type { Incident } from '../../domain/incident.ts';
import type { Investigation } from '../../domain/investigation.ts';
import type { PeerQuestion } from '../../domain/peer-question.ts';
import { planMeeting } from '../../domain/plan-meeting.ts';
import { newId } from '../../platform/ids.ts';
import type { Rows } from '../../ports/record.ts';
import type { AgentWork } from '../../ports/work-queue.ts';
import type { FlowContext } from '../context.ts';
import { answerPeer, askPeer } from '../incident/peer-questions.ts';
import { showAgent, showIncident } from '../incident/show.ts';

/**
 * The agents' claims meet. Who is blamed is asked, and looks again unless it has said enough; rows first, so that a crash
 * loses nothing and nothing is asked twice. The caller holds the incident's lock.
 * @returns the agents that have to look before the claims can meet again
 */
export async function holdMeeting(
  flow: FlowContext,
  rows: Rows,
  incident: Incident,
  investigations: readonly Investigation[],
): Promise<AgentWork[]> {
  if (incident.status === 'resolved' || flow.policy.investigation.agents === 'single') return [];
  const planned = planMeeting({
    investigations,
    findings: await rows.findings.ofIncident(incident.id),
    evidence: await rows.evidence.ofIncident(incident.id),
    questions: await rows.peerQuestions.ofIncident(incident.id),
    services: new Set(flow.catalogue.services.map((service) => service.name)),
  });
  const toLook = new Map<string, AgentWork>();
  for (const { answer, ...asked } of planned) {
    const question = await askPeer(flow, rows, { ...asked, incidentId: incident.id });
    if (answer !== null) await answerPeer(flow, rows, question, answer);
    else if (!toLook.has(question.to)) {
      const work = await sendToLook(rows, question);
      if (work === null) continue;
      toLook.set(question.to, work);
      await showAgent(flow, rows, work.id);
    }
  }
  if (toLook.size > 0) await showIncident(flow, rows, incident.id);
  return [...toLook.values()];
}

/** Null when that agent failed before: its question stays open. */
async function sendToLook(rows: Rows, question: PeerQuestion): Promise<AgentWork | null> {
  const reason = `${question.from} asks whether its trouble begins here`;
  const investigations = await rows.investigations.ofIncident(question.incidentId);
  const known = investigations.find((one) => one.service === question.to);
  if (known?.state === 'failed') return null;
  if (known !== undefined) {
    const round = known.round + 1;
    await rows.investigations.update(known.id, {
      role: 'suspect',
      reasons: [...new Set([...known.reasons, reason])],
      state: 'queued',
      steps: [],
      limits: [],
      round,
      startedAt: null,
      finishedAt: null,
    });
    return { id: known.id, round };
  }
  const { id, round } = await rows.investigations.ensure({
    id: newId(),
    incidentId: question.incidentId,
    service: question.to,
    role: 'suspect',
    reasons: [reason],
    score: 0,
    state: 'queued',
    investigator: null,
    steps: [],
    limits: [],
    round: 1,
    ruledOut: [],
    nextChecks: [],
    startedAt: null,
    finishedAt: null,
  });
  return { id, round };
}

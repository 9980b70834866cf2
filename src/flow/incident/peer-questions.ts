import type { Finding } from '../../domain/finding.ts';
import type { Investigation } from '../../domain/investigation.ts';
import type { PeerAnswer, PeerQuestion } from '../../domain/peer-question.ts';
import { answerFromFindings } from '../../domain/plan-meeting.ts';
import { newId } from '../../platform/ids.ts';
import type { Rows } from '../../ports/record.ts';
import type { FlowContext } from '../context.ts';
import { showPeerQuestion } from './show.ts';

/** A row, its word in the timeline and in the asker's thread. */
export async function askPeer(
  flow: FlowContext,
  rows: Rows,
  asked: Pick<PeerQuestion, 'incidentId' | 'round' | 'from' | 'to' | 'text' | 'evidence'>,
): Promise<PeerQuestion> {
  const id = newId();
  const question = await rows.peerQuestions.ensure({
    ...asked,
    id,
    answer: null,
    at: await rows.now(),
    answeredAt: null,
  });
  if (question.id !== id) return question;
  await rows.timeline.append(asked.incidentId, {
    kind: 'peer.asked',
    actor: `agent:${asked.from}`,
    text: `${asked.from} asks ${asked.to}: ${asked.text}`,
    data: { questionId: id, to: asked.to, round: asked.round, evidence: asked.evidence },
  });
  await showPeerQuestion(flow, rows, question);
  return question;
}

/** Once; an answer that came before stays. */
export async function answerPeer(
  flow: FlowContext,
  rows: Rows,
  question: PeerQuestion,
  answer: PeerAnswer,
): Promise<void> {
  if (!(await rows.peerQuestions.answer(question.id, answer))) return;
  await rows.timeline.append(question.incidentId, {
    kind: 'peer.answered',
    actor: `agent:${question.to}`,
    text: `${question.to} answers ${question.from}: ${answer.text}`,
    data: { questionId: question.id, verdict: answer.verdict, evidence: answer.evidence },
  });
  await showPeerQuestion(flow, rows, { ...question, answer });
}

/** What the meetings ask of this service and nobody has answered; what a model asks in its own words stays with its tool. */
export async function askedOf(
  rows: Rows,
  { incidentId, service }: Pick<Investigation, 'incidentId' | 'service'>,
): Promise<PeerQuestion[]> {
  const questions = await rows.peerQuestions.ofIncident(incidentId);
  return questions.filter((one) => one.round > 0 && one.to === service && one.answer === null);
}

/**
 * An agent that has ended answers whatever it was asked: in its own words where they cite what exists, else by what it
 * claims. The caller holds the incident's lock.
 */
export async function answerAsked(
  flow: FlowContext,
  rows: Rows,
  investigation: Investigation,
  given: readonly (PeerAnswer & { readonly questionId: string })[],
  findings: readonly Finding[],
): Promise<void> {
  const known = new Set((await rows.evidence.ofIncident(investigation.incidentId)).map((row) => row.number));
  for (const question of await askedOf(rows, investigation)) {
    const own = given.find((one) => one.questionId === question.id);
    const cited = own?.evidence.filter((number) => known.has(number)) ?? [];
    const claimed = answerFromFindings(investigation.service, findings);
    // Words that its own claims contradict are no answer.
    const fits = own !== undefined && cited.length > 0 && agree(own.verdict, claimed.verdict);
    await answerPeer(
      flow,
      rows,
      question,
      fits ? { verdict: own.verdict, text: own.text, evidence: cited } : claimed,
    );
  }
}

function agree(said: PeerAnswer['verdict'], claimed: PeerAnswer['verdict']): boolean {
  return said === claimed || said === 'unclear' || claimed === 'unclear';
}

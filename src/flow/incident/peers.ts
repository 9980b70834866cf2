import type { Peers } from '../../agents/investigator.ts';
import type { PeerQuestion } from '../../domain/peer-question.ts';
import { answerFromFindings, mostOpenOfPair, mostQuestions } from '../../domain/plan-meeting.ts';
import type { Rows } from '../../ports/record.ts';
import type { FlowContext } from '../context.ts';
import { answerPeer, askPeer } from './peer-questions.ts';

/** Of one agent in one incident, in the middle of its looks. */
const mostOfOne = 3;

interface Asker {
  readonly id: string;
  readonly incidentId: string;
  readonly service: string;
  readonly round: number;
}

/** How one agent asks others while it looks: rows on the blackboard, bounded, never what the other is thinking. */
export function createPeers(flow: FlowContext, asker: Asker): Peers {
  const { id, incidentId, service: from, round } = asker;
  return {
    ask: ({ to, text, evidence }) =>
      flow.record.transaction(async (rows) => {
        await rows.incidents.lock(incidentId);
        if (to === from) throw new RangeError('That is your own service: look at it yourself.');
        const asked = await rows.peerQuestions.ofIncident(incidentId);
        const same = asked.find((one) => one.from === from && one.to === to && one.text === text);
        if (same === undefined) refuseTooMany(asked, from, to);
        const known = new Set((await rows.evidence.ofIncident(incidentId)).map((row) => row.number));
        const cited = evidence.filter((number) => known.has(number));
        if (cited.length === 0)
          throw new RangeError('None of that evidence exists: cite what raises the question.');
        const question =
          same ?? (await askPeer(flow, rows, { incidentId, round: 0, from, to, text, evidence: cited }));
        return { ...question, answer: question.answer ?? (await answerOfBoard(flow, rows, question)) };
      }),
    keep: (key, seen) => flow.record.evidence.keep(incidentId, id, `${id}@${round}/peer/${key}`, seen),
    answer: (question, answer) =>
      flow.record.transaction(async (rows) => {
        await rows.incidents.lock(incidentId);
        await answerPeer(flow, rows, question, answer);
      }),
  };
}

function refuseTooMany(asked: readonly PeerQuestion[], from: string, to: string): void {
  const own = asked.filter((one) => one.from === from);
  if (own.filter((one) => one.round === 0).length >= mostOfOne)
    throw new RangeError(`You have asked ${mostOfOne} questions, which is all there are. Use your tools.`);
  if (asked.length >= mostQuestions)
    throw new RangeError('Enough was asked in this incident. Use your tools.');
  if (own.filter((one) => one.to === to && one.answer === null).length >= mostOpenOfPair)
    throw new RangeError(`${to} has not answered what you asked before. Use your tools.`);
}

/** What the other's agent has stated so far; null when that answers nothing. */
async function answerOfBoard(
  flow: FlowContext,
  rows: Rows,
  question: PeerQuestion,
): Promise<PeerQuestion['answer']> {
  const findings = await rows.findings.ofIncident(question.incidentId);
  const stated = findings.filter((one) => one.service === question.to);
  const answer = answerFromFindings(question.to, stated);
  if (answer.verdict === 'unclear') return null;
  await answerPeer(flow, rows, question, answer);
  return answer;
}

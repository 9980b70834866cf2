import { composeQuestion } from './compose-question.ts';
import type { Evidence } from './evidence.ts';
import type { Finding } from './finding.ts';
import type { Investigation } from './investigation.ts';
import type { PeerAnswer, PeerQuestion } from './peer-question.ts';

/** Bounds of an incident: a question costs another agent's run. */
export const mostMeetings = 3;
export const mostQuestions = 8;
/** Of one agent to one other. */
export const mostOpenOfPair = 2;

/** Blame that an agent hardly believes itself is nobody's question. */
const blameFrom = 0.25;

export interface Blackboard {
  readonly investigations: readonly Investigation[];
  readonly findings: readonly Finding[];
  readonly evidence: readonly Evidence[];
  readonly questions: readonly PeerQuestion[];
  /** Names that the catalogue knows. */
  readonly services: ReadonlySet<string>;
}

export interface QuestionToAsk extends Pick<PeerQuestion, 'round' | 'from' | 'to' | 'text' | 'evidence'> {
  /** What the other has said already answers it; null: its agent has to look, or cannot. */
  readonly answer: PeerAnswer | null;
}

/**
 * When every agent has ended: whoever blames another service, with evidence, asks it exactly that, once. Nothing is asked
 * past the bounds.
 */
export function planMeeting(board: Blackboard): QuestionToAsk[] {
  const round = 1 + Math.max(0, ...board.questions.map((one) => one.round));
  if (round > mostMeetings) return [];
  const asked: QuestionToAsk[] = [];
  for (const blame of blamesOf(board)) {
    if (board.questions.length + asked.length >= mostQuestions) break;
    const { service: from, to } = blame;
    const text = composeQuestion(blame.finding, to, board.evidence);
    // What was asked in the middle of a look was answered by a glance: it takes nothing away from the question itself.
    const before = board.questions.filter((one) => one.round > 0 && one.from === from && one.to === to);
    if (before.some((one) => one.text === text || one.answer?.verdict !== 'unclear')) continue;
    if (asked.some((one) => one.from === from && one.to === to)) continue;
    const evidence = blame.finding.evidence.toSorted((a, b) => a - b);
    asked.push({ round, from, to, text, evidence, answer: answerOnBoard(to, board) });
  }
  return asked;
}

interface Accusation {
  readonly service: string;
  readonly to: string;
  readonly finding: Finding;
}

/** Strongest first. */
function blamesOf({ findings, evidence, services }: Blackboard): Accusation[] {
  const shown = new Set(evidence.filter((row) => !row.empty).map((row) => row.number));
  const all = findings.flatMap((finding): Accusation[] => {
    const to = finding.blames?.service;
    const accuses = (finding.kind === 'blame' || finding.kind === 'cause') && to !== undefined;
    if (!accuses || to === finding.service || !services.has(to)) return [];
    return finding.evidence.some((number) => shown.has(number))
      ? [{ service: finding.service, to, finding }]
      : [];
  });
  const strongest = (service: string): number =>
    Math.max(...all.filter((one) => one.service === service).map((one) => one.finding.confidence));
  return all
    .filter(({ service, finding }) => finding.confidence >= Math.max(blameFrom, strongest(service) / 2))
    .toSorted(
      (a, b) =>
        b.finding.confidence - a.finding.confidence ||
        a.service.localeCompare(b.service) ||
        a.to.localeCompare(b.to),
    );
}

/** What the asked one's own agent said; a glance at a neighbour that looked well answers nothing that is held against it. */
function answerOnBoard(service: string, { investigations, findings }: Blackboard): PeerAnswer | null {
  const investigation = investigations.find((one) => one.service === service);
  if (investigation?.state !== 'finished') return null;
  const answer = answerFromFindings(
    service,
    findings.filter((one) => one.service === service),
  );
  if (answer.verdict === 'unclear') return null;
  return answer.verdict === 'not-mine' && investigation.role === 'neighbour' ? null : answer;
}

/** A service's own claims as its answer to whoever holds something against it. */
export function answerFromFindings(service: string, own: readonly Finding[]): PeerAnswer {
  const strongest = (fits: (one: Finding) => boolean): Finding | undefined =>
    own.filter(fits).toSorted((a, b) => b.confidence - a.confidence)[0];
  const blamesOther = (one: Finding): boolean => (one.blames?.service ?? service) !== service;
  const cause = strongest((one) => one.kind === 'cause' && !blamesOther(one));
  if (cause !== undefined) return answer('mine', cause);
  const blame = strongest((one) => (one.kind === 'blame' || one.kind === 'cause') && blamesOther(one));
  if (blame !== undefined) return answer('passed-on', blame);
  const healthy = strongest((one) => one.kind === 'healthy');
  if (healthy !== undefined) return answer('not-mine', healthy);
  const symptom = strongest((one) => one.kind === 'symptom');
  return symptom === undefined
    ? { verdict: 'unclear', text: `${service} has nothing to say to it.`, evidence: [] }
    : answer('unclear', symptom);
}

function answer(verdict: PeerAnswer['verdict'], { text, evidence }: Finding): PeerAnswer {
  return { verdict, text, evidence };
}

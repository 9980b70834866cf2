import type { Evidence } from '../domain/evidence.ts';
import type { Plan } from '../domain/plan.ts';

export interface AgentAnswer {
  readonly text: string;
  /** Evidence numbers that it rests on. */
  readonly evidence: readonly number[];
}

/** Answers what a person asks about a plan; it never fails for want of a model. */
export interface Answerer {
  answer(
    question: string,
    plan: Plan,
    evidence: readonly Evidence[],
    signal: AbortSignal,
  ): Promise<AgentAnswer>;
}

/** The deterministic one. */
export const recordAnswerer: Answerer = {
  answer: async (question, plan, evidence) => answerFromRecord(question, plan, evidence),
};

const mostRows = 4;

/**
 * What the record says to a question about a plan: the evidence that shares most of its rarer words, then what will be
 * done, how it is judged and how it is undone, whichever was asked for. No model is needed, and nothing is made up.
 */
export function answerFromRecord(question: string, plan: Plan, evidence: readonly Evidence[]): AgentAnswer {
  const asked = wordsOf(question);
  const ranked = rankRows(asked, evidence).slice(0, mostRows);
  const lines = [
    ...topics.flatMap(({ words, say }) => (words.some((word) => asked.has(word)) ? say(plan) : [])),
    ...notesOn(asked, plan),
  ];
  const rows = ranked.length > 0 ? ranked : evidence.filter((row) => plan.body.evidence.includes(row.number));
  const told = rows.slice(0, mostRows);
  const intro =
    ranked.length > 0
      ? 'What the evidence says to that:'
      : 'Nothing on record answers that in its own words. The plan rests on:';
  return {
    text: [
      ...lines,
      intro,
      ...told.map((row) => `• Evidence ${row.number} (${row.kind}, ${row.service}): ${row.summary}`),
    ].join('\n'),
    evidence: told.map((row) => row.number),
  };
}

/** What people ask of a plan besides its reasons; answered from the plan itself. */
const topics: readonly { words: readonly string[]; say: (plan: Plan) => string[] }[] = [
  {
    words: ['undo', 'undone', 'rollback', 'revert', 'back', 'reversible'],
    say: ({ body }) => body.remedies.map((one) => `To undo it: ${one.preview.undo}`),
  },
  {
    words: ['risk', 'risky', 'safe', 'dangerous', 'danger'],
    say: ({ body }) => [`Risk: ${body.risk.class}; ${body.risk.reasons.join('; ')}.`],
  },
  {
    words: ['verify', 'verified', 'check', 'measure', 'measured', 'helped', 'know'],
    say: ({ body }) => [
      body.verification.expression === ''
        ? 'Nothing measures whether it helps: people judge.'
        : `It has helped when ${body.verification.alert} no longer holds: ${body.verification.expression}`,
    ],
  },
  {
    words: [
      'change',
      'changes',
      'changed',
      'touch',
      'touches',
      'affect',
      'affects',
      'happens',
      'run',
      'runs',
    ],
    say: ({ body }) => body.remedies.map((one) => one.preview.summary),
  },
];

/** What the plan itself says in the question's longer words: blocking, writes, disk. */
function notesOn(asked: ReadonlySet<string>, { body }: Plan): string[] {
  const telling = [...asked].filter((word) => word.length > 3);
  return body.remedies
    .flatMap((one) => one.preview.notes)
    .filter((note) => {
      const said = wordsOf(note);
      return telling.some((word) => said.has(word));
    })
    .map((note) => `• ${note}`);
}

/** Rows by how many of the question's words they hold, each word weighed by how few rows hold it. */
function rankRows(asked: ReadonlySet<string>, evidence: readonly Evidence[]): Evidence[] {
  const texts = evidence.map((row) => wordsOf(`${row.service} ${row.kind} ${row.title} ${row.summary}`));
  const weightOf = (word: string): number => {
    const holding = texts.filter((text) => text.has(word)).length;
    return holding === 0 ? 0 : Math.log((evidence.length + 1) / holding);
  };
  const weights = new Map([...asked].map((word) => [word, weightOf(word)]));
  return evidence
    .map((row, index) => ({
      row,
      score: [...weights].reduce((sum, [word, weight]) => sum + (texts[index]?.has(word) ? weight : 0), 0),
    }))
    .filter(({ row, score }) => score > 0 && !row.empty)
    .sort((a, b) => b.score - a.score || a.row.number - b.row.number)
    .map(({ row }) => row);
}

function wordsOf(text: string): Set<string> {
  return new Set(text.toLowerCase().match(/[a-z0-9][a-z0-9_.-]*[a-z0-9]|[a-z0-9]/g) ?? []);
}

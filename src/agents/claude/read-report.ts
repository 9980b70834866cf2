import type { PeerQuestion } from '../../domain/peer-question.ts';
import type { Block } from '../../ports/language-model.ts';
import type { Notebook, Report } from '../investigator.ts';
import { groundReasoning, judgeCauses, lower, mostUntested } from './judge-reasoning.ts';
import { parseReport, weighClaims } from './report.ts';
import { toModel } from './words.ts';

export type ReadReport =
  /** What is wrong, for the model: it is asked once more. */
  | { readonly problem: string }
  /** It can be used as it is, and would be worth more with what is asked for. */
  | { readonly challenge: string }
  /** Sentences for the thread: what code took away from it. */
  | { readonly report: Report; readonly limits: readonly string[] };

export interface Readers {
  readonly notebook: Pick<Notebook, 'evidence'>;
  /** Names that a claim may blame. */
  readonly services: ReadonlySet<string>;
  readonly asked: readonly PeerQuestion[];
  /** Numbers of the rows that tools made in this conversation. */
  readonly looked: ReadonlySet<number>;
}

/** The report in an answer, as far as it rests on what exists. Code may only lower what it claims. */
export async function readReport(
  { notebook, services, asked, looked }: Readers,
  blocks: readonly Block[],
  { mayChallenge, atLimit }: { readonly mayChallenge: boolean; readonly atLimit: boolean },
): Promise<ReadReport> {
  const parsed = parseReport(lastText(blocks));
  if ('problem' in parsed)
    return { problem: `That is not the report: ${parsed.problem}\n${toModel.onlyJson}` };
  const { report } = parsed;
  const rows = await notebook.evidence();
  const known = new Set(rows.map((row) => row.number));
  const own = new Set(
    rows.filter((row) => row.kind !== 'alert' && looked.has(row.number)).map((row) => row.number),
  );
  const { claims, dropped } = weighClaims(report.claims, known, services);
  if (claims.length === 0)
    return {
      problem: `No claim of this report stands: each must cite evidence by a number that you were shown, and name services of the list. "healthy" is a claim too.\n${toModel.onlyJson}`,
    };
  const reasoning = groundReasoning(report.reasoning ?? { hypotheses: [], refutation: null }, known);
  const judged = judgeCauses(claims, reasoning.refutation, own);
  if (judged.problem !== null && mayChallenge)
    return { challenge: `${judged.problem} Use tools for it if you need them, then report again.` };
  // What ends at a limit counts as likely at most in any case.
  const isSaidByLimit = atLimit && reasoning.refutation?.survived !== false;
  return {
    report: {
      ...report,
      claims: atLimit ? judged.claims.map((claim) => lower(claim, mostUntested)) : judged.claims,
      reasoning,
      answers: groundAnswers(report.answers ?? [], asked, known),
    },
    limits: [...dropped, ...(judged.limit === null || isSaidByLimit ? [] : [judged.limit])],
  };
}

/** To what was asked, once each; a verdict that rests on nothing is unclear. */
function groundAnswers(
  answers: NonNullable<Report['answers']>,
  asked: readonly PeerQuestion[],
  known: ReadonlySet<number>,
): NonNullable<Report['answers']> {
  return asked.flatMap(({ id }) => {
    const answer = answers.find((one) => one.questionId === id);
    if (answer === undefined) return [];
    const evidence = [...new Set(answer.evidence.filter((number) => known.has(number)))];
    return [{ ...answer, evidence, verdict: evidence.length === 0 ? ('unclear' as const) : answer.verdict }];
  });
}

function lastText(blocks: readonly Block[]): string {
  return blocks.flatMap((block) => (block.type === 'text' ? [block.text] : [])).at(-1) ?? '';
}

import type { HypothesisVerdict, Reasoning } from '../../domain/reasoning.ts';
import { inline, shorten } from './mrkdwn.ts';

const mark: Record<HypothesisVerdict, string> = { supported: '✓', refuted: '✗', open: '?' };
const shownHypotheses = 5;

/** What an agent thought it might be and what became of it, a line each, then how it tried to refute its favourite. */
export function reasoningLines(reasoning: Reasoning | null | undefined): string[] {
  if (reasoning == null) return [];
  const { hypotheses, refutation } = reasoning;
  const shown = hypotheses.slice(0, shownHypotheses).map(({ verdict, statement, evidence }) => {
    const said = shorten(inline(statement).replace(/\.$/, ''), 200);
    return `${mark[verdict]} ${said}: ${verdict}${citing(evidence)}`;
  });
  const more = hypotheses.length - shown.length;
  return [
    ...(shown.length > 0 ? ['*Hypotheses*', ...shown] : []),
    ...(more > 0 ? [`_… ${more} more_`] : []),
    ...(refutation === null
      ? []
      : [
          `*Tried to refute it:* ${shorten(inline(refutation.tried).replace(/\.$/, ''), 240)} – ${refutation.survived ? 'it held' : 'it did not hold'}${citing(refutation.evidence)}`,
        ]),
  ];
}

function citing(evidence: readonly number[]): string {
  return evidence.length === 0 ? '' : ` (evidence ${evidence.slice(0, 6).join(', ')})`;
}

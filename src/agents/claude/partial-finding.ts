import type { Evidence } from '../../domain/evidence.ts';
import type { Claim } from '../../domain/finding.ts';
import type { Report, StoppedEarly } from '../investigator.ts';
import type { LimitReached } from './budget.ts';

const mostCited = 12;

/** What a look that ended at a limit leaves behind in place of a guess: what was seen until then, and what comes next. */
export function partialFinding(
  reached: LimitReached,
  seen: readonly Evidence[],
  report: Pick<Report, 'nextChecks' | 'reasoning'>,
): { readonly claim: Claim; readonly stopped: StoppedEarly } {
  const showing = seen.filter((row) => !row.empty);
  const sentence = [
    `Stopped at ${reached.words}: ${saySeen(showing)}`,
    ...saidIf('still open', report.reasoning?.hypotheses.find((one) => one.verdict === 'open')?.statement),
    ...saidIf('next', report.nextChecks[0]),
  ].join('; ');
  const { limit, of } = reached;
  const text = `${sentence.replace(/[.\s]+$/, '')}.`;
  return {
    claim: {
      kind: 'partial',
      text,
      evidence: (showing.length > 0 ? showing : seen).slice(-mostCited).map((row) => row.number),
      confidence: 0,
    },
    stopped: { limit, of, sentence: text },
  };
}

function saySeen(rows: readonly Evidence[]): string {
  if (rows.length === 0) return 'nothing that shows anything was seen';
  const kinds = new Map<string, number>();
  for (const row of rows) kinds.set(row.kind, (kinds.get(row.kind) ?? 0) + 1);
  const counted = [...kinds].map(([kind, count]) => `${kind} ${count}`).join(', ');
  const last = rows.at(-1);
  return `${rows.length} pieces of evidence were seen (${counted}), the last one “${clip(last?.title ?? '', 60)}”`;
}

function saidIf(word: string, text: string | undefined): string[] {
  return text === undefined || text === '' ? [] : [`${word}: ${clip(text, 140)}`];
}

function clip(text: string, most: number): string {
  const line = text.replace(/\s+/g, ' ').trim().replace(/\.$/, '');
  return line.length <= most ? line : `${line.slice(0, most - 1).trimEnd()}…`;
}

import type { Asked, Scripted } from './aimock.ts';

/** A claim as Claude writes it. */
export interface WrittenClaim {
  readonly kind: 'symptom' | 'blame' | 'cause' | 'healthy';
  readonly text: string;
  readonly evidence: readonly number[];
  readonly blamesService?: string;
  readonly blamesCommit?: string;
  readonly confidence?: number;
}

/**
 * The final answer of a conversation, with fields that nobody asked for when a test wants them. A cause comes with the
 * attempt to refute it, which rests on the last of its rows: the cause itself does not cite that one.
 */
export function aReport(claims: readonly WrittenClaim[], more: object = {}): { text: string } {
  const cause = claims.find((claim) => claim.kind === 'cause');
  const last =
    (cause?.evidence.length ?? 0) > 1 && !('refutation' in more) ? cause?.evidence.at(-1) : undefined;
  const tested = last === undefined ? [1] : [last];
  const refutation = { tried: 'Whether it began before the commit.', evidence: tested, survived: true };
  const written = claims.map((claim) =>
    claim === cause ? { ...claim, evidence: claim.evidence.filter((one) => one !== last) } : claim,
  );
  return {
    text: JSON.stringify({
      hypotheses: cause === undefined ? [] : [aHypothesis(cause)],
      refutation: cause === undefined ? null : refutation,
      answers: [],
      claims: written.map((claim) => ({
        blamesService: null,
        blamesCommit: null,
        confidence: 0.9,
        ...claim,
      })),
      ruledOut: ['The database: its own metrics did not move.'],
      nextChecks: ['Watch the error ratio for ten minutes.'],
      ...more,
    }),
  };
}

function aHypothesis({ text: statement, evidence }: WrittenClaim): object {
  return { statement, test: 'Read the logs and the commit.', verdict: 'supported', evidence };
}

/**
 * Looks as an engineer would: logs and the commit at once, then a metric, then a report that cites the rows it was shown.
 * `write` makes the report of them.
 */
export function anInvestigation(
  commit: string,
  write: (asked: Asked) => { text: string },
): (asked: Asked) => Scripted {
  return (asked) => {
    if (asked.turn === 0)
      return {
        thinking: 'The logs first, and the commit that the briefing names.',
        calls: [
          { name: 'log_search', input: { text: 'rejected' } },
          { name: 'show_commit', input: { sha: commit } },
        ],
      };
    if (asked.turn === 1)
      return { calls: [{ name: 'metric_query', input: { expression: 'sum(rate(errors[1m]))' } }] };
    return write(asked);
  };
}

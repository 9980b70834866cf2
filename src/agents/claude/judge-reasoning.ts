import type { Claim } from '../../domain/finding.ts';
import type { Reasoning, Refutation } from '../../domain/reasoning.ts';

/**
 * Likely at most: below what confirms a cause even with every caller's blame on top (see `decideRootCause`). For a cause
 * that nobody tried to refute, and for what was reported at a limit.
 */
export const mostUntested = 0.3;
/** Below likely, in the same way: its own test spoke against it. */
export const mostRefuted = 0.15;

/** What is cited exists; a verdict that rests on nothing is open. */
export function groundReasoning(reasoning: Reasoning, known: ReadonlySet<number>): Reasoning {
  const { hypotheses, refutation } = reasoning;
  const cited = (numbers: readonly number[]): number[] => [
    ...new Set(numbers.filter((number) => known.has(number))),
  ];
  return {
    hypotheses: hypotheses.map((one) => {
      const evidence = cited(one.evidence);
      return { ...one, evidence, verdict: evidence.length === 0 ? 'open' : one.verdict };
    }),
    refutation: refutation === null ? null : { ...refutation, evidence: cited(refutation.evidence) },
  };
}

export interface JudgedCauses {
  readonly claims: readonly Claim[];
  /** What is wrong with them, for the model; null when nothing is. */
  readonly problem: string | null;
  /** The same for the thread, once nothing more can be done about it. */
  readonly limit: string | null;
}

/**
 * A cause counts in full when a look of its own tried to refute it and did not; one that found nothing is a try, too. An
 * attempt is about one cause, the one that is claimed with most confidence. Confidence is only ever lowered.
 * @param looked numbers of the rows that tools made in this conversation: nothing else is a look of its own
 */
export function judgeCauses(
  claims: readonly Claim[],
  refutation: Refutation | null,
  looked: ReadonlySet<number>,
): JudgedCauses {
  let problem: string | null = null;
  let limit: string | null = null;
  const [favourite] = claims
    .filter((claim) => claim.kind === 'cause')
    .toSorted((a, b) => b.confidence - a.confidence);
  const judged = claims.map((claim) => {
    if (claim.kind !== 'cause') return claim;
    if (refutation !== null && !refutation.survived) {
      problem = 'By "refutation" your own test speaks against the cause. Withdraw it, or say why it stands.';
      limit = 'Claude’s own test speaks against its cause: it does not count.';
      return lower(claim, mostRefuted);
    }
    if (refutation !== null && claim !== favourite) {
      limit ??= 'Claude tried to refute one of its causes alone: the others count as likely at most.';
      return lower(claim, mostUntested);
    }
    if (refutation?.evidence.some((number) => looked.has(number) && !claim.evidence.includes(number)))
      return claim;
    problem =
      'Nothing shows that you tried to refute the cause. Look with a tool for what would have to be otherwise were it wrong, and cite in "refutation" a row of that look which the cause itself does not cite. What you were given is no look of yours; one that finds nothing is.';
    limit = 'Claude did not try to refute its cause: it counts as likely at most.';
    return lower(claim, mostUntested);
  });
  return { claims: judged, problem, limit };
}

export function lower(claim: Claim, most: number): Claim {
  return claim.kind === 'cause' || claim.kind === 'blame'
    ? { ...claim, confidence: Math.min(claim.confidence, most) }
    : claim;
}

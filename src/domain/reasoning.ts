export type HypothesisVerdict = 'supported' | 'refuted' | 'open';

/** What an agent thought it might be, and what became of it. */
export interface Hypothesis {
  /** One sentence. */
  readonly statement: string;
  /** What was done to tell whether it is so; empty when nothing was. */
  readonly test: string;
  readonly verdict: HypothesisVerdict;
  /** Numbers of the evidence that the verdict rests on. */
  readonly evidence: readonly number[];
}

/** How an agent tried to show that its favourite is wrong. */
export interface Refutation {
  /** What would have to be otherwise were it wrong, and where that was looked for. */
  readonly tried: string;
  /** Numbers of what that look showed. */
  readonly evidence: readonly number[];
  /** The favourite still stands after it. */
  readonly survived: boolean;
}

export interface Reasoning {
  readonly hypotheses: readonly Hypothesis[];
  /** Null: it was not tried. */
  readonly refutation: Refutation | null;
}

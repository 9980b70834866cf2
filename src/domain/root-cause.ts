import type { ProposedRemedy } from './plan.ts';

/** Decided by code (`flow/root-cause`), never stated by a model. */
export type Outcome = 'confirmed' | 'likely' | 'inconclusive';

export interface RootCause {
  readonly incidentId: string;
  readonly outcome: Outcome;
  /** Null when inconclusive and no service stands out. */
  readonly service: string | null;
  readonly commit: { readonly sha: string; readonly subject: string; readonly author: string } | null;
  readonly statement: string;
  /** Fixes that the deciding claim proposes; empty: undoing the commit is the one that comes to mind. */
  readonly proposes: readonly ProposedRemedy[];
  /** How the failure travelled, from the blamed service to the one that alerted. */
  readonly path: readonly string[];
  readonly evidence: readonly number[];
  readonly ruledOut: readonly string[];
  readonly nextChecks: readonly string[];
  /** What agents said against each other and nothing settles, and what one asked and nobody answered; a sentence each. */
  readonly open?: readonly string[];
  readonly at: Date;
}

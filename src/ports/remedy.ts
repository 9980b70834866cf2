import type { Check, Receipt } from '../domain/execution.ts';
import type { PlannedRemedy, ProposedRemedy, RemedyKind } from '../domain/plan.ts';
import type { RiskFacts } from '../domain/risk.ts';
import type { Service } from '../domain/service.ts';
import type { Json } from '../platform/canonical-json.ts';

/** What a remedy is told of the plan it belongs to. */
export interface RemedyContext {
  readonly planId: string;
  readonly digest: string;
  /** Idempotency key: the same for every try of this one effect, and for no other. */
  readonly key: string;
  /** True when an earlier try may have begun: look for its effect before acting. */
  readonly again: boolean;
  readonly incidentId: string;
  readonly incidentTitle: string;
  /** Slack link or page of the incident; null when there is none. */
  readonly incidentUrl: string | null;
  /** Evidence as lines of Markdown, for the body of a pull request. */
  readonly evidence: readonly string[];
  readonly approvedBy: string | null;
}

export type Preview =
  | { readonly possible: true; readonly planned: PlannedRemedy; readonly facts: RiskFacts }
  | { readonly possible: false; readonly reason: string };

export type Applied =
  | { readonly applied: true; readonly receipt: Receipt }
  /** A pin no longer holds, or the effect cannot be had: nothing was changed. */
  | { readonly applied: false; readonly reason: string };

/**
 * One kind of fix. `apply` and `undo` may be called again after a crash at any point and still act once. They throw typed
 * errors; a retryable one says that the reply was lost and the effect is unknown. Credentials are read inside `apply`,
 * `undo` and the look-ups, for the one target, and appear in nothing that is returned or thrown.
 */
export interface Remedy {
  readonly kind: RemedyKind;
  /** Names of what it changes, for one lock each: `git acme/orders main`, `postgres payments`. No I/O. */
  targets(service: Service, params: ProposedRemedy['params']): readonly string[];
  /** Reads only. Parameters come from a model or a person: everything in them is checked, and targets come from the catalogue. */
  preview(service: Service, params: ProposedRemedy['params'], signal: AbortSignal): Promise<Preview>;
  /** Why the plan is void: a pin that no longer holds, in a sentence; null while all of them hold. Reads only. */
  whyStale(service: Service, planned: PlannedRemedy, signal: AbortSignal): Promise<string | null>;
  /** What undoes it, stored before `apply` is called. Holds no credential. */
  inverse(service: Service, planned: PlannedRemedy, signal: AbortSignal): Promise<Json>;
  apply(
    service: Service,
    planned: PlannedRemedy,
    context: RemedyContext,
    signal: AbortSignal,
  ): Promise<Applied>;
  /** Its own check of the effect, beside the alert's expression. Reads only. */
  verify(service: Service, planned: PlannedRemedy, receipt: Receipt, signal: AbortSignal): Promise<Check>;
  /** `applied: false`: it cannot be undone, and the reason says what a person can do. */
  undo(
    service: Service,
    inverse: Json,
    receipt: Receipt,
    context: RemedyContext,
    signal: AbortSignal,
  ): Promise<Applied>;
}

export type RemedyRegistry = Readonly<{ [Kind in RemedyKind]: Remedy }>;

import type { Receipt } from '../domain/execution.ts';
import type { PlannedRemedy, RemedyKind, Risk } from '../domain/plan.ts';
import type { Service } from '../domain/service.ts';
import type { Json } from '../platform/canonical-json.ts';

/** What a remedy is told of the plan it belongs to. */
export interface RemedyContext {
  readonly planId: string;
  readonly digest: string;
  readonly incidentId: string;
  readonly incidentTitle: string;
  /** Slack link or page of the incident; null when there is none. */
  readonly incidentUrl: string | null;
  /** Evidence as lines of Markdown, for the body of a pull request. */
  readonly evidence: readonly string[];
  readonly approvedBy: string | null;
}

export type Preview =
  | { readonly possible: true; readonly planned: PlannedRemedy; readonly risk: Risk }
  | { readonly possible: false; readonly reason: string };

export type Applied =
  | { readonly applied: true; readonly receipt: Receipt }
  /** A pin no longer holds: the plan is void, nothing was changed. */
  | { readonly applied: false; readonly reason: string };

/** One kind of fix. `apply` and `undo` may be called again after a crash at any point and still act once. */
export interface Remedy {
  readonly kind: RemedyKind;
  preview(service: Service, params: { readonly [key: string]: Json }, signal: AbortSignal): Promise<Preview>;
  /** What undoes it, stored before `apply` is called. */
  inverse(service: Service, planned: PlannedRemedy, signal: AbortSignal): Promise<Json>;
  apply(
    service: Service,
    planned: PlannedRemedy,
    context: RemedyContext,
    signal: AbortSignal,
  ): Promise<Applied>;
  undo(
    service: Service,
    inverse: Json,
    receipt: Receipt,
    context: RemedyContext,
    signal: AbortSignal,
  ): Promise<Applied>;
}

export type RemedyRegistry = Readonly<{ [Kind in RemedyKind]: Remedy }>;

import { canonicalJson, type Json, sha256 } from '../platform/canonical-json.ts';

/** The closed grammar of remedies; each is a folder in `src/remedies`. */
export type RemedyKind = 'revert-commit';

export type RiskClass = 'low' | 'medium' | 'high';

export interface Risk {
  readonly class: RiskClass;
  /** Why, one phrase each, shown on the card. */
  readonly reasons: readonly string[];
}

/** What the approver sees of one remedy; part of the digest. */
export interface RemedyPreview {
  /** One sentence: what will be done. */
  readonly summary: string;
  /** Unified diff of the change, whole; empty when the remedy changes no file. */
  readonly diff: string;
  /** Things the approver should know: other files that the commit touched, what follows. */
  readonly notes: readonly string[];
  /** One sentence: how it is undone. */
  readonly undo: string;
}

/** One step of a plan. */
export interface PlannedRemedy {
  readonly kind: RemedyKind;
  readonly service: string;
  readonly params: { readonly [key: string]: Json };
  /** State of the world the preview was made from; checked again right before the effect. */
  readonly pins: { readonly [key: string]: string };
  readonly preview: RemedyPreview;
}

/** Exactly what is approved. Its canonical JSON is what the digest is taken of and what the card is rendered from. */
export interface PlanBody {
  readonly version: 1;
  readonly planId: string;
  readonly incidentId: string;
  readonly service: string;
  readonly remedies: readonly PlannedRemedy[];
  readonly risk: Risk;
  /** Evidence numbers that justify it. */
  readonly evidence: readonly number[];
  /** The check that says whether it helped. */
  readonly verification: {
    readonly alert: string;
    /** The rule's own expression; empty when the monitor does not know it. */
    readonly expression: string;
    /** Which of its series alerted: the alert's labels without those that the rule itself adds. */
    readonly series: { readonly [label: string]: string };
  };
}

export type PlanState =
  | 'pending'
  | 'approved'
  | 'rejected'
  | 'expired'
  | 'void'
  | 'executing'
  | 'executed'
  | 'verified'
  /** Done, but nothing could measure whether it helped: people judge. */
  | 'unverified'
  | 'rolled-back'
  | 'failed';

export interface Plan {
  readonly id: string;
  readonly incidentId: string;
  readonly body: PlanBody;
  /** Stored bytes of `body`; the executor recomputes the digest from these. */
  readonly canonical: string;
  readonly digest: string;
  /** Single-use secret that the button carries besides id and digest. */
  readonly nonce: string;
  readonly state: PlanState;
  readonly createdBy: string;
  readonly createdAt: Date;
  /** By the database's clock. */
  readonly expiresAt: Date;
}

export function planCanonical(body: PlanBody): { canonical: string; digest: string } {
  const canonical = canonicalJson(body as unknown as Json);
  return { canonical, digest: sha256(canonical) };
}

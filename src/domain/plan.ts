import { canonicalJson, type Json, sha256 } from '../platform/canonical-json.ts';

/** The closed grammar of remedies; each is a folder in `src/remedies`. */
export const remedyKinds = [
  'pull-request',
  'revert-commit',
  'config-rollback',
  'create-index',
  'drop-index',
  'flush-cache',
  'warm-cache',
  'restart-service',
  'run-runbook',
] as const;

export type RemedyKind = (typeof remedyKinds)[number];

/** A fix that somebody has in mind: an agent's claim or a person's command. It is typed, and it is not yet checked. */
export interface ProposedRemedy {
  readonly kind: RemedyKind;
  readonly service: string;
  readonly params: { readonly [key: string]: Json };
}

export const riskClasses = ['low', 'medium', 'high'] as const;

export type RiskClass = (typeof riskClasses)[number];

export interface Risk {
  readonly class: RiskClass;
  /** Why, one phrase each, shown on the card. */
  readonly reasons: readonly string[];
}

/** What the approver sees of one remedy; part of the digest. */
export interface RemedyPreview {
  /** One sentence: what will be done. */
  readonly summary: string;
  /** Unified diff of the change, whole, or the exact statement or argument vector; empty when there is none to show. */
  readonly diff: string;
  /** What was measured before the change and what is expected after it, where a copy could be tried; null otherwise. */
  readonly measured: Measurement | null;
  /** Things the approver should know: other files that the commit touched, what follows. */
  readonly notes: readonly string[];
  /** One sentence: how it is undone. */
  readonly undo: string;
}

/** The same thing before and after: a check's exit, a query's plan and time. */
export interface Measurement {
  /** What was measured and where: `node --test, in the sandbox`. */
  readonly what: string;
  readonly before: string;
  readonly after: string;
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
  /** Rests on text that the public can write (log lines, trace attributes): it never runs without a person. */
  readonly tainted: boolean;
  /** Slack ids of the people who asked for it: they may not approve it. Kept when the plan is made anew. */
  readonly requestedBy: readonly string[];
  /** Evidence numbers that justify it. */
  readonly evidence: readonly number[];
  /** What people said of the same fix before, one sentence each. */
  readonly history: readonly string[];
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
  /** Runs by itself at `runsAt` unless somebody stops it. */
  | 'announced'
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
  /** Being undone: it did not help, a later step failed, or a person asked for it. */
  | 'undoing'
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
  /** When an announced plan begins by itself, by the database's clock; null where a person decides. */
  readonly runsAt: Date | null;
}

export function planCanonical(body: PlanBody): { canonical: string; digest: string } {
  const canonical = canonicalJson(body as unknown as Json);
  return { canonical, digest: sha256(canonical) };
}

/** The services that a plan acts on, each once. */
export function targetServices(body: PlanBody): string[] {
  return [...new Set(body.remedies.map((remedy) => remedy.service))];
}

const live: readonly PlanState[] = ['announced', 'pending', 'approved', 'executing', 'executed', 'undoing'];

/** Waits for something, or is being carried out: an incident has one such plan at a time. */
export function isLive(plan: Plan): boolean {
  return live.includes(plan.state);
}

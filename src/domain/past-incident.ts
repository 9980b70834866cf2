import type { RemedyKind } from './plan.ts';
import type { Outcome } from './root-cause.ts';

/** Key of an agent's step that says which past incident this one looks like: its thread shows it, and the pinned card. */
export const looksLikeStep = 'looks-like';

/** What a change is made of, by the files that it touched. */
export type ChangeKind = 'code' | 'config' | 'schema' | 'dependency';

/**
 * What the evidence of an incident looked like, in terms that can be compared between incidents. Of one that is still
 * looked into it says what is known so far; an empty list or null is not known, never "none".
 */
export interface IncidentShape {
  /** Involved, by alert or by investigation. */
  readonly services: readonly string[];
  /** Where it began; of an open incident, the service that is suspected. */
  readonly blamed: string | null;
  /** Names of alerts. */
  readonly alerts: readonly string[];
  /** Kinds of trouble as telemetry was judged: `errors`, `latency`, `memory-leak` … */
  readonly symptoms: readonly string[];
  /** Templates of log lines that appeared or burst, masked. */
  readonly logs: readonly string[];
  /** Classes of errors and status codes: `TokenExpiredError`, `401`. */
  readonly errors: readonly string[];
  /** Calls that went wrong: `shopfront→ledger`. */
  readonly edges: readonly string[];
  readonly changes: readonly ChangeKind[];
  /** Names of settings that the change touched. */
  readonly settings: readonly string[];
}

export const shapeless: IncidentShape = {
  services: [],
  blamed: null,
  alerts: [],
  symptoms: [],
  logs: [],
  errors: [],
  edges: [],
  changes: [],
  settings: [],
};

export type Became =
  /** Verified by the alert's own expression. */
  | 'helped'
  /** Undone, since it did not help. */
  | 'did-not-help'
  /** Done; nothing could measure whether it helped. */
  | 'unmeasured'
  | 'rejected'
  | 'failed'
  | 'not-run';

/** A fix that was offered or carried out, and what came of it. */
export interface TriedRemedy {
  readonly kind: RemedyKind;
  readonly service: string;
  /** One sentence: what was done, or was to be done. */
  readonly summary: string;
  readonly became: Became;
  /** Why it was rejected or undone, in the words of the record; null where nobody said. */
  readonly reason: string | null;
}

/** How a past incident ended. */
export interface Lesson {
  readonly outcome: Outcome | null;
  readonly service: string | null;
  readonly cause: string;
  readonly commit: { readonly sha: string; readonly subject: string } | null;
  /** In the order in which they were offered. */
  readonly remedies: readonly TriedRemedy[];
  readonly resolvedAfterMs: number | null;
}

/** What an incident leaves behind for the next one like it. All text in it is masked. */
export interface Learned {
  /** Texts of the trouble, the most telling first: alerts, log lines, claims. */
  readonly symptoms: string;
  readonly shape: IncidentShape;
  readonly lesson: Lesson;
}

export interface SimilarQuery {
  /** Words of the trouble, or what a person typed. */
  readonly text: string;
  /** Null when words are all there is. */
  readonly shape: IncidentShape | null;
  /** An incident does not explain itself. */
  readonly exclude: string | null;
}

/** `strong` is worth a sentence to people; `weak` shares some words and no more. */
export type Likeness = 'strong' | 'fair' | 'weak';

export interface SimilarIncident {
  readonly incidentId: string;
  readonly title: string;
  readonly at: Date;
  /** Null for an incident of before lessons were kept. */
  readonly lesson: Lesson | null;
  /** 0–1 */
  readonly score: number;
  readonly likeness: Likeness;
  /** 0–1 each, before they are weighed; null where the query or the database gives nothing to compare. */
  readonly parts: {
    readonly words: number;
    readonly trigrams: number | null;
    readonly shape: number | null;
  };
  /** What they have in common, strongest first: "same log line …". */
  readonly why: readonly string[];
}

export interface SimilarIncidents {
  /** How many past incidents there are to compare with. */
  readonly compared: number;
  /** Best first. */
  readonly hits: readonly SimilarIncident[];
}

import type { Json } from '../platform/canonical-json.ts';

/** Independent kinds: two of them must agree before a plan may follow. */
export type EvidenceKind =
  | 'alert'
  | 'metric'
  | 'log'
  | 'trace'
  | 'change'
  | 'check'
  | 'topology'
  /** The service's own database: schema, plans of statements. */
  | 'database'
  /** What happened in another incident: it tells where to look, and proves nothing of this one. */
  | 'past';

/** What a tool saw, before it has a row. */
export interface Observation {
  readonly kind: EvidenceKind;
  readonly service: string;
  /** A few words: what was looked at. */
  readonly title: string;
  /** One or two plain sentences: what was seen, with numbers. */
  readonly summary: string;
  /** What was asked, so that a person can ask it again: PromQL, a log filter, a git command. */
  readonly query: string;
  /** Rows and numbers the summary rests on, bounded by the tool. Under `judged`: `trouble` or `calm`, see `showsTrouble`. */
  readonly data: Json;
  /** True when the look found nothing; such evidence supports only claims of absence. */
  readonly empty: boolean;
  /** The whole text that was seen, where it is more than `data` shows; kept beside the row, and read with `output`. */
  readonly output?: string;
}

export interface Evidence extends Omit<Observation, 'output'> {
  /** Counts from 1 within the incident: people say "evidence 12". */
  readonly number: number;
  readonly incidentId: string;
  readonly investigationId: string | null;
  readonly at: Date;
}

/**
 * A trial of a fix that an agent wrote, with a check of its own choice: it shows that the fix does what its check asks, and
 * nothing about the cause. Such a row is of kind `check` and counts for none.
 */
export function isTrialOfFix(row: Observation): boolean {
  return (
    row.kind === 'check' && typeof row.data === 'object' && row.data !== null && 'triedPatch' in row.data
  );
}

/** Kinds that can show trouble, each for itself. */
const telling: readonly EvidenceKind[] = ['metric', 'log', 'trace', 'check', 'database'];

/**
 * Whether code judged what was seen, whichever way: only such a row speaks for a service being well. Looks of code's own making
 * say under `judged` whether something was otherwise before the incident; one whose expression somebody chose (a query, a
 * search, a file, a plan) says nothing there: that it came back with rows shows nothing.
 */
export function isJudged(row: Observation): boolean {
  const judged = field(row.data, 'judged');
  return !row.empty && telling.includes(row.kind) && (judged === 'trouble' || judged === 'calm');
}

/** Whether code judged that this row shows trouble of its service; a row that merely exists shows nothing. */
export function showsTrouble(row: Observation): boolean {
  return isJudged(row) && field(row.data, 'judged') === 'trouble' && !isTrialOfFix(row);
}

/** Whether code ranked this commit against the symptoms; a mere look at one is no evidence against it. */
export function isRanking(row: Observation): boolean {
  return (
    row.kind === 'change' &&
    !row.empty &&
    typeof field(field(row.data, 'commit'), 'sha') === 'string' &&
    typeof field(row.data, 'margin') === 'number'
  );
}

/** How many kinds of trouble these rows show. */
export function countKinds(evidence: readonly Observation[]): number {
  return kindsOf(evidence).size;
}

function kindsOf(evidence: readonly Observation[]): Set<EvidenceKind> {
  return new Set(evidence.filter(showsTrouble).map((row) => row.kind));
}

/** Server-side sources; log lines are written by whoever can reach the service, and can be forged. */
const hardToForge: readonly EvidenceKind[] = ['metric', 'trace', 'check', 'database'];

/** How many kinds of evidence that cannot be forged these rows are of; which rows count is the caller's to say. */
export function countHardKinds(evidence: readonly Observation[]): number {
  const kinds = new Set(evidence.map((row) => row.kind));
  return hardToForge.filter((kind) => kinds.has(kind)).length;
}

/**
 * Whether these rows are enough for a plan: two independent kinds that show trouble, of which log text and the ranking of the
 * suspected change are at most one.
 */
export function carriesPlan(evidence: readonly Observation[]): boolean {
  const hard = countHardKinds(evidence.filter(showsTrouble));
  const soft = kindsOf(evidence).has('log') || evidence.some(isRanking) ? 1 : 0;
  return hard >= 1 && hard + soft >= 2;
}

/** Kinds that carry text which anybody who can send a request may have written. */
const publicInput: readonly EvidenceKind[] = ['log', 'trace'];

/** Whether a plan would not stand without what the public can write: it then always needs a person. */
export function restsOnPublicInput(evidence: readonly Observation[]): boolean {
  return !carriesPlan(evidence.filter((row) => !publicInput.includes(row.kind)));
}

function field(data: Json | undefined, key: string): Json | undefined {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return undefined;
  return (data as { readonly [key: string]: Json })[key];
}

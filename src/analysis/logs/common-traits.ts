import { riseOfShare } from '../series/robust-statistics.ts';

/** What tells what fails from what does not: a field whose value most failures share. */
export interface Trait {
  readonly key: string;
  readonly value: string;
  /** Share of the failing that have the value, and of the others that know the field. */
  readonly share: number;
  readonly usual: number;
  readonly failing: number;
  /** 0–1, how surely the value is more frequent among the failing. */
  readonly score: number;
}

export type Fields = Readonly<Record<string, string | number | boolean | null>>;

const leastFailing = 5;
const leastOthers = 10;
/** Of the failing, those that have to know the field. */
const leastKnown = 0.6;
const leastShare = 0.5;
const leastRise = 0.3;
const leastScore = 0.4;
const mostChars = 80;
/** Says that or how it failed, or when and where it was written, not what it was about. */
const notAbout =
  /(?:^|[._])(?:error|err|exception|stack|stacktrace|trace|status|status_code|code|level|severity|msg|message|reason|cause|ts|time|timestamp|pid|duration|duration_ms|elapsed|latency)(?:[._]|$)|(?:trace|span|request|correlation)[._-]?id$|^otel\b|^telemetry\./i;

/**
 * Fields by which the failing differ from the others, the clearest first. What every one of the others has as well tells
 * nothing, and neither does a field that only failures carry: those say how it failed.
 */
export function commonTraits(failing: readonly Fields[], others: readonly Fields[]): Trait[] {
  if (failing.length < leastFailing || others.length < leastOthers) return [];
  const traits: Trait[] = [];
  for (const [key, hits] of tally(failing)) {
    const known = total(hits);
    if (notAbout.test(key) || known < leastKnown * failing.length) continue;
    const usualHits = tallyOf(others, key);
    const usualKnown = total(usualHits);
    if (usualKnown < leastOthers) continue;
    const [value, count] = [...hits].toSorted((a, b) => b[1] - a[1])[0] ?? ['', 0];
    const share = count / known;
    const usual = (usualHits.get(value) ?? 0) / usualKnown;
    if (share < leastShare || share - usual < leastRise) continue;
    const score = riseOfShare(
      { hits: usualHits.get(value) ?? 0, total: usualKnown },
      { hits: count, total: known },
    );
    if (score >= leastScore) traits.push({ key, value, share, usual, failing: known, score });
  }
  return traits.toSorted((a, b) => b.share - b.usual - (a.share - a.usual) || b.score - a.score);
}

/** "user_id=u-17 is in 92 % of the failures, 4 % otherwise" */
export function sayTrait(trait: Trait): string {
  const what = `${trait.key}=${trait.value}`.replace(/\s+/g, ' ');
  return `${what} is in ${percent(trait.share)} of the failures, ${percent(trait.usual)} otherwise`;
}

function tally(rows: readonly Fields[]): Map<string, Map<string, number>> {
  const byKey = new Map<string, Map<string, number>>();
  for (const row of rows)
    for (const [key, value] of Object.entries(row)) {
      if (value === null || String(value).length > mostChars) continue;
      const counts = byKey.get(key) ?? new Map<string, number>();
      byKey.set(key, counts.set(String(value), (counts.get(String(value)) ?? 0) + 1));
    }
  return byKey;
}

function tallyOf(rows: readonly Fields[], key: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const row of rows) {
    const value = row[key];
    if (value === null || value === undefined) continue;
    counts.set(String(value), (counts.get(String(value)) ?? 0) + 1);
  }
  return counts;
}

function total(counts: ReadonlyMap<string, number>): number {
  let sum = 0;
  for (const count of counts.values()) sum += count;
  return sum;
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}

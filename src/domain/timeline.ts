import { canonicalJson, type Json, sha256 } from '../platform/canonical-json.ts';

/** Something that happened, before it has its place in the chain. */
export interface TimelineEvent {
  /** Dotted, stable, for programs: `incident.opened`, `plan.approved`. */
  readonly kind: string;
  /** `warroom`, `alertmanager`, `agent:<service>` or `user:<slack id>`. */
  readonly actor: string;
  /** One sentence for people. */
  readonly text: string;
  readonly data: Json;
}

export interface TimelineEntry extends TimelineEvent {
  readonly incidentId: string;
  /** Counts from 1 without gaps. */
  readonly seq: number;
  readonly at: Date;
  /** Hash of the entry before, 64 zeros for the first. */
  readonly previousHash: string;
  readonly hash: string;
}

export const chainStart = '0'.repeat(64);

/**
 * Stands for the hash of the entry before where that was no longer to be trusted when this one was written. No chain
 * holds across it, so what was done to the record stays visible whatever is appended later.
 */
export const lostLink = 'f'.repeat(64);

/** Where the next entry goes. It follows from the sealed end, never from whatever row happens to be the last. */
export function nextLink(
  head: { readonly seq: number; readonly hash: string; readonly sealed: boolean } | null,
  lastSeq: number | null,
): { seq: number; previousHash: string } {
  if (head?.sealed === true) return { seq: Math.max(head.seq, lastSeq ?? 0) + 1, previousHash: head.hash };
  const untouched = head === null && lastSeq === null;
  return { seq: (lastSeq ?? 0) + 1, previousHash: untouched ? chainStart : lostLink };
}

export function hashEntry(entry: Omit<TimelineEntry, 'hash'>): string {
  return sha256(
    canonicalJson({
      incidentId: entry.incidentId,
      seq: entry.seq,
      at: entry.at.toISOString(),
      kind: entry.kind,
      actor: entry.actor,
      text: entry.text,
      data: entry.data,
      previousHash: entry.previousHash,
    }),
  );
}

/** The first `seq` at which the chain does not hold, or null when it holds. Entries in order of `seq`. */
export function firstBrokenLink(entries: readonly TimelineEntry[]): number | null {
  let previousHash = chainStart;
  for (const [index, entry] of entries.entries()) {
    if (entry.seq !== index + 1 || entry.previousHash !== previousHash || entry.hash !== hashEntry(entry))
      return index + 1;
    previousHash = entry.hash;
  }
  return null;
}

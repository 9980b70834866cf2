import { canonicalJson, sha256 } from '../platform/canonical-json.ts';
import type { StreamHead } from './audit-seal.ts';

/**
 * A digest over the ends of all streams at one moment. Each anchor lists only the ends that moved since the one before and
 * is chained to it, so that one digest, kept outside the database, speaks for every end that was ever listed.
 */
export interface Anchor {
  /** Counts from 1 without gaps. */
  readonly number: number;
  readonly at: Date;
  /** How many streams and entries this anchor and all before it cover. */
  readonly streams: number;
  readonly entries: number;
  /** Digest of the anchor before, 64 zeros for the first. */
  readonly previous: string;
  readonly digest: string;
}

/** @param heads that moved, in any order */
export function digestAnchor(anchor: Omit<Anchor, 'digest'>, heads: readonly StreamHead[]): string {
  return sha256(
    canonicalJson({
      number: anchor.number,
      at: anchor.at.toISOString(),
      streams: anchor.streams,
      entries: anchor.entries,
      previous: anchor.previous,
      heads: heads
        .map(({ stream, seq, hash }) => [stream, seq, hash] as const)
        .sort(([one], [two]) => (one < two ? -1 : 1)),
    }),
  );
}

/** One line for a channel or a log outside the database. */
export function sayAnchor(anchor: Anchor): string {
  return `Audit anchor ${anchor.number} of ${anchor.at.toISOString()}: ${anchor.streams} timelines, ${anchor.entries} entries, digest ${anchor.digest}`;
}

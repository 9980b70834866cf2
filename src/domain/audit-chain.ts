import type { AuditFault, AuditProblem } from './audit-report.ts';
import type { StreamHead } from './audit-seal.ts';
import { chainStart, hashEntry, lostLink, type TimelineEntry } from './timeline.ts';

/** An entry as it lies in the database. */
export interface StoredEntry extends TimelineEntry {
  /** False when the row holds more than its reader sees: parts of a millisecond. */
  readonly exact: boolean;
}

/** What the chain of one stream must lead to. */
export interface StreamEnds {
  readonly head: (StreamHead & { readonly sealed: boolean }) | null;
  /** Ends that anchors listed, in order of `seq`. */
  readonly anchored: readonly (StreamHead & { readonly anchor: number })[];
}

export interface StreamCheck {
  /** In order of `seq`. */
  take(entry: StoredEntry): void;
  /** The first broken place, or null. */
  end(): AuditProblem | null;
}

/** Looks for the place that a moved entry came from among this many. */
const placesTried = 20_000;

/** Reads one stream from its first entry to its last, in constant memory. */
export function checkStream(stream: string, ends: StreamEnds): StreamCheck {
  let problem: AuditProblem | null = null;
  const walk = { seq: 0, hash: chainStart, provenSeq: 0 };
  const found = (seq: number, fault: AuditFault, text: string) => ({ stream, seq, fault, text });
  const anchored = new Map(ends.anchored.map((point) => [point.seq, point]));

  return {
    take(entry) {
      problem ??= checkLink(entry, walk, ends, found) ?? checkAnchored(entry, walk, anchored, found);
      walk.seq = entry.seq;
      walk.hash = entry.hash;
    },
    end() {
      problem ??= checkEnd(walk, ends, found);
      return problem;
    },
  };
}

/** How far the reading has come, and up to where anchors vouch for it. */
interface Walk {
  seq: number;
  hash: string;
  provenSeq: number;
}

type Found = (seq: number, fault: AuditFault, text: string) => AuditProblem;

function checkLink(entry: StoredEntry, walk: Walk, ends: StreamEnds, found: Found): AuditProblem | null {
  const expected = walk.seq + 1;
  if (entry.seq > expected) return found(expected, 'missing', `${range(expected, entry.seq - 1)} gone.`);
  if (entry.seq < expected) return found(entry.seq, 'out-of-order', 'two entries stand at one place.');
  if (!isAsWritten(entry)) {
    const from = originalPlace(entry, ends.head?.seq ?? entry.seq);
    return from === null
      ? found(entry.seq, 'edited', 'the entry does not have the hash of what it says: it was edited.')
      : found(entry.seq, 'out-of-order', `the entry was written as number ${from}: entries were reordered.`);
  }
  if (entry.previousHash === walk.hash) return null;
  return entry.previousHash === lostLink
    ? found(
        entry.seq,
        'unlinked',
        'when this entry was written, the end of the timeline before it was missing or not sealed by Warroom.',
      )
    : found(
        entry.seq,
        'unlinked',
        'the entry does not follow from the one before it: that one was written anew, or others between them are gone.',
      );
}

function checkAnchored(
  entry: StoredEntry,
  walk: Walk,
  anchored: ReadonlyMap<number, StreamEnds['anchored'][number]>,
  found: Found,
): AuditProblem | null {
  const point = anchored.get(entry.seq);
  if (point === undefined) return null;
  const from = walk.provenSeq + 1;
  walk.provenSeq = entry.seq;
  if (point.hash === entry.hash) return null;
  return found(
    from,
    'rewritten',
    `${range(from, entry.seq)} not what anchor ${point.anchor} saw: written anew together with the hashes.`,
  );
}

function checkEnd(walk: Walk, { head, anchored }: StreamEnds, found: Found): AuditProblem | null {
  const witness = anchored.at(-1);
  if (head === null && (witness === undefined || witness.seq <= walk.seq)) {
    return found(walk.seq + 1, 'forged-head', 'the sealed end of the timeline is missing.');
  }
  if (head !== null && !head.sealed) {
    return found(head.seq, 'forged-head', 'the end of the timeline was not sealed by Warroom: it is forged.');
  }
  const mostSeq = Math.max(head?.seq ?? 0, witness?.seq ?? 0);
  if (mostSeq > walk.seq) {
    const who = head?.seq === mostSeq ? 'the sealed end is there' : `anchor ${witness?.anchor} saw them`;
    return found(walk.seq + 1, 'cut-tail', `${range(walk.seq + 1, mostSeq)} cut off the end: ${who}.`);
  }
  if (head === null) return null;
  if (head.seq < walk.seq) {
    return found(
      head.seq + 1,
      'after-the-end',
      `${range(head.seq + 1, walk.seq)} after the sealed end: not written by Warroom, or an older end was put back.`,
    );
  }
  if (head.hash === walk.hash) return null;
  const from = walk.provenSeq + 1;
  return found(
    from,
    'rewritten',
    `${range(from, walk.seq)} not what the sealed end speaks of: written anew together with the hashes.`,
  );
}

function isAsWritten(entry: StoredEntry): boolean {
  return entry.exact && isNormal(entry) && hashOf(entry) === entry.hash;
}

/** Hashes are taken of Unicode's composed form, and only that is ever stored: another form was put there by somebody. */
function isNormal(entry: StoredEntry): boolean {
  const text = JSON.stringify([entry.kind, entry.actor, entry.text, entry.data]);
  return text === text.normalize('NFC');
}

function originalPlace(entry: StoredEntry, mostSeq: number): number | null {
  if (!entry.exact) return null;
  for (let seq = 1; seq <= Math.min(mostSeq, placesTried); seq += 1) {
    if (seq !== entry.seq && hashOf({ ...entry, seq }) === entry.hash) return seq;
  }
  return null;
}

/** Null for what no hash can be taken of: a number too large, a date that is none. */
function hashOf(entry: StoredEntry): string | null {
  try {
    return hashEntry(entry);
  } catch {
    return null;
  }
}

function range(from: number, to: number): string {
  return from === to ? `entry ${from} is` : `entries ${from} to ${to} are`;
}

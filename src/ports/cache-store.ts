import type { CacheTarget } from '../domain/service.ts';

/** What a cache holds under one key pattern, looked at within bounds. */
export interface CacheSurvey {
  /** Identity of the server's process. */
  readonly server: string;
  /** Keys that match; a lower bound when `complete` is false. */
  readonly keys: number;
  /** False: a bound was reached before the whole key space was seen. */
  readonly complete: boolean;
  /** All keys of this database of the server. */
  readonly totalKeys: number;
  /** Some of their names as text; bytes that are no text are replaced. */
  readonly sample: readonly string[];
  /** Of the matching keys that were looked at closely. */
  readonly looked: {
    readonly keys: number;
    /** Memory that they take together. */
    readonly bytes: number;
    readonly largestBytes: number;
    /** Keys that stay until somebody removes them. */
    readonly lasting: number;
    /** Median time left of the others; null when there are none. */
    readonly medianSecondsLeft: number | null;
  };
  /** Look-ups of the whole server, measured before we looked ourselves. Null when there were none. */
  readonly lookups: { readonly hitsPerSecond: number; readonly hitRate: number } | null;
  /** True: the server may throw keys away by itself when its memory is full, what we record among them. */
  readonly evicts: boolean;
}

export interface SurveyBounds {
  readonly keys: number;
  readonly timeMs: number;
  /** How long look-ups are counted; 0: not at all. */
  readonly measureMs: number;
}

/** A flush. The values are kept on the cache's own server, so that no customer's data leaves it. */
export interface CacheFlush {
  readonly pattern: string;
  /** Name of the record of what is removed: the same for every try of this one flush. */
  readonly record: string;
  /** Not more than so many keys are removed. */
  readonly mostKeys: number;
  readonly recordBounds: RecordBounds;
}

export interface RecordBounds {
  readonly keys: number;
  readonly bytes: number;
  /** A value that takes more is not recorded. */
  readonly bytesOfOne: number;
  /** How long the record is kept. */
  readonly seconds: number;
}

export interface CacheFlushed {
  /** Over all tries of this flush. */
  readonly removed: number;
  readonly recorded: number;
  readonly recordedBytes: number;
  /** False: it stopped at `mostKeys`. */
  readonly complete: boolean;
}

/** What a flush left behind. */
export interface CacheRecord {
  readonly server: string;
  readonly pattern: string;
  /** ISO 8601. */
  readonly madeAt: string;
  readonly keys: number;
  readonly bytes: number;
  /** Keys that are not in the cache now and whose time is not over. */
  readonly missing: number;
  /** Keys that hold a fresher value now. */
  readonly present: number;
  /** Keys whose own time to live has ended since. */
  readonly expired: number;
  readonly secondsLeft: number;
  /** Some names of missing keys. */
  readonly sample: readonly string[];
}

export interface CacheRestored {
  /** Over all tries of this one restoring. */
  readonly restored: number;
  /** Left alone: a fresher value was there. */
  readonly present: number;
  readonly expired: number;
}

export interface CacheEmptied {
  /** Over all tries of this one removing. */
  readonly removed: number;
  /** Left alone: the service has written them since. */
  readonly changed: number;
}

/**
 * A service's cache. The connection and its credentials live as long as the call. Throws `SourceUnreachable` (retryable:
 * no answer, whether it took effect is unknown), `SourceRefused` (not admitted, a cluster, a replica) and `SecretMissing`,
 * all with hints and without credentials. Flushing and restoring may be called again and act once.
 */
export interface CacheStore {
  /** Reads only. */
  survey(
    target: CacheTarget,
    pattern: string,
    bounds: SurveyBounds,
    signal: AbortSignal,
  ): Promise<CacheSurvey>;
  /** Records and removes, a batch at a time, each batch at once. */
  flush(target: CacheTarget, flush: CacheFlush, signal: AbortSignal): Promise<CacheFlushed>;
  /** Reads only. Null: it was never made, or its time is over. */
  readRecord(target: CacheTarget, record: string, signal: AbortSignal): Promise<CacheRecord | null>;
  /**
   * Brings back what is recorded and not there now, with the time to live that it had left; fresher values stay. Remembers
   * under `mark` which keys it brought back. Null: the record is gone.
   */
  restore(
    target: CacheTarget,
    order: { readonly record: string; readonly mark: string },
    signal: AbortSignal,
  ): Promise<CacheRestored | null>;
  /** Keys that were brought back under `mark`, and how many of them are there. Null: the mark's time is over. */
  readMark(
    target: CacheTarget,
    mark: string,
    signal: AbortSignal,
  ): Promise<{ readonly restored: number; readonly present: number } | null>;
  /** Removes the keys that were brought back under `mark` and not written since. Null: the mark's time is over. */
  removeRestored(target: CacheTarget, mark: string, signal: AbortSignal): Promise<CacheEmptied | null>;
}

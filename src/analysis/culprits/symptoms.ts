import type { StackFrame } from '../logs/stack-frames.ts';

/** Kinds of trouble, in words that hold for any system. */
export type TroubleKind =
  | 'errors'
  | 'rejections'
  | 'timeouts'
  | 'latency'
  | 'saturation'
  | 'descriptor-leak'
  | 'memory-leak'
  | 'crash'
  | 'traffic'
  | 'cpu';

export interface WeightedText {
  readonly text: string;
  /** 0–1: how specific to the trouble. */
  readonly weight: number;
  /** Where it was seen, for the reasons: "error text", "new log line", "operation". */
  readonly source: string;
}

/** Everything that telemetry says about one service's trouble. */
export interface Symptoms {
  /** Unix seconds. */
  readonly onset: number;
  /** Unix seconds of the first alert: a later commit cannot have caused it. */
  readonly alertedAt: number;
  readonly kinds: ReadonlyMap<TroubleKind, number>;
  readonly texts: readonly WeightedText[];
  readonly frames: readonly StackFrame[];
  /** Libraries that stack traces of the trouble went through. */
  readonly libraries?: readonly string[];
  /** Failing or slow routes and operations, as the service names them. */
  readonly operations: readonly string[];
  /** Operations of the same service that stayed well. */
  readonly healthyOperations: readonly string[];
  /** Numbers the telemetry shows: statuses that appeared, limits named in texts. */
  readonly numbers: readonly number[];
  /** By how much requests got slower; null where they did not. */
  readonly slowdownMs: number | null;
  /** Statements that the service's databases began to be slow at. */
  readonly statements?: readonly string[];
  /** Services whose calls from here go wrong. */
  readonly peers: readonly string[];
  /** A commit that went live, and when (unix seconds): as telemetry saw it, or as somebody merely told it. */
  readonly releases: readonly {
    readonly sha: string;
    readonly at: number;
    readonly previous: string | null;
    /** Said, and weighed nowhere: who tells of a release may be wrong, or lie. */
    readonly source?: 'told';
  }[];
}

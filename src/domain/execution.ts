import type { Json } from '../platform/canonical-json.ts';

export type ExecutionState =
  | 'intent'
  | 'applied'
  | 'verified'
  | 'unverified'
  | 'rolling-back'
  | 'rolled-back'
  | 'failed';

/** The number that the alert's own expression compares, for the series that alerted. */
export interface Reading {
  readonly at: Date;
  /** Null when the expression gives no value (no data, or nothing left to compare). */
  readonly value: number | null;
}

/** What applying a remedy left behind; enough to undo it and to show it. */
export interface Receipt {
  /** One sentence for the channel. */
  readonly summary: string;
  readonly url: string | null;
  readonly data: { readonly [key: string]: Json };
}

export interface Execution {
  readonly id: string;
  readonly planId: string;
  readonly incidentId: string;
  readonly state: ExecutionState;
  /** Stored before the effect: what undoes it. */
  readonly inverse: Json;
  readonly receipt: Receipt | null;
  readonly undoReceipt: Receipt | null;
  readonly before: Reading | null;
  readonly after: Reading | null;
  readonly approvedBy: string;
  readonly error: string | null;
  readonly startedAt: Date;
  readonly appliedAt: Date | null;
  readonly finishedAt: Date | null;
}

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

/** What a remedy's own check says of its effect, beside the alert's expression. */
export interface Check {
  readonly state: 'holds' | 'broken' | 'unknown';
  /** One sentence with what was measured. */
  readonly text: string;
}

export type StepState =
  | 'waiting'
  /** The inverse is stored and the effect may have begun. */
  | 'intent'
  | 'applied'
  /** Undoing it may have begun. */
  | 'undoing'
  | 'undone'
  /** Not applied, or not undone: `error` says why. */
  | 'failed';

/** One remedy of the plan as it was carried out; same order and number as the plan's remedies. */
export interface ExecutionStep {
  readonly state: StepState;
  /** Stored before the effect: what undoes it. Null while waiting. */
  readonly inverse: Json;
  readonly receipt: Receipt | null;
  readonly undoReceipt: Receipt | null;
  /** The remedy's own check after the effect; null while nobody looked. */
  readonly check: Check | null;
  readonly error: string | null;
}

export interface Execution {
  readonly id: string;
  readonly planId: string;
  readonly incidentId: string;
  readonly state: ExecutionState;
  readonly steps: readonly ExecutionStep[];
  readonly before: Reading | null;
  readonly after: Reading | null;
  /** Slack id of the person who completed the approval; `policy` when the plan ran by itself. */
  readonly approvedBy: string;
  /** Why it is being undone, one phrase; null when it is not. */
  readonly undoReason: string | null;
  /** When undoing began; null when it did not. */
  readonly undoingSince: Date | null;
  readonly error: string | null;
  readonly startedAt: Date;
  readonly appliedAt: Date | null;
  readonly finishedAt: Date | null;
}

/** The newest page that an execution left behind: a pull request, say. */
export function receiptUrl(execution: Execution): string | null {
  return execution.steps.findLast((step) => step.receipt?.url != null)?.receipt?.url ?? null;
}

export function undoUrl(execution: Execution): string | null {
  return execution.steps.find((step) => step.undoReceipt?.url != null)?.undoReceipt?.url ?? null;
}

/** What was done, a sentence a step. */
export function receiptSummary(execution: Execution): string {
  return execution.steps.flatMap((step) => step.receipt?.summary ?? []).join(' ');
}

/** Steps whose effect is there and is not undone. */
export function standingSteps(execution: Execution): number[] {
  return execution.steps.flatMap((step, index) =>
    step.receipt !== null && step.undoReceipt === null ? [index] : [],
  );
}

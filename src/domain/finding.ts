import type { ProposedRemedy } from './plan.ts';

/**
 * A typed claim of one agent. Agents exchange these and nothing else.
 * - `symptom`: this service is abnormal, and here is how.
 * - `blame`: this service's trouble comes from `blames.service`.
 * - `cause`: this service is where it starts; `blames.commit` where a commit explains it.
 * - `healthy`: nothing abnormal here.
 * - `partial`: the look ended at a limit before its end. It says what was seen and decides nothing.
 */
export type FindingKind = 'symptom' | 'blame' | 'cause' | 'healthy' | 'partial';

/** A finding as an investigator states it. */
export interface Claim {
  readonly kind: FindingKind;
  /** One sentence for the channel. */
  readonly text: string;
  /** Numbers of the evidence it rests on; a claim without any is dropped. */
  readonly evidence: readonly number[];
  readonly blames?: { readonly service: string; readonly commit?: string };
  /** Fixes that follow from it, in the closed grammar; code checks each against the catalogue and the world. */
  readonly proposes?: readonly ProposedRemedy[];
  /** 0–1, the investigator's own; code may only lower it. */
  readonly confidence: number;
}

export interface Finding extends Claim {
  readonly id: string;
  readonly incidentId: string;
  readonly investigationId: string;
  readonly service: string;
  readonly at: Date;
}

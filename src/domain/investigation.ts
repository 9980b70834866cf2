import type { Reasoning } from './reasoning.ts';

export type InvestigatorName = 'evidence' | 'claude';

/** `suspect` gets a full agent; `neighbour` gets the cheap deterministic check. */
export type InvestigationRole = 'suspect' | 'neighbour';

export type InvestigationState = 'queued' | 'running' | 'finished' | 'failed';

export interface Investigation {
  readonly id: string;
  readonly incidentId: string;
  readonly service: string;
  readonly role: InvestigationRole;
  /** Counts from 1; one more each time the incident comes back and the service is looked at anew. */
  readonly round: number;
  /** Why triage chose it, one phrase each. */
  readonly reasons: readonly string[];
  /** Triage's score, 0–1. */
  readonly score: number;
  readonly state: InvestigationState;
  /** Which one spoke; null until it started. */
  readonly investigator: InvestigatorName | null;
  /** Steps shown live in the thread. */
  readonly steps: readonly InvestigationStep[];
  /** What this run could not do, in plain words (no Docker, no metrics …). */
  readonly limits: readonly string[];
  /** What the agent excluded, and what it would look at next; one sentence each. */
  readonly ruledOut: readonly string[];
  readonly nextChecks: readonly string[];
  /** What a model thought and tried; null or absent until it reported. */
  readonly reasoning?: Reasoning | null;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
}

export interface InvestigationStep {
  readonly key: string;
  readonly text: string;
  readonly state: 'running' | 'done' | 'failed';
}

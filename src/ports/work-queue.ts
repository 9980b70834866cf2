import type { Stage } from '../domain/incident.ts';

/** Carries work, never truth: everything here can be put again from rows. Putting the same work twice is harmless. */
export interface WorkQueue {
  advance(incidentId: string, stage: Stage): Promise<void>;
  /** An agent answers what a person asked. */
  answer(questionId: string): Promise<void>;
  /** One job per investigation; when all ended, well or not, `root-cause` of the incident runs. */
  fanOut(incidentId: string, investigationIds: readonly string[]): Promise<void>;
}

import type { Stage } from '../domain/incident.ts';

/** One run of one agent; a later round is another piece of work. */
export interface AgentWork {
  readonly id: string;
  readonly round: number;
}

/** Carries work, never truth: everything here can be put again from rows. Putting the same work twice is harmless. */
export interface WorkQueue {
  advance(incidentId: string, stage: Stage): Promise<void>;
  /** An agent answers what a person asked. */
  answer(questionId: string): Promise<void>;
  /** One job per investigation; when all ended, well or not, `root-cause` of the incident runs. */
  fanOut(incidentId: string, investigations: readonly AgentWork[]): Promise<void>;
  /** The same without anybody waiting: the agent that ends last wakes `root-cause` itself. */
  investigate(investigations: readonly AgentWork[]): Promise<void>;
}

/** What a person asked an agent about a plan. */
export interface Question {
  readonly id: string;
  readonly incidentId: string;
  readonly planId: string;
  readonly userId: string;
  readonly text: string;
  /** Null until the agent has answered. */
  readonly answer: string | null;
  /** Evidence numbers that the answer rests on. */
  readonly evidence: readonly number[];
  readonly at: Date;
  readonly answeredAt: Date | null;
}

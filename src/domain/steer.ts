/** What a person wrote in an agent's thread: it steers that agent, and only it. Data like any other text from outside. */
export interface Steer {
  readonly id: string;
  readonly incidentId: string;
  readonly investigationId: string;
  /** Slack's id of who wrote it. */
  readonly userId: string;
  readonly text: string;
  readonly at: Date;
}

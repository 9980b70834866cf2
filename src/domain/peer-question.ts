/** What the one who was asked says: whether the trouble begins with it. */
export type PeerVerdict = 'mine' | 'not-mine' | 'passed-on' | 'unclear';

export interface PeerAnswer {
  readonly verdict: PeerVerdict;
  /** One or two sentences. */
  readonly text: string;
  /** Numbers of the evidence that it rests on. */
  readonly evidence: readonly number[];
}

/** One bounded question of one service's agent to another's: a row on the blackboard, never a transcript. */
export interface PeerQuestion {
  readonly id: string;
  readonly incidentId: string;
  /** Counts from 1: in which meeting of the claims it was asked. 0: in the middle of the asker's look. */
  readonly round: number;
  readonly from: string;
  readonly to: string;
  readonly text: string;
  /** Numbers of the evidence that the question rests on. */
  readonly evidence: readonly number[];
  /** Null until the other has answered, and for good when it could not. */
  readonly answer: PeerAnswer | null;
  readonly at: Date;
  readonly answeredAt: Date | null;
}

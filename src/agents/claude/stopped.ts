import { WarroomError } from '../../platform/errors.ts';
import { ModelRefused, ModelUnreachable } from '../../ports/language-model.ts';
import type { Report } from '../investigator.ts';
import type { LimitReached } from './budget.ts';

/** Why a conversation ended without a report. */
export type StopReason =
  | 'refusal'
  | 'max-tokens'
  | 'context-full'
  | 'malformed-calls'
  | 'no-report'
  | 'limit'
  | ModelUnreachable['reason']
  | ModelRefused['reason']
  | 'defect';

/** A conversation ended by what the model did, or by a limit. */
export class ConversationEnded extends WarroomError {
  readonly code = 'conversation_ended';
  readonly reason: StopReason;
  /** Set with `limit`. */
  readonly limit: LimitReached | null;

  constructor(reason: StopReason, message: string, limit: LimitReached | null = null) {
    super(message, 'Its steps and the evidence it collected stay in the thread.');
    this.reason = reason;
    this.limit = limit;
  }
}

/** Another worker goes on with the conversation: this one has no say in it any more. */
export class ConversationTaken extends WarroomError {
  readonly code = 'conversation_taken';

  constructor() {
    super('Another worker goes on with this investigation.', 'Nothing to do.');
  }
}

/** Claude ended without a report. What the evidence engine found before it began is at hand in `instead`. */
export class ClaudeStopped extends WarroomError {
  readonly code = 'claude_stopped';
  readonly reason: StopReason;
  /** Private, so that a logged error does not carry claims with it. */
  readonly #instead: Report;

  constructor(reason: StopReason, message: string, hint: string, instead: Report, options?: ErrorOptions) {
    super(message, hint, options);
    this.reason = reason;
    this.#instead = instead;
  }

  get instead(): Report {
    return this.#instead;
  }
}

export function stopReasonOf(error: unknown): StopReason {
  return error instanceof ConversationEnded ||
    error instanceof ModelUnreachable ||
    error instanceof ModelRefused
    ? error.reason
    : 'defect';
}

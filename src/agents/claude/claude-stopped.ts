import { WarroomError } from '../../platform/errors.ts';
import type { Report } from '../investigator.ts';

/** Claude ended without a report. What the evidence engine found before it began is at hand in `instead`. */
export class ClaudeStopped extends WarroomError {
  readonly code = 'claude_stopped';
  /** Private, so that a logged error does not carry claims with it. */
  readonly #instead: Report;

  constructor(message: string, hint: string, instead: Report, options?: ErrorOptions) {
    super(message, hint, options);
    this.#instead = instead;
  }

  get instead(): Report {
    return this.#instead;
  }
}

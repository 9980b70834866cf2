import { explainError, WarroomError } from './platform/errors.ts';

export interface CheckResult {
  readonly name: string;
  readonly state: 'ok' | 'missing' | 'failed';
  /** What was seen, or what happened and what to do. */
  readonly text: string;
}

const deadlineMs = 15_000;

/** Something answered, and what was to be found is not there. */
export class Nothing extends WarroomError {
  readonly code = 'nothing_found';
}

/** One look under a deadline of its own; whatever it throws is its result. */
export async function check(
  name: string,
  look: (signal: AbortSignal) => Promise<string>,
): Promise<CheckResult> {
  try {
    return ok(name, await look(AbortSignal.timeout(deadlineMs)));
  } catch (error) {
    return { name, state: 'failed', text: explainError(error) };
  }
}

export function ok(name: string, text: string): CheckResult {
  return { name, state: 'ok', text };
}

export function missing(name: string, text: string): CheckResult {
  return { name, state: 'missing', text };
}

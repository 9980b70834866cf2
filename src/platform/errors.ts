/**
 * Base of every failure that Warroom raises itself. `message` says what happened, `hint` says what a person can do
 * about it. Callers branch on `code` or on the class, never on the text.
 */
export abstract class WarroomError extends Error {
  abstract readonly code: string;
  /** True when the same call may succeed later without anyone changing anything. */
  readonly retryable: boolean = false;
  readonly hint: string;

  constructor(message: string, hint: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.hint = hint;
  }
}

export class SourceUnreachable extends WarroomError {
  readonly code = 'source_unreachable';
  override readonly retryable = true;
}

export class SourceRefused extends WarroomError {
  readonly code = 'source_refused';
}

/** Persisted state that this version cannot read: never guessed at. */
export class UnknownVersion extends WarroomError {
  readonly code = 'unknown_version';
}

/** One line for a log or a person: the message, then what to do. */
export function explainError(error: unknown): string {
  if (error instanceof WarroomError) return `${error.message} ${error.hint}`;
  return error instanceof Error ? error.message : String(error);
}

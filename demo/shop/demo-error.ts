/** A failure that the person running the demo can do something about: `message` is what happened, `hint` what to do. */
export class DemoError extends Error {
  readonly code: string;
  readonly hint: string;

  constructor(code: string, message: string, hint: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'DemoError';
    this.code = code;
    this.hint = hint;
  }
}

/** A failure with its remedy: what happened, and what to type next. */
export class SetupProblem extends Error {
  /**
   * @param {string} message what happened, in one sentence
   * @param {string} hint what to do about it
   */
  constructor(message, hint) {
    super(message);
    this.hint = hint;
  }
}

/** Set-up speaks on stderr only: the command that follows owns stdout (`demo -- --json`). @param {string} text */
export function say(text) {
  process.stderr.write(`[setup] ${text}\n`);
}

/** @param {string} happened @param {string} hint */
export function warn(happened, hint) {
  say(`! ${happened}`);
  for (const line of hint.split('\n')) say(`  → ${line}`);
}

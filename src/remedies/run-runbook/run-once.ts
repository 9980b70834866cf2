import type { Receipt } from '../../domain/execution.ts';
import { WarroomError } from '../../platform/errors.ts';
import type { Applied, RemedyContext } from '../../ports/remedy.ts';
import type { CommandRunner } from '../../ports/runtime.ts';
import type { CommandResult } from '../../ports/sandbox.ts';
import { quietOutput } from './quiet-output.ts';
import type { Command } from './schema.ts';

/** It ended badly; what it changed until then is for a person to see. */
export class RunbookFailed extends WarroomError {
  readonly code = 'runbook_failed';
}

/** It may have run: a command keeps no mark that could be looked up. */
export class RunbookOutcomeUnknown extends WarroomError {
  readonly code = 'runbook_outcome_unknown';
}

type Outcome = { readonly applied: Applied } | { readonly failed: WarroomError };

const rememberedRuns = 1_000;

/**
 * Runs each effect at most once. What this process ran itself it remembers for as long as it lives, since the row that was
 * to say so may not have been written; after a restart nobody knows, and a person must look.
 */
export class RunOnce {
  readonly #commands: CommandRunner;
  readonly #outcomes = new Map<string, Outcome>();

  constructor(commands: CommandRunner) {
    this.#commands = commands;
  }

  async run(
    command: Command,
    { key, again }: RemedyContext,
    what: string,
    signal: AbortSignal,
  ): Promise<Applied> {
    signal.throwIfAborted();
    if (again || this.#outcomes.has(key)) return this.recall(key, what);

    // from here on it may have begun
    this.#remember(key, { failed: unknown(what, 'Its first run has not ended.') });
    let outcome: Outcome;
    try {
      outcome = judge(what, command, await this.#commands.run(command, signal));
    } catch (error) {
      if (error instanceof WarroomError && (error.code === 'not_found' || error.code === 'access_refused')) {
        outcome = { applied: { applied: false, reason: `${error.message} ${error.hint}` } };
      } else {
        outcome = { failed: unknown(what, 'It was not seen to end.', error) };
      }
    }
    this.#remember(key, outcome);
    return settle(outcome);
  }

  /** What came of it, if this process ran it. @throws RunbookOutcomeUnknown when it did not */
  recall(key: string, what: string): Applied {
    const earlier = this.#outcomes.get(key);
    if (earlier === undefined) throw unknown(what, 'An earlier try may have begun it.');
    return settle(earlier);
  }

  #remember(key: string, outcome: Outcome): void {
    this.#outcomes.set(key, outcome);
    const [oldest] = this.#outcomes.keys();
    if (this.#outcomes.size > rememberedRuns && oldest !== undefined) this.#outcomes.delete(oldest);
  }
}

function settle(outcome: Outcome): Applied {
  if ('failed' in outcome) throw outcome.failed;
  return outcome.applied;
}

function judge(what: string, command: Command, result: CommandResult): Outcome {
  const { exitCode, reason, durationMs } = result;
  const said = quietOutput(result.output);
  const lines = said === '' ? 'It printed nothing.' : `Its last lines: ${said}`;
  if (reason === 'timeout' && command.container !== null) {
    return {
      failed: new RunbookOutcomeUnknown(
        `${what} did not end in ${command.timeoutMs / 1000} s and may still run in container ${command.container}. ${lines}`,
        'Look into the container before anything is done again.',
      ),
    };
  }
  if (exitCode !== 0) {
    const how =
      reason === 'timeout'
        ? `was stopped after ${command.timeoutMs / 1000} s`
        : exitCode === null
          ? 'was ended by a signal'
          : `ended with exit code ${exitCode}`;
    return {
      failed: new RunbookFailed(
        `${what} ${how}. ${lines}`,
        'See what it did until then; it is not run again by itself.',
      ),
    };
  }
  const receipt: Receipt = {
    summary: `${what} ended well after ${(durationMs / 1000).toFixed(1)} s. ${lines}`,
    url: null,
    data: { version: 1, exitCode, durationMs },
  };
  return { applied: { applied: true, receipt } };
}

function unknown(what: string, why: string, cause?: unknown): RunbookOutcomeUnknown {
  return new RunbookOutcomeUnknown(
    `Whether ${what} took effect is not known. ${why}`,
    'A person must look before anything is done again.',
    cause === undefined ? {} : { cause },
  );
}

import { stripVTControlCharacters } from 'node:util';
import { openServiceSandbox, type SandboxMeans } from '../../agents/open-service-sandbox.ts';
import type { Measurement } from '../../domain/plan.ts';
import type { Service } from '../../domain/service.ts';
import type { CommandResult } from '../../ports/sandbox.ts';
import type { SourceControl } from '../../ports/source-control.ts';

const limits = { timeoutMs: 60_000, outputBytes: 64_000 };
const toldMaxChars = 300;

export type Trial =
  | {
      readonly passes: true;
      readonly failedBefore: boolean;
      readonly measured: Measurement;
    }
  | { readonly passes: false; readonly reason: string };

export interface Trying extends SandboxMeans {
  readonly source: SourceControl;
}

/**
 * Runs the check on the tree before and after, each in a sandbox of its own that has no network and is thrown away. With a
 * check of its own, the service's tests have to pass afterwards as well.
 */
export async function tryChange(
  trying: Trying,
  service: Service,
  at: { readonly before: string; readonly after: string },
  check: readonly string[],
  signal: AbortSignal,
): Promise<Trial> {
  const none = await trying.sandbox.unavailable(signal);
  if (none !== null)
    return { passes: false, reason: `it cannot be tried, and untried patches are not offered: ${none}` };
  const alsoTests = check.join('\0') !== service.testCommand.join('\0');

  const after = await runAt(
    trying,
    service,
    at.after,
    alsoTests ? [check, service.testCommand] : [check],
    signal,
  );
  for (const [index, result] of after.results.entries()) {
    if (passed(result)) continue;
    const what = index === 0 ? check : service.testCommand;
    return {
      passes: false,
      reason: `with the patch \`${what.join(' ')}\` ${describe(result)}.${sayMissing(after)}`,
    };
  }
  const old = await runAt(trying, service, at.before, [check], signal);
  const [before] = old.results;
  const [now, tests] = after.results;
  if (before === undefined || now === undefined) throw new Error('a check was not run');
  return {
    passes: true,
    // Without a server that it had afterwards, its failing says nothing about the code.
    failedBefore: !passed(before) && old.missing.every((lack) => after.missing.includes(lack)),
    measured: {
      what: `${check.join(' ')}, in the sandbox`.normalize('NFC'),
      before: `${describe(before)}${sayMissing(old)}`,
      after: tests === undefined ? describe(now) : `${describe(now)}; all its tests: ${describe(tests)}`,
    },
  };
}

interface Ran {
  readonly results: readonly CommandResult[];
  /** Sentences. */
  readonly missing: readonly string[];
}

/** Stops at the first that does not pass. */
async function runAt(
  trying: Trying,
  service: Service,
  at: string,
  commands: readonly (readonly string[])[],
  signal: AbortSignal,
): Promise<Ran> {
  const tree = await trying.source.checkout(service, at, signal);
  try {
    const spec = { incidentId: 'preview', workspace: tree.path };
    const { sandbox: open, missing } = await openServiceSandbox(trying, service, spec, signal);
    try {
      const results: CommandResult[] = [];
      for (const command of commands) {
        const result = await open.run(command, limits, signal);
        results.push(result);
        if (!passed(result)) break;
      }
      return { results, missing };
    } finally {
      await open.close();
    }
  } finally {
    await tree.remove();
  }
}

function sayMissing({ missing }: Ran): string {
  return missing
    .map((lack) => ` ${lack}`)
    .join('')
    .normalize('NFC');
}

function passed(result: CommandResult): boolean {
  return result.reason === 'exit' && result.exitCode === 0;
}

/** `fails with exit code 1 in 0.8 s: AssertionError …`. */
function describe(result: CommandResult): string {
  const took = `${(result.durationMs / 1000).toFixed(1)} s`;
  if (passed(result)) return `passes in ${took}`;
  const how =
    result.reason === 'exit'
      ? `fails with exit code ${result.exitCode} in ${took}`
      : result.reason === 'timeout'
        ? `is not done after ${took}`
        : `ends by ${result.reason} after ${took}`;
  const told = telling(result.output);
  return told === '' ? how : `${how}: ${told}`;
}

/** The lines that say what is wrong, else the last ones. */
function telling(output: string): string {
  const lines = stripVTControlCharacters(output)
    .split('\n')
    .map((line) => line.replace(/[\p{Cc}\s]+/gu, ' ').trim())
    .filter((line) => line !== '');
  const wrong = lines.filter((line) => /\b(not ok|error|expected|assert\w*|failed|exception)\b/i.test(line));
  const told = (wrong.length > 0 ? wrong.slice(0, 3) : lines.slice(-3))
    .join(' · ')
    .replace(/[\s,.;]+$/, '')
    .normalize('NFC');
  return told.length <= toldMaxChars
    ? told
    : `${told.slice(0, toldMaxChars - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}

import { stripVTControlCharacters } from 'node:util';
import { isTest } from '../../domain/patch-rules.ts';
import type { Measurement } from '../../domain/plan.ts';
import type { Service } from '../../domain/service.ts';
import type { CommandResult, WorkspaceFile } from '../../ports/sandbox.ts';
import type { FileChange, SourceControl } from '../../ports/source-control.ts';
import { openServiceSandbox, type SandboxMeans } from '../open-service-sandbox.ts';
import { whyFewerPass, whyUnproven } from './why-unproven.ts';

const limits = { timeoutMs: 60_000, outputBytes: 2_000_000 };
const toldMaxChars = 300;

export type Trial =
  | {
      readonly passes: true;
      /** A sentence: why this does not show that the change repairs something; null when it does. */
      readonly unproven: string | null;
      /** Whether the check passes at `origin`; null when that was not asked or not possible to tell. */
      readonly passedAtOrigin: boolean | null;
      readonly measured: Measurement;
    }
  | { readonly passes: false; readonly reason: string };

export interface Trying extends SandboxMeans {
  readonly source: SourceControl;
}

export interface Trees {
  readonly before: string;
  readonly after: string;
  /** From `before` to `after`. Tests that it adds are put into the other trees too: that a file is missing proves nothing. */
  readonly changes?: readonly FileChange[];
  /** Before the commit that is blamed: where the check has to pass for its failing to be that commit's. */
  readonly origin?: string;
}

/**
 * Runs the check on the tree before and after, each in a sandbox of its own that has no network and is thrown away. With a
 * check of its own, the service's tests have to pass afterwards as well, and as many of them as before.
 */
export async function tryChange(
  trying: Trying,
  service: Service,
  at: Trees,
  check: readonly string[],
  signal: AbortSignal,
): Promise<Trial> {
  const none = await trying.sandbox.unavailable(signal);
  if (none !== null)
    return { passes: false, reason: `it cannot be tried, and untried patches are not offered: ${none}` };
  const own = service.testCommand;
  const alsoTests = check.join('\0') !== own.join('\0');
  const added = addedTests(at.changes ?? []);

  const after = await runAt(trying, service, at.after, alsoTests ? [check, own] : [check], [], signal);
  const [now, tests] = after.results;
  if (now === undefined) throw new Error('a check was not run');
  if (!passed(now)) return failing(check, now, after);
  if (tests !== undefined && !passed(tests)) return failing(own, tests, after);
  const old = await runAt(trying, service, at.before, alsoTests ? [check, own] : [check], added, signal);
  const [before, testsBefore] = old.results;
  if (before === undefined) throw new Error('a check was not run');
  const first =
    at.origin === undefined ? undefined : await runAt(trying, service, at.origin, [check], added, signal);
  return {
    passes: true,
    unproven:
      whyUnproven({
        before,
        after: now,
        lackedServer: old.missing.some((lack) => !after.missing.includes(lack)),
        added,
      }) ?? (tests === undefined ? null : whyFewerPass(testsBefore, tests)),
    passedAtOrigin: first?.results[0] === undefined ? null : passed(first.results[0]),
    measured: {
      what: `${check.join(' ')}, in the sandbox`.normalize('NFC'),
      before: `${describe(before)}${sayMissing(old)}`,
      after: tests === undefined ? describe(now) : `${describe(now)}; all its tests: ${describe(tests)}`,
    },
  };
}

function failing(what: readonly string[], result: CommandResult, ran: Ran): Trial {
  return {
    passes: false,
    reason: `with the patch \`${what.join(' ')}\` ${describe(result)}.${sayMissing(ran)}`,
  };
}

function addedTests(changes: readonly FileChange[]): WorkspaceFile[] {
  return changes.flatMap(({ path, content }) =>
    content !== null && isTest(path) ? [{ path, content }] : [],
  );
}

interface Ran {
  readonly results: readonly CommandResult[];
  /** Sentences. */
  readonly missing: readonly string[];
}

/** All of them, whatever the first says; one that was ended by us has used up the time for the rest. */
async function runAt(
  trying: Trying,
  service: Service,
  at: string,
  commands: readonly (readonly string[])[],
  files: readonly WorkspaceFile[],
  signal: AbortSignal,
): Promise<Ran> {
  const tree = await trying.source.checkout(service, at, signal);
  try {
    const spec = { incidentId: 'preview', workspace: tree.path };
    const { sandbox: open, missing } = await openServiceSandbox(trying, service, spec, signal);
    try {
      if (files.length > 0) await open.write(files, signal);
      const results: CommandResult[] = [];
      for (const command of commands) {
        const result = await open.run(command, limits, signal);
        results.push(result);
        if (result.reason !== 'exit') break;
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

import { stripVTControlCharacters } from 'node:util';
import { readTestResults } from '../../analysis/test-results/read-test-results.ts';
import { clip, type TestFormat, type TestReport } from '../../analysis/test-results/test-report.ts';
import type { CommandResult, WorkspaceFile } from '../../ports/sandbox.ts';

/** The same check without the patch and with it. Tests that the patch adds are there both times. */
export interface Compared {
  readonly before: CommandResult;
  readonly after: CommandResult;
  /** A server that it had afterwards was not there before. */
  readonly lackedServer: boolean;
  /** Test files that the patch adds. */
  readonly added: readonly WorkspaceFile[];
}

/**
 * Why a check that passes with a patch does not show that the patch repairs something; null when it does. An exit code alone
 * shows nothing: code that is tested can end the run. Tests have to say by name, or at least in number, that they passed.
 */
export function whyUnproven({ before, after, lackedServer, added }: Compared): string | null {
  if (before.reason === 'timeout')
    return 'its check was not done in time without the patch, and being slow is no failing.';
  if (before.reason !== 'exit')
    return `its check ended by ${before.reason} without the patch, which shows nothing.`;
  if (before.exitCode === 0) return 'its check does not fail without the patch, so it shows nothing.';
  if (before.exitCode === 126 || before.exitCode === 127)
    return 'its check could not be run without the patch, which shows nothing.';
  if (lackedServer) return 'a server that its check had with the patch was not there without it.';
  const [old, now] = [readReport(before), readReport(after)];
  if (old === null || old.failures.length === 0)
    return 'its check names no test that fails without the patch, and an exit code alone shows nothing.';
  if (now === null) return 'its check tells of no test that passes with the patch.';
  if (now.passed < old.passed + old.failed)
    return `only ${now.passed} tests pass with the patch, of ${old.passed + old.failed} that there are without it.`;
  const list = lists[now.format];
  if (list === undefined) return null;
  const told = stripVTControlCharacters(after.output).matchAll(list.passing);
  const listed = new Set(Array.from(told, ([, name = '']) => clip(name.trim(), nameChars)));
  if (list.of === 'tests') {
    // A file that ends early without a word is told as a test that passed.
    const asFile = old.failures.find(({ name }) => /^\S*\.[cm]?[jt]sx?$/.test(name));
    if (asFile !== undefined) return `${asFile.name} fails without the patch before any test of it has run.`;
    const gone = old.failures.find(({ name }) => !listed.has(name));
    if (gone !== undefined)
      return `the test “${gone.name}” fails without the patch, and with it nothing says that it passes.`;
  }
  for (const { path, content } of added) {
    const names = list.of === 'files' ? [path] : namesOf(content);
    if (names.length === 0) return `no name of a test can be read from ${path}.`;
    const unsaid = names.find((name) => !listed.has(name));
    if (unsaid !== undefined) return `nothing says that “${unsaid}” of ${path} passes with the patch.`;
  }
  return null;
}

/** Why the service's own tests are no help; null when at least as many pass as before. */
export function whyFewerPass(before: CommandResult | undefined, after: CommandResult): string | null {
  const now = readReport(after);
  if (now === null) return 'the service’s own tests tell of no test that passes with it.';
  const old = before === undefined ? null : readReport(before);
  return old !== null && now.passed < old.passed
    ? `only ${now.passed} of the service’s own tests pass with it, of ${old.passed} that pass without it.`
    : null;
}

function readReport(result: CommandResult): TestReport | null {
  const report = readTestResults(result.output, result.reason !== 'exit', result.exitCode);
  return report === null || report.cut || report.total === 0 ? null : report;
}

const nameChars = 300;

/** How a format names what passed, for those that do. The others tell numbers alone. */
const lists: Readonly<Partial<Record<TestFormat, { of: 'tests' | 'files'; passing: RegExp }>>> = {
  'node-spec': { of: 'tests', passing: /^[ \t]*[✔▶] (.+?)(?: \([\d.]+ms\))?$/gm },
  tap: { of: 'tests', passing: /^[ \t]*ok \d+ - (.+?)(?: # time=\S+)?(?: \{)?$/gm },
  'go-json': { of: 'tests', passing: /^\{[^\n]{0,200}"Action":"pass"[^\n]{0,500}?"Test":"([^"\n]+)"/gm },
  'jest-text': { of: 'files', passing: /^PASS (\S+)/gm },
  'vitest-text': { of: 'files', passing: /^[ \t]*✓ (?:\|[^|\n]*\| )?(\S+) /gm },
};

/** Tests by the plain names that their text gives them. */
function namesOf(content: WorkspaceFile['content']): string[] {
  const text = typeof content === 'string' ? content : Buffer.from(content).toString('utf8');
  const named = text.matchAll(
    /(?<![.\w])(?:test|it)\(\s*(?:'([^'\\\n]+)'|"([^"\\\n]+)"|`([^`\\$\n]+)`)|^func (Test\w+)\(/gm,
  );
  return Array.from(named, ([, a, b, c, d]) => (a ?? b ?? c ?? d ?? '').trim());
}

import { stripVTControlCharacters } from 'node:util';
import { parseGoJson, parseGoText } from './parse-go-test.ts';
import { parseJestJson } from './parse-jest-json.ts';
import { parseJunit } from './parse-junit.ts';
import { parseNodeSpec } from './parse-node-spec.ts';
import { parsePytest } from './parse-pytest.ts';
import {
  parseJestText,
  parseMocha,
  parseSurefire,
  parseUnittest,
  parseVitestText,
} from './parse-summaries.ts';
import { parseTap } from './parse-tap.ts';
import { mostReportChars, type TestFormat, type TestReport } from './test-report.ts';

const parsers: Readonly<Record<TestFormat, (text: string, cut: boolean) => TestReport>> = {
  tap: parseTap,
  junit: parseJunit,
  'jest-json': parseJestJson,
  'node-spec': parseNodeSpec,
  pytest: parsePytest,
  'go-json': parseGoJson,
  'go-text': parseGoText,
  'jest-text': parseJestText,
  'vitest-text': parseVitestText,
  mocha: parseMocha,
  unittest: parseUnittest,
  surefire: parseSurefire,
};

/** How each format shows itself, the surest first. */
const signs: readonly [TestFormat, RegExp][] = [
  ['go-json', /^\{"Time":"[^"]*","Action":"|^\{"(?:ImportPath|Action)":"[^\n]*"Action":"/m],
  ['jest-json', /\{\s*"(?:numTotalTestSuites|numFailedTestSuites|testResults)"/],
  ['junit', /<testsuites?[\s>]/],
  ['tap', /^TAP version 1[34]$|^1\.\.\d+$/m],
  ['node-spec', /^ℹ (?:tests|pass) \d+$|^✖ failing tests:$|^[^\S\n]*[✔✖] .+ \([\d.]+ms\)$/m],
  [
    'pytest',
    /^=+ test session starts =+$|^(?:=+ )?\d+ (?:passed|failed|errors?|skipped|xfailed|xpassed)\b.* in [\d.]+s/m,
  ],
  [
    'go-text',
    /^[^\S\n]*--- (?:PASS|FAIL|SKIP): |^(?:ok|FAIL)\s+\S+\s+(?:[\d.]+s|\(cached\)|\[build failed\])/m,
  ],
  ['jest-text', /^Tests: +\d.*\d+ total$/m],
  ['vitest-text', /^ +Tests +\d.*\(\d+\)$/m],
  ['mocha', /^ {2}\d+ (?:passing \(|failing$)/m],
  ['unittest', /^Ran \d+ tests? in [\d.]+s$/m],
  ['surefire', /^(?:\[\w+\] +)?Tests run: \d+, Failures: \d+, Errors: /m],
];

/**
 * Reads what a test run printed, whichever known format it is in; null when it is in none. Code under test prints into the
 * same text, so of several formats the one that tells of failures and accounts for most is taken.
 * @param cut it was ended early
 * @param exitCode of the run, where it is known: a report that contradicts it is none
 */
export function readTestResults(output: string, cut = false, exitCode?: number | null): TestReport | null {
  const tooLong = output.length > mostReportChars;
  const text = stripVTControlCharacters(tooLong ? output.slice(0, mostReportChars) : output);
  const reports = signs
    .filter(([, sign]) => sign.test(text))
    .map(([format]) => parsers[format](text, cut || tooLong))
    .filter((report) => !contradicts(report, exitCode, cut || tooLong));
  const [best] = reports.toSorted(
    (a, b) =>
      Number(b.failed > 0) - Number(a.failed > 0) || b.total - a.total || Number(a.cut) - Number(b.cut),
  );
  return best ?? null;
}

function contradicts(report: TestReport, exitCode: number | null | undefined, cut: boolean): boolean {
  if (exitCode === undefined || exitCode === null) return false;
  if (exitCode === 0) return report.failed > 0 || report.total === 0;
  // The failures may be in what was left out.
  return report.failed === 0 && !cut;
}

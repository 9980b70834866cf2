import { stripVTControlCharacters } from 'node:util';
import { parseGoJson, parseGoText } from './parse-go-test.ts';
import { parseJestJson } from './parse-jest-json.ts';
import { parseJunit } from './parse-junit.ts';
import { parseNodeSpec } from './parse-node-spec.ts';
import { parsePytest } from './parse-pytest.ts';
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
};

/** How each format shows itself, the surest first. */
const signs: readonly [TestFormat, RegExp][] = [
  ['go-json', /^\{"Time":"[^"]*","Action":"|^\{"(?:ImportPath|Action)":"[^\n]*"Action":"/m],
  ['jest-json', /\{\s*"(?:numTotalTestSuites|numFailedTestSuites|testResults)"/],
  ['junit', /<testsuites?[\s>]/],
  ['tap', /^TAP version 1[34]$|^1\.\.\d+$|^(?:not )?ok \d+\b/m],
  ['node-spec', /^ℹ (?:tests|pass) \d+$|^✖ failing tests:$|^\s*[✔✖] .+ \([\d.]+ms\)$/m],
  ['pytest', /^=+ test session starts =+$|^=+ .*\b\d+ (?:passed|failed|error).* in [\d.]+s.*=+$/m],
  ['go-text', /^\s*--- (?:PASS|FAIL|SKIP): |^(?:ok|FAIL)\s+\S+\s+(?:[\d.]+s|\(cached\)|\[build failed\])/m],
];

/** Reads what a test run printed, whichever known format it is in; null when it is in none. `cut`: it was ended early. */
export function readTestResults(output: string, cut = false): TestReport | null {
  const tooLong = output.length > mostReportChars;
  const text = stripVTControlCharacters(tooLong ? output.slice(0, mostReportChars) : output);
  const format = signs.find(([, sign]) => sign.test(text))?.[0];
  return format === undefined ? null : parsers[format](text, cut || tooLong);
}

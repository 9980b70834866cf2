import { z } from 'zod';
import { inWorkspace, makeReport, type Outcome, type TestReport, toNumber } from './test-report.ts';

const assertion = z.looseObject({
  fullName: z.string().catch(''),
  title: z.string().catch(''),
  status: z.string().catch(''),
  failureMessages: z.array(z.string()).nullish().catch([]),
  location: z.looseObject({ line: z.number() }).nullish().catch(null),
});
const file = z.looseObject({
  name: z.string().catch(''),
  status: z.string().catch(''),
  message: z.string().catch(''),
  startTime: z.number().nullish().catch(null),
  endTime: z.number().nullish().catch(null),
  assertionResults: z.array(assertion).catch([]),
});
const report = z.looseObject({
  startTime: z.number().nullish().catch(null),
  testResults: z.array(file),
});

/** `--reporter=json` of vitest, `--json` of jest; of one that is cut the counts at its begin are left. */
export function parseJestJson(text: string, cut: boolean): TestReport {
  const parsed = report.safeParse(readJson(text));
  if (!parsed.success) {
    const count = (name: string): number | undefined =>
      toNumber(new RegExp(`"${name}":(\\d+)`).exec(text)?.[1]);
    return makeReport('jest-json', [], {
      total: count('numTotalTests'),
      passed: count('numPassedTests'),
      failed: count('numFailedTests'),
      skipped: count('numPendingTests'),
      cut: true,
    });
  }
  const { testResults, startTime } = parsed.data;
  const outcomes = testResults.flatMap((one): Outcome[] => {
    if (one.assertionResults.length === 0 && one.status === 'failed')
      return [
        { name: inWorkspace(one.name), outcome: 'failed', file: inWorkspace(one.name), message: one.message },
      ];
    return one.assertionResults.map((test) => {
      const [first = ''] = test.failureMessages ?? [];
      const stackAt = first.search(/\n[^\S\n]+at /);
      return {
        name: test.fullName.trim() || test.title,
        outcome: test.status === 'passed' ? 'passed' : test.status === 'failed' ? 'failed' : 'skipped',
        file: inWorkspace(one.name),
        line: test.location?.line ?? lineIn(first, one.name),
        message: stackAt < 0 ? first : first.slice(0, stackAt),
        stack: stackAt < 0 ? '' : first.slice(stackAt),
      };
    });
  });
  const ends = testResults.flatMap(({ endTime }) => (typeof endTime === 'number' ? [endTime] : []));
  const durationMs =
    typeof startTime === 'number' && ends.length > 0
      ? Math.max(0, ends.reduce((a, b) => Math.max(a, b)) - startTime)
      : null;
  return makeReport('jest-json', outcomes, { durationMs, cut });
}

function lineIn(stack: string, file: string): number | undefined {
  const at = stack.indexOf(`${file}:`);
  return at < 0
    ? undefined
    : toNumber(/^\d+/.exec(stack.slice(at + file.length + 1, at + file.length + 12))?.[0]);
}

function readJson(text: string): unknown {
  const from = text.search(/\{\s*"(?:numTotalTestSuites|numFailedTestSuites|testResults)"/);
  try {
    return from < 0 ? null : JSON.parse(text.slice(from, endOfObject(text, from)));
  } catch {
    return null;
  }
}

/** Where the object that begins there closes; what is printed after it may have braces too. */
function endOfObject(text: string, from: number): number {
  let depth = 0;
  let inText = false;
  for (let at = from; at < text.length; at += 1) {
    const one = text[at];
    if (one === '"') inText = !inText;
    else if (inText && one === '\\') at += 1;
    else if (!inText && (one === '{' || one === '}')) {
      depth += one === '{' ? 1 : -1;
      if (depth === 0) return at + 1;
    }
  }
  return text.length;
}

import { readXml } from './read-xml.ts';
import { inWorkspace, makeReport, type Outcome, type TestReport, toNumber } from './test-report.ts';

/** JUnit's XML as pytest, node:test, vitest, Maven, gotestsum and others write it. */
export function parseJunit(text: string, cut: boolean): TestReport {
  const from = text.search(/<\?xml|<testsuites?[\s>]/);
  const { pieces, whole } = readXml(from < 0 ? '' : text.slice(from));
  const outcomes: Outcome[] = [];
  let outerSeconds: number | undefined;
  let innerSeconds: number | undefined;
  let test: { -readonly [Key in keyof Outcome]: Outcome[Key] } | null = null;
  let reading: 'failure' | null = null;
  let depth = 0;
  const finish = (): void => {
    if (test !== null) outcomes.push(test);
    test = null;
    reading = null;
  };
  for (const piece of pieces) {
    if (piece.kind === 'text') {
      if (test !== null && reading !== null) test.stack = `${test.stack ?? ''}${piece.text}`.slice(0, 20_000);
      continue;
    }
    if (piece.kind === 'close') {
      if (piece.name === 'testcase') finish();
      else if (piece.name === 'failure' || piece.name === 'error') reading = null;
      else if (piece.name === 'testsuite' || piece.name === 'testsuites') depth -= 1;
      continue;
    }
    const { name, attributes, closed } = piece;
    if (name === 'testsuite' || name === 'testsuites') {
      // The outermost time covers those below it; without one, suites side by side add up.
      const time = toNumber(attributes['time']);
      if (depth === 0) outerSeconds = time;
      else if (depth === 1 && time !== undefined) innerSeconds = (innerSeconds ?? 0) + time;
      if (!closed) depth += 1;
    } else if (name === 'testcase') {
      const from = attributes['classname'] ?? '';
      const own = attributes['name'] ?? '';
      const line = toNumber(attributes['line']);
      test = {
        name: from === '' || from === 'test' || own.startsWith(from) ? own : `${from} ${own}`,
        outcome: 'passed',
        ...(attributes['file'] === undefined ? {} : { file: inWorkspace(attributes['file']) }),
        ...(line === undefined ? {} : { line }),
      };
      if (closed) finish();
    } else if (test !== null && (name === 'failure' || name === 'error')) {
      test.outcome = 'failed';
      test.message ??= attributes['message'] ?? '';
      if (!closed) reading = 'failure';
    } else if (test !== null && name === 'skipped' && test.outcome === 'passed') test.outcome = 'skipped';
  }
  // Cut in the middle of a test that has failed already: it is worth telling.
  const last = test as Outcome | null;
  if (last !== null && last.outcome === 'failed') finish();
  const seconds = outerSeconds ?? innerSeconds;
  return makeReport('junit', outcomes.map(withPlace), {
    durationMs: seconds === undefined ? null : Math.round(seconds * 1000),
    cut: cut || !whole,
  });
}

/** pytest says where in the last line of its text: `tests/test_cart.py:12: AssertionError`. */
function withPlace(test: Outcome): Outcome {
  if (test.outcome !== 'failed' || (test.file !== undefined && test.line !== undefined)) return test;
  const found = /^([^\s:]{1,300}\.\w{1,8}):(\d{1,7}): ?\w*/m.exec(test.stack ?? '');
  return found === null ? test : { ...test, file: found[1] ?? '', line: Number(found[2]) };
}

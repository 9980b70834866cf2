import { inWorkspace, makeReport, type Outcome, type TestReport } from './test-report.ts';

const bodyRows = 40;

/** jest without a reporter: `Tests:       1 failed, 1 passed, 2 total`, and a `●` before each failure. */
export function parseJestText(text: string, cut: boolean): TestReport {
  const row = lastOf(text, /^Tests: +(\d.*\d+ total)$/gm);
  const failures = sectionsOf(text, /^ {2}● (?!Console)(.+)$/, /^ {2}● |^Test Suites: |^(?:PASS|FAIL) /);
  return counted('jest-text', row?.[1], unique(failures), cut);
}

/** vitest without a reporter: `Tests  1 failed | 1 passed (2)`. */
export function parseVitestText(text: string, cut: boolean): TestReport {
  const row = lastOf(text, /^ +Tests +(\d.*\(\d+\))$/gm);
  const told = sectionsOf(text, /^ *FAIL {1,2}(.+? > .+)$/, /^ *FAIL {1,2}|^⎯+/);
  const failures = told.length > 0 ? told : sectionsOf(text, /^ {2,}[×✗] (.+?)(?: \d+ms)?$/, /^ *[×✗✓❯]/);
  return counted('vitest-text', row?.[1], unique(failures), cut);
}

/** mocha's `spec`: `1 passing (5ms)`, `1 failing`, and the failures again with a number each. */
export function parseMocha(text: string, cut: boolean): TestReport {
  const said = ['passing', 'failing', 'pending']
    .map((word) => lastOf(text, new RegExp(`^ {2}(\\d+ ${word})\\b.*$`, 'gm'))?.[1] ?? '')
    .join(' ');
  const at = text.search(/^ {2}\d+ failing$/m);
  const failures = sectionsOf(at < 0 ? '' : text.slice(at), /^ {2}\d+\) (.+)$/, /^ {2}\d+\) /).map((one) => {
    // The titles of its groups stand on rows of their own, down to one that ends with a colon.
    const rows = (one.stack ?? '').split('\n');
    const end = one.name.endsWith(':') ? 0 : rows.findIndex((row) => row.endsWith(':')) + 1;
    const name = [one.name, ...rows.slice(0, end)].map((row) => row.trim()).join(' ');
    return told(name.replace(/:$/, ''), rows.slice(end).join('\n'));
  });
  return counted('mocha', said, failures, cut);
}

/** Python's unittest: `Ran 2 tests in 0.001s`, then `OK` or `FAILED (failures=1)`. */
export function parseUnittest(text: string, cut: boolean): TestReport {
  const ran = lastOf(text, /^Ran (\d+) tests? in ([\d.]+)s$/gm);
  const end = lastOf(text, /^(?:OK|FAILED)(?: \(([^)\n]*)\))?$/gm);
  const failures = sectionsOf(text, /^(?:FAIL|ERROR): (.+)$/, /^={20,}$|^Ran \d+ tests? in /).map(
    ({ name, stack = '' }): Outcome => {
      const place = [...stack.matchAll(/^ +File "([^"\n]{1,300})", line (\d{1,7})/gm)].at(-1);
      return {
        name,
        outcome: 'failed',
        ...(place === undefined ? {} : { file: inWorkspace(place[1] ?? ''), line: Number(place[2]) }),
        message: lastOf(stack, /^(\w[\w.]*(?:Error|Exception|Failure)\b.*)$/gm)?.[1] ?? '',
        stack,
      };
    },
  );
  const of = (name: string): number => Number(new RegExp(`\\b${name}=(\\d+)`).exec(end?.[1] ?? '')?.[1] ?? 0);
  if (ran === undefined) return makeReport('unittest', failures, { cut: true });
  const total = Number(ran[1]);
  const failed = of('failures') + of('errors') + of('unexpected successes');
  const skipped = of('skipped') + of('expected failures');
  return makeReport('unittest', failures, {
    total,
    failed,
    skipped,
    passed: Math.max(0, total - failed - skipped),
    durationMs: Math.round(Number(ran[2]) * 1000),
    cut: cut || end === undefined,
  });
}

const surefireRow =
  /^(?:\[\w+\] +)?Tests run: (\d+), Failures: (\d+), Errors: (\d+), Skipped: (\d+)(, Time elapsed.*)?$/gm;

/** Maven Surefire: a row each class, and one without a time for the module. */
export function parseSurefire(text: string, cut: boolean): TestReport {
  const all = [...text.matchAll(surefireRow)];
  const modules = all.filter((row) => row[5] === undefined);
  const sum = (at: number): number =>
    (modules.length > 0 ? modules : all).reduce((total, row) => total + Number(row[at]), 0);
  const failures = [...text.matchAll(/^\[ERROR\] {3}([\w$.]+(?:->[\w$.:]+)?):(\d{1,7}) (.*)$/gm)].map(
    ([, name = '', line, message = '']): Outcome => ({
      name,
      outcome: 'failed',
      file: `${name.split('.').at(-2) ?? name}.java`,
      line: Number(line),
      message,
    }),
  );
  const [total, failed, skipped] = [sum(1), sum(2) + sum(3), sum(4)];
  return makeReport('surefire', failures, {
    total,
    failed,
    skipped,
    passed: Math.max(0, total - failed - skipped),
    cut: cut || modules.length === 0,
  });
}

/** Counts in words: `1 failed, 2 passed`. Without them what was listed is all there is. */
function counted(
  format: 'jest-text' | 'vitest-text' | 'mocha',
  row: string | undefined,
  failures: readonly Outcome[],
  cut: boolean,
): TestReport {
  const of = (words: string): number =>
    [...(row ?? '').matchAll(new RegExp(`(\\d+) (?:${words})\\b`, 'g'))].reduce(
      (n, one) => n + Number(one[1]),
      0,
    );
  return makeReport(
    format,
    failures,
    row === undefined || row.trim() === ''
      ? { cut: true }
      : {
          passed: of('passed|passing'),
          failed: of('failed|failing'),
          skipped: of('skipped|todo|pending'),
          cut,
        },
  );
}

function sectionsOf(text: string, head: RegExp, end: RegExp): Outcome[] {
  const rows = text.split(/\r?\n/);
  return rows.flatMap((row, at): Outcome[] => {
    const name = head.exec(row.slice(0, 2_000))?.[1];
    if (name === undefined) return [];
    const body = rows.slice(at + 1, at + 1 + bodyRows);
    const until = body.findIndex((one) => end.test(one));
    return [told(name, body.slice(0, until < 0 ? undefined : until).join('\n'))];
  });
}

function told(name: string, body: string): Outcome {
  const place = /\(?([^\s():]{1,300}\.[cm]?[jt]sx?):(\d{1,7}):\d{1,7}\)?/.exec(body);
  return {
    name,
    outcome: 'failed',
    ...(place === null ? {} : { file: inWorkspace(place[1] ?? ''), line: Number(place[2]) }),
    message:
      body
        .trim()
        .split('\n')[0]
        ?.replace(/^\s*→ /, '') ?? '',
    stack: body,
  };
}

function unique(failures: readonly Outcome[]): Outcome[] {
  return [...new Map(failures.map((one) => [one.name, one])).values()];
}

function lastOf(text: string, pattern: RegExp): RegExpMatchArray | undefined {
  return [...text.matchAll(pattern)].at(-1);
}

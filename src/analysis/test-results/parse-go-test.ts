import { z } from 'zod';
import { makeReport, type Outcome, type TestReport } from './test-report.ts';

const event = z.looseObject({
  Action: z.string(),
  Package: z.string().catch(''),
  Test: z.string().optional(),
  Output: z.string().catch(''),
  Elapsed: z.number().optional().catch(undefined),
});

interface Told {
  readonly name: string;
  readonly group: string;
  outcome: Outcome['outcome'] | null;
  output: string;
}

/** `go test -json`: one event a line; a test that has subtests is those. */
export function parseGoJson(text: string, cut: boolean): TestReport {
  const tests = new Map<string, Told>();
  const packages = new Map<string, { failed: boolean; output: string; ended: boolean; seconds: number }>();
  for (const row of text.split('\n')) {
    const read = row.startsWith('{') ? event.safeParse(readRow(row)) : null;
    if (read === null || !read.success) continue;
    const { Action, Package, Test, Output, Elapsed } = read.data;
    if (Test === undefined) {
      const known = packages.get(Package) ?? { failed: false, output: '', ended: false, seconds: 0 };
      packages.set(Package, known);
      known.output = (known.output + Output).slice(0, 8_000);
      if (Action === 'pass' || Action === 'fail' || Action === 'skip')
        Object.assign(known, { ended: true, failed: Action === 'fail', seconds: Elapsed ?? 0 });
      continue;
    }
    const key = `${Package}\0${Test}`;
    const known = tests.get(key) ?? { name: Test, group: Package, outcome: null, output: '' };
    tests.set(key, known);
    if (Action === 'output') known.output = (known.output + Output).slice(0, 8_000);
    if (Action === 'pass') known.outcome = 'passed';
    if (Action === 'fail') known.outcome = 'failed';
    if (Action === 'skip') known.outcome = 'skipped';
  }
  const parents = new Set([...tests.values()].flatMap((one) => parentsOf(one)));
  const outcomes = [...tests.entries()].flatMap(([key, told]): Outcome[] =>
    told.outcome === null || parents.has(key)
      ? []
      : [toOutcome(told.name, told.group, told.outcome, told.output)],
  );
  // A package that does not build has no test that could fail.
  for (const [name, told] of packages)
    if (told.failed && ![...tests.values()].some((one) => one.group === name && one.outcome === 'failed'))
      outcomes.push({
        name,
        outcome: 'failed',
        message: told.output.trim().slice(0, 800),
        stack: told.output,
      });
  const seconds = [...packages.values()].reduce((sum, one) => sum + one.seconds, 0);
  return makeReport('go-json', outcomes, {
    durationMs: packages.size === 0 ? null : Math.round(seconds * 1000),
    cut: cut || packages.size === 0 || [...packages.values()].some((one) => !one.ended),
  });
}

/** `go test -v`, and what of it is told without `-v`. */
export function parseGoText(text: string, cut: boolean): TestReport {
  const rows = text.split('\n');
  const found: { name: string; outcome: Outcome['outcome']; output: string }[] = [];
  for (const [index, row] of rows.entries()) {
    const head = /^\s*--- (PASS|FAIL|SKIP): (\S+) \([\d.]+s\)$/.exec(row);
    if (head === null) continue;
    const body = rows.slice(index + 1, index + 40);
    const end = body.findIndex((one) => /^\s*---|^(=== |ok|FAIL|PASS)/.test(one));
    const outcome = head[1] === 'PASS' ? 'passed' : head[1] === 'FAIL' ? 'failed' : 'skipped';
    const name = head[2] ?? '';
    const from = rows.lastIndexOf(`=== RUN   ${name}`, index);
    const before = from < 0 ? [] : rows.slice(from + 1, Math.min(index, from + 40));
    const until = before.findIndex((one) => /^(=== |\s*---)/.test(one));
    found.push({
      name,
      outcome,
      output: [
        ...before.slice(0, until < 0 ? undefined : until),
        ...body.slice(0, end < 0 ? undefined : end),
      ].join('\n'),
    });
  }
  const parents = new Set(
    found.flatMap(({ name }) => (name.includes('/') ? [name.slice(0, name.lastIndexOf('/'))] : [])),
  );
  const outcomes = found
    .filter(({ name }) => !parents.has(name))
    .map(({ name, outcome, output }) => toOutcome(name, '', outcome, output));
  // A panic outside of the test's own goroutine and a package that does not build have no row of a test.
  if (!outcomes.some(({ outcome }) => outcome === 'failed'))
    for (const [, name = ''] of text.matchAll(/^FAIL\s+(\S+)(?:\s+[\d.]+s|\s+\[[\w ]+\])$/gm)) {
      const panic = text.search(/^panic: /m);
      outcomes.push(toOutcome(name, '', 'failed', panic < 0 ? '' : text.slice(panic, panic + 8_000)));
    }
  const ends = [...text.matchAll(/^(?:ok|FAIL|---)\s+\S+\s+([\d.]+)s/gm)];
  const seconds = ends.reduce((sum, one) => sum + Number(one[1]), 0);
  return makeReport('go-text', outcomes, {
    durationMs: ends.length === 0 ? null : Math.round(seconds * 1000),
    cut: cut || !/^(ok|FAIL|PASS)\b/m.test(text),
  });
}

function toOutcome(name: string, group: string, outcome: Outcome['outcome'], output: string): Outcome {
  const said = output
    .split('\n')
    .filter((row) => !/^\s*(===|---)/.test(row))
    .join('\n');
  const panic = /^panic: (.*?)(?: \[recovered\].*)?$/m.exec(said);
  // Of a panic, the innermost frame of own code: frames of the library come before it.
  const place =
    panic === null
      ? /^[^\S\n]*([\w./-]{1,200}\.go):(\d{1,7}): ?(.*)$/m.exec(said)
      : /^\t(?:\/work\/)((?!vendor\/)[\w./-]{1,200}\.go):(\d{1,7})(?: \+0x|$)/m.exec(said.slice(panic.index));
  return {
    name: group === '' ? name : `${group} ${name}`,
    outcome,
    file: place?.[1],
    line: place === null ? undefined : Number(place[2]),
    message: (panic === null ? place?.[3] : `panic: ${panic[1]}`) || said.trim().split('\n')[0],
    stack: said,
  };
}

function parentsOf({ name, group }: Told): string[] {
  const parts = name.split('/');
  return parts.slice(1).map((_, index) => `${group}\0${parts.slice(0, index + 1).join('/')}`);
}

function readRow(row: string): unknown {
  try {
    return JSON.parse(row);
  } catch {
    return null;
  }
}

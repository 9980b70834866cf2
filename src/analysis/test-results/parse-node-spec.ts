import { inWorkspace, makeReport, type Outcome, type TestReport } from './test-report.ts';

/** What `node --test` prints when no reporter is named: the failures are told again at its end, with where they stand. */
export function parseNodeSpec(text: string, cut: boolean): TestReport {
  const said: Record<string, number> = {};
  for (const found of text.matchAll(/^ℹ (tests|pass|fail|cancelled|skipped|todo|duration_ms) ([\d.]+)$/gm))
    said[found[1] ?? ''] = Number(found[2]);
  const lines = text.split(/\r?\n/);
  const told = lines.indexOf('✖ failing tests:');
  const failures = told < 0 ? failuresAsTheyCame(lines) : failuresAtEnd(lines.slice(told + 1));
  const whole = said['tests'] !== undefined;
  return makeReport('node-spec', failures, {
    ...(whole
      ? {
          total: said['tests'],
          passed: said['pass'],
          failed: (said['fail'] ?? 0) + (said['cancelled'] ?? 0),
          skipped: (said['skipped'] ?? 0) + (said['todo'] ?? 0),
        }
      : { passed: lines.filter((row) => /^\s*✔ /.test(row)).length }),
    durationMs: said['duration_ms'],
    cut: cut || !whole,
  });
}

function failuresAtEnd(lines: readonly string[]): Outcome[] {
  const failures: Outcome[] = [];
  let place: { file: string; line: number } | null = null;
  for (let i = 0; i < lines.length; i += 1) {
    const row = lines[i] ?? '';
    const at = /^test at (.+):(\d+):\d+$/.exec(row);
    if (at !== null) place = { file: inWorkspace(at[1] ?? ''), line: Number(at[2]) };
    const name = /^✖ (.+?)(?: \([\d.]+ms\))?$/.exec(row)?.[1];
    if (name === undefined) continue;
    const details: string[] = [];
    while (i + 1 < lines.length && !/^(test at |✖ )/.test(lines[i + 1] ?? '')) {
      i += 1;
      if (details.length < 60) details.push((lines[i] ?? '').replace(/^ {2}/, ''));
    }
    const stackAt = details.findIndex((one) => /^\s+at /.test(one));
    failures.push({
      name,
      outcome: 'failed',
      ...(place === null ? {} : place),
      message: details.slice(0, stackAt < 0 ? 12 : stackAt).join('\n'),
      stack: stackAt < 0 ? '' : details.slice(stackAt).join('\n'),
    });
    place = null;
  }
  return failures;
}

function failuresAsTheyCame(lines: readonly string[]): Outcome[] {
  return lines.flatMap((row): Outcome[] => {
    const name = /^\s*✖ (.+?)(?: \([\d.]+ms\))?$/.exec(row)?.[1];
    return name === undefined ? [] : [{ name, outcome: 'failed' }];
  });
}

import { makeReport, type Outcome, type TestReport } from './test-report.ts';

/** With `-q` it stands without the equal signs. */
const summaryRow =
  /^(?:=+ )?(\d+ (?:passed|failed|errors?|skipped|deselected|xfailed|xpassed|warnings?)\b.*?) in ([\d.]+)s(?: \([^)\n]*\))?(?: =+)?\r?$/gm;

/** pytest's own text; with `-rA` it names every test, without it those that failed. */
export function parsePytest(text: string, cut: boolean): TestReport {
  const summary = [...text.matchAll(summaryRow)].at(-1) ?? null;
  const count = (...words: string[]): number =>
    words.reduce(
      (sum, word) => sum + Number(new RegExp(`(\\d+) ${word}`).exec(summary?.[1] ?? '')?.[1] ?? 0),
      0,
    );
  const sections = readSections(text);
  const seen = new Set<string>();
  const failures: Outcome[] = [];
  for (const found of text.matchAll(
    /^(?:FAILED|ERROR) ([^\s[]+(?:\[.*?\](?= - |\r?$))?)(?: - (.*))?\r?$/gm,
  )) {
    const [, id = '', message = ''] = found;
    // Log lines begin with these words too.
    if (seen.has(id) || !/\.py(?:::|$)/.test(id)) continue;
    seen.add(id);
    const name = id.split('::').slice(1).join('.') || id;
    const section = sections.get(name) ?? '';
    const place = [...section.matchAll(/^([^\s:]{1,300}\.py):(\d{1,7}): /gm)].at(-1);
    failures.push({
      name: id,
      outcome: 'failed',
      file: place?.[1] ?? id.split('::')[0],
      line: place === undefined ? undefined : Number(place[2]),
      message: message || (/^E {3}(.*)$/m.exec(section)?.[1] ?? ''),
      stack: section,
    });
  }
  for (const [name, section] of summary === null ? sections : [])
    failures.push({
      name,
      outcome: 'failed',
      message: /^E {3}(.*)$/m.exec(section)?.[1] ?? '',
      stack: section,
    });
  return makeReport('pytest', failures, {
    ...(summary === null
      ? {}
      : {
          passed: count('passed', 'xpassed'),
          failed: count('failed', 'error'),
          skipped: count('skipped', 'xfailed'),
        }),
    durationMs: summary === null ? null : Math.round(Number(summary[2]) * 1000),
    cut: cut || summary === null,
  });
}

/** Below `____ name ____` stands what happened in a test. */
function readSections(text: string): Map<string, string> {
  const sections = new Map<string, string>();
  let name: string | null = null;
  let body: string[] = [];
  for (const row of text.split(/\r?\n/)) {
    const head = /^_{3,} (?:ERROR at \w+ of )?(.+?) _{3,}$/.exec(row);
    if (head !== null || /^={3,} .* ={3,}$/.test(row)) {
      if (name !== null) sections.set(name, body.join('\n'));
      name = head?.[1] ?? null;
      body = [];
    } else if (name !== null && body.length < 200) body.push(row);
  }
  if (name !== null) sections.set(name, body.join('\n'));
  return sections;
}

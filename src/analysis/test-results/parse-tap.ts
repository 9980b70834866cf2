import { inWorkspace, makeReport, type Outcome, type TestReport, toNumber } from './test-report.ts';

const point = /^( *)(not )?ok\b *(\d+)?(?: -)? ?(.*)$/;

interface Point extends Outcome {
  readonly indent: number;
}

/** TAP 13 and 14, subtests included: a test that has subtests is those, unless it fails with all of them passing. */
export function parseTap(text: string, cut: boolean): TestReport {
  const lines = text.split(/\r?\n/);
  const open: Point[] = [];
  let outcomes: Point[] = [];
  const said: Record<string, number> = {};
  let planned: number | undefined;
  let bailed = false;
  let braces = 0;
  let openBraces = 0;
  for (let i = 0; i < lines.length; i += 1) {
    const row = lines[i] ?? '';
    const summary = /^# (tests|pass|fail|skipped|todo|duration_ms) ([\d.]+)$/.exec(row);
    if (summary !== null) said[summary[1] ?? ''] = Number(summary[2]);
    if (/^1\.\.\d+/.test(row)) planned = toNumber(/^1\.\.(\d+)/.exec(row)?.[1]);
    if (row.startsWith('Bail out!')) bailed = true;
    if (row.trim() === '}') openBraces -= 1;
    const found = point.exec(row);
    if (found === null) continue;
    const indent = found[1]?.length ?? 0;
    const [name, directive] = splitDirective(found[4] ?? '');
    const details = readDetails(lines, i + 1, indent);
    i += details.rows;
    // Its subtests come after it, in braces, and tell by themselves.
    if (row.endsWith(' {')) {
      if (indent === 0) braces += 1;
      openBraces += 1;
      continue;
    }
    const children = open.filter((one) => one.indent > indent);
    const failed = found[2] !== undefined && !/^todo/i.test(directive);
    const isParent = details.fields['type'] === 'suite' || children.length > 0;
    const tellsNew = !isParent || (failed && !children.some((one) => one.outcome === 'failed'));
    for (const child of children) open.splice(open.indexOf(child), 1);
    const place = /^(.*):(\d+):\d+$/.exec(details.fields['location'] ?? details.fields['at'] ?? '');
    const outcome: Point = {
      name,
      indent,
      outcome: failed ? 'failed' : /^(skip|todo)/i.test(directive) ? 'skipped' : 'passed',
      file: place === null ? undefined : inWorkspace(place[1] ?? ''),
      line: place === null ? undefined : Number(place[2]),
      message: details.fields['message'] ?? details.fields['error'],
      stack: details.fields['stack'],
    };
    open.push(outcome);
    if (tellsNew) outcomes.push(outcome);
  }
  // A parent that passes with subtests left out of the listing would be counted with them.
  if (outcomes.length > 100_000) outcomes = outcomes.slice(0, 100_000);
  const tops = open.filter((one) => one.indent === 0).length + braces;
  const short = planned === undefined ? said['tests'] === undefined : tops < planned;
  return makeReport('tap', outcomes, {
    ...(said['tests'] === undefined
      ? {}
      : {
          total: said['tests'],
          passed: said['pass'],
          failed: said['fail'],
          skipped: (said['skipped'] ?? 0) + (said['todo'] ?? 0),
        }),
    durationMs: said['duration_ms'],
    cut: cut || bailed || short || openBraces > 0,
  });
}

function splitDirective(text: string): [string, string] {
  const at = text.search(/(?<!\\) # /);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 3)];
}

/** The YAML block below a test point: plain values and blocks of text, which is what producers write. */
function readDetails(
  lines: readonly string[],
  from: number,
  indent: number,
): { rows: number; fields: Readonly<Record<string, string>> } {
  const pad = /^( *)---$/.exec(lines[from] ?? '')?.[1] ?? '';
  if (pad.length <= indent) return { rows: 0, fields: {} };
  const fields: Record<string, string> = Object.create(null);
  let at = from + 1;
  for (; at < lines.length && lines[at] !== `${pad}...`; at += 1) {
    const row = lines[at] ?? '';
    const found = /^\s*(\w+):(?: (.*))?$/.exec(row.startsWith(pad) ? row : '');
    const [key = '', value = ''] = [found?.[1], found?.[2]];
    if (found === null || key in fields || value === '') continue;
    if (!/^[|>][-+]?$/.test(value)) {
      fields[key] = unquote(value);
      continue;
    }
    const block: string[] = [];
    while (
      at + 1 < lines.length &&
      /^\s*$|^\s/.test(lines[at + 1] ?? '') &&
      isDeeper(lines[at + 1] ?? '', pad)
    ) {
      at += 1;
      if (block.length < 60) block.push((lines[at] ?? '').slice(pad.length + 2));
    }
    fields[key] = block.join('\n');
  }
  return { rows: at - from + 1, fields };
}

function isDeeper(row: string, pad: string): boolean {
  return row.trim() === '' || row.startsWith(`${pad} `);
}

function unquote(value: string): string {
  const quoted = /^'(.*)'$/s.exec(value) ?? /^"(.*)"$/s.exec(value);
  return quoted === null ? value : (quoted[1] ?? '').replaceAll("''", "'").replaceAll('\\n', '\n');
}

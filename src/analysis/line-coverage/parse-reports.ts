import { z } from 'zod';
import { readXml } from '../test-results/read-xml.ts';
import { LineCounts, type LineCoverage } from './line-coverage.ts';

type Coverage = ReadonlyMap<string, LineCoverage>;

/** `SF:` a file, `DA:line,count` its lines; c8, nyc, and many more write it. */
export function parseLcov(text: string): Coverage {
  const counts = new LineCounts();
  let file = '';
  for (const row of text.split(/\r?\n/)) {
    if (row.startsWith('SF:')) file = relative(row.slice(3));
    const found = /^DA:(\d+),(\d+)/.exec(row);
    if (found !== null && file !== '') counts.add(file, Number(found[1]), Number(found[2]));
  }
  return counts.files;
}

export function parseCobertura(text: string): Coverage {
  const counts = new LineCounts();
  let file = '';
  for (const piece of readXml(text.slice(Math.max(0, text.search(/<\?xml|<coverage[\s>]/)))).pieces) {
    if (piece.kind !== 'open') continue;
    if (piece.name === 'class') file = relative(piece.attributes['filename'] ?? '');
    if (piece.name === 'line' && file !== '')
      counts.add(file, Number(piece.attributes['number']), Number(piece.attributes['hits']));
  }
  return counts.files;
}

const lines = z.array(z.int().min(1));
const coveragePy = z.object({
  files: z.record(z.string(), z.object({ executed_lines: lines, missing_lines: lines })),
});

/** `coverage json`. */
export function parseCoveragePy(text: string): Coverage {
  const counts = new LineCounts();
  const parsed = coveragePy.safeParse(readJson(text));
  for (const [file, { executed_lines, missing_lines }] of Object.entries(parsed.data?.files ?? {})) {
    for (const line of executed_lines) counts.add(relative(file), line, 1);
    for (const line of missing_lines) counts.add(relative(file), line, 0);
  }
  return counts.files;
}

const mostBlockLines = 10_000;

/**
 * `go test -coverprofile`: `module/pkg/file.go:12.34,15.2 3 1`, blocks of statements with how often they ran.
 * @param module path of the module, which is the workspace's root
 */
export function parseGoCover(text: string, module: string): Coverage {
  const counts = new LineCounts();
  for (const row of text.split(/\r?\n/)) {
    const found = /^(.+):(\d+)\.\d+,(\d+)\.(\d+) \d+ (\d+)$/.exec(row);
    if (found === null) continue;
    const path = found[1] ?? '';
    const file =
      module !== '' && path.startsWith(`${module}/`) ? path.slice(module.length + 1) : relative(path);
    const [from, to] = [Number(found[2]), Number(found[3])];
    // A block that ends in front of a line's first code does not hold that line.
    const last = Number(found[4]) <= 2 && to > from ? to - 1 : to;
    for (let line = from; line <= Math.min(last, from + mostBlockLines); line += 1)
      counts.add(file, line, Number(found[5]));
  }
  return counts.files;
}

function relative(file: string): string {
  return file
    .replace(/^file:\/\//, '')
    .replace(/^\/work\//, '')
    .replace(/^\.\//, '');
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

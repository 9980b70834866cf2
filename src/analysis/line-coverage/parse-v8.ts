import { z } from 'zod';
import { LineCounts, type LineCoverage } from './line-coverage.ts';

const range = z.object({ startOffset: z.int().min(0), endOffset: z.int().min(0), count: z.number() });
const report = z.object({
  result: z.array(z.object({ url: z.string(), functions: z.array(z.object({ ranges: z.array(range) })) })),
});

/**
 * What Node writes with `NODE_V8_COVERAGE`. Offsets are of the source as it ran; type stripping keeps them. A line ran when
 * its first character of code did, by the innermost range around it.
 * @param sources by path relative to the workspace; scripts without one are left out
 */
export function parseV8(
  text: string,
  sources: ReadonlyMap<string, string>,
  root = '/work/',
): ReadonlyMap<string, LineCoverage> {
  const counts = new LineCounts();
  const parsed = report.safeParse(readJson(text));
  if (!parsed.success) return counts.files;
  for (const { url, functions } of parsed.data.result) {
    const path = pathOf(url, root);
    const source = path === null ? undefined : sources.get(path);
    if (path === null || source === undefined) continue;
    // Outer ranges come before those in them: the last one that holds an offset is the innermost.
    const ranges = functions
      .flatMap((one) => one.ranges)
      .sort((a, b) => a.startOffset - b.startOffset || b.endOffset - a.endOffset);
    let offset = 0;
    let inComment = false;
    for (const [index, row] of source.split('\n').entries()) {
      const code = codeStart(row, inComment);
      inComment = code.inComment;
      if (code.at >= 0) {
        const at = offset + code.at;
        const innermost = ranges.findLast((one) => one.startOffset <= at && at < one.endOffset);
        if (innermost !== undefined) counts.add(path, index + 1, innermost.count);
      }
      offset += row.length + 1;
    }
  }
  return counts.files;
}

/** Where code begins in a row; -1 where there is none: blank, comment, or nothing but closing brackets. */
function codeStart(row: string, inComment: boolean): { at: number; inComment: boolean } {
  let at = 0;
  let comment = inComment;
  for (;;) {
    if (comment) {
      const end = row.indexOf('*/', at);
      if (end < 0) return { at: -1, inComment: true };
      at = end + 2;
      comment = false;
    }
    while (at < row.length && /\s/.test(row[at] ?? '')) at += 1;
    if (!row.startsWith('/*', at)) break;
    comment = true;
    at += 2;
  }
  const rest = row.slice(at);
  const bare = rest === '' || rest.startsWith('//') || /^[\])};,]+$/.test(rest.trim());
  return { at: bare ? -1 : at, inComment: false };
}

function pathOf(url: string, root: string): string | null {
  if (!url.startsWith(`file://${root}`)) return null;
  try {
    return decodeURIComponent(url.slice(`file://${root}`.length).replace(/[?#].*$/, ''));
  } catch {
    return null;
  }
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

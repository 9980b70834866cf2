import { estimateTokens } from './estimate-tokens.ts';
import { findSymbols } from './find-symbols.ts';
import type { TreeFile } from './read-tree.ts';

export interface FilePart {
  /** Path, and lines when it is a part. */
  readonly key: string;
  readonly title: string;
  readonly text: string;
}

/** A file up to this size is one unit. */
const wholeTokens = 6_000;
/** Sections shorter than this are joined with the next one. */
const leastTokens = 1_200;

/**
 * A file as units: small ones whole, large ones by declarations or headings at the left margin, several small ones
 * together. No section ends inside a function; one without any seam stays whole, however large.
 */
export function splitFile(file: TreeFile): FilePart[] {
  const whole: FilePart = { key: file.path, title: file.path, text: file.text };
  // Below any text that could have so many tokens.
  if (file.text.length <= wholeTokens || estimateTokens(file.text, file.path) <= wholeTokens) return [whole];
  const lines = file.text.split('\n');
  const seams = seamsOf(file, lines);
  if (seams.length < 2) return [whole];
  const parts: FilePart[] = [];
  let from = 0;
  for (const [index, seam] of [...seams.slice(1), lines.length].entries()) {
    const text = `${lines.slice(from, seam).join('\n')}\n`;
    const last = index === seams.length - 1;
    if (!last && estimateTokens(text, file.path) < leastTokens) continue;
    const where = `${file.path}:${from + 1}-${seam}`;
    parts.push({ key: `${file.path}:${String(from + 1).padStart(6, '0')}`, title: where, text });
    from = seam;
  }
  return parts;
}

function seamsOf(file: TreeFile, lines: readonly string[]): number[] {
  const markdown = /\.mdx?$/i.test(file.path);
  const starts = markdown
    ? lines.flatMap((line, at) => (/^#{1,3} /.test(line) ? [at] : []))
    : findSymbols(file.text).map((symbol) => withComment(lines, symbol.line));
  return [0, ...new Set(starts.filter((at) => at > 0))];
}

/** A declaration begins with its comment and its decorators. */
function withComment(lines: readonly string[], line: number): number {
  let at = line;
  while (at > 0 && /^\s?(?:\/\/|\/\*|\*|#|@|--|"""|'''|\[)/.test(lines[at - 1] ?? '')) at -= 1;
  return at;
}

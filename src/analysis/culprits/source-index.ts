import { classifyFile } from './classify-file.ts';

export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** One function, method or top-level stretch of code. Lines count from 1. */
export interface CodeBlock {
  readonly id: number;
  readonly path: string;
  readonly name: string;
  readonly from: number;
  readonly to: number;
  /** Every identifier in it. */
  readonly words: ReadonlySet<string>;
}

export interface SourceIndex {
  readonly files: ReadonlyMap<string, readonly string[]>;
  readonly blocks: readonly CodeBlock[];
  readonly byName: ReadonlyMap<string, readonly CodeBlock[]>;
  readonly byPath: ReadonlyMap<string, readonly CodeBlock[]>;
}

const starts: readonly RegExp[] = [
  /\bfunction\s*\*?\s*([\w$]+)\s*\(/,
  /^\s*(?:export\s+)?(?:const|let|var)\s+([\w$]+)\s*=\s*(?:async\s*)?(?:\([^)]*\)|[\w$]+)\s*=>/,
  /^\s*(?:export\s+)?(?:const|let|var)\s+([\w$]+)\s*=\s*(?:async\s*)?\(\s*\{?\s*$/,
  /^\s*([\w$]+)\s*:\s*(?:async\s*)?(?:function\b|\([^)]*\)\s*=>|[\w$]+\s*=>)/,
  /^\s*(?:(?:public|private|protected|static|async|get|set|override|readonly|final)\s+)*([\w$]+)\s*\([^;]*\)\s*(?::\s*[\w<>[\]| ]+)?\s*\{\s*$/,
  /^\s*(?:async\s+)?def\s+(\w+)\s*\(/,
  /^\s*func\s+(?:\([^)]*\)\s*)?(\w+)\s*\(/,
  /^\s*(?:(?:public|private|protected|static|final|synchronized)\s+)+[\w<>[\], ?]+\s+(\w+)\s*\([^;]*$/,
  /^\s*(?:pub\s+)?(?:async\s+)?fn\s+(\w+)/,
];
const keywords = new Set([
  'if',
  'for',
  'while',
  'switch',
  'catch',
  'return',
  'function',
  'else',
  'with',
  'await',
  'new',
]);

/** Knows the functions of a tree of files by the look of their first line and by indentation; no parser. */
export function indexSource(files: readonly SourceFile[]): SourceIndex {
  const lines = new Map<string, readonly string[]>();
  const blocks: CodeBlock[] = [];
  for (const file of files) {
    const text = file.text.split('\n');
    lines.set(file.path, text);
    if (classifyFile(file.path) !== 'source') continue;
    for (const block of blocksOf(file.path, text)) blocks.push({ ...block, id: blocks.length });
  }
  return {
    files: lines,
    blocks,
    byName: Map.groupBy(blocks, (block) => block.name),
    byPath: Map.groupBy(blocks, (block) => block.path),
  };
}

/** The innermost block around a line. */
export function blockAt(index: SourceIndex, path: string, line: number): CodeBlock | undefined {
  let found: CodeBlock | undefined;
  for (const block of index.byPath.get(path) ?? []) {
    if (block.from > line || block.to < line) continue;
    if (found === undefined || block.to - block.from < found.to - found.from) found = block;
  }
  return found;
}

export function wordsOf(text: string): string[] {
  return text.match(/[A-Za-z_$][\w$]{2,}/g) ?? [];
}

function blocksOf(path: string, lines: readonly string[]): Omit<CodeBlock, 'id'>[] {
  const found: Omit<CodeBlock, 'id'>[] = [];
  for (const [index, line] of lines.entries()) {
    const name = nameOf(line);
    if (name === null) continue;
    const to = endOf(lines, index);
    found.push({
      path,
      name,
      from: index + 1,
      to,
      words: new Set(wordsOf(lines.slice(index, to).join('\n'))),
    });
  }
  const covered = found.filter((block) => block.to > block.from);
  const loose = lines.filter(
    (_, index) => !covered.some((block) => block.from <= index + 1 && index + 1 <= block.to),
  );
  found.push({
    path,
    name: '<module>',
    from: 1,
    to: lines.length,
    words: new Set(wordsOf(loose.join('\n'))),
  });
  return found;
}

function nameOf(line: string): string | null {
  if (line.length > 300) return null;
  for (const pattern of starts) {
    const name = pattern.exec(line)?.[1];
    if (name !== undefined && !keywords.has(name)) return name;
  }
  return null;
}

function endOf(lines: readonly string[], start: number): number {
  const indent = indentOf(lines[start] ?? '');
  for (let index = start + 1; index < lines.length; index += 1) {
    const line = lines[index] ?? '';
    if (line.trim() === '' || indentOf(line) > indent) continue;
    // `}) {` and `) => {` go on with the same function; `}` and `});` end it.
    if (/^\s*[)}\]]/.test(line) && /[{(,:]\s*$|=>\s*$/.test(line)) continue;
    return /^\s*[)}\]]/.test(line) ? index + 1 : index;
  }
  return lines.length;
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}

import { classifyFile, type FileClass } from './classify-file.ts';

export interface DiffLine {
  readonly text: string;
  /** Line number in the new file for added lines, in the old one for removed lines. */
  readonly line: number;
}

export interface DiffHunk {
  /** What git prints after the second `@@`: the enclosing function, where it knows. */
  readonly context: string;
  readonly newStart: number;
  readonly newLength: number;
  readonly added: readonly DiffLine[];
  readonly removed: readonly DiffLine[];
  /** Unchanged lines around, trimmed. */
  readonly around: readonly string[];
}

export interface DiffFile {
  readonly path: string;
  readonly class: FileClass;
  readonly hunks: readonly DiffHunk[];
}

/** Files and hunks of a unified diff; whatever cannot be read as one is skipped. */
export function parseDiff(diff: string): DiffFile[] {
  const files: { path: string; class: FileClass; hunks: MutableHunk[] }[] = [];
  let hunk: MutableHunk | null = null;
  let oldLine = 0;
  let newLine = 0;
  for (const line of diff.split('\n')) {
    const start = /^diff --git a\/(.+?) b\/(.+)$/.exec(line);
    const path = start?.[2];
    if (path !== undefined) {
      files.push({ path, class: classifyFile(path), hunks: [] });
      hunk = null;
      continue;
    }
    const header = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,(\d+))? @@ ?(.*)$/.exec(line);
    if (header !== null) {
      oldLine = Number(header[1]);
      newLine = Number(header[2]);
      hunk = {
        context: header[4] ?? '',
        newStart: newLine,
        newLength: Number(header[3] ?? 1),
        added: [],
        removed: [],
        around: [],
      };
      files.at(-1)?.hunks.push(hunk);
      continue;
    }
    if (hunk === null) continue;
    if (line.startsWith('+')) {
      hunk.added.push({ text: line.slice(1), line: newLine });
      newLine += 1;
    } else if (line.startsWith('-')) {
      hunk.removed.push({ text: line.slice(1), line: oldLine });
      oldLine += 1;
    } else if (line.startsWith(' ') || line === '') {
      if (line.trim() !== '') hunk.around.push(line.trim());
      oldLine += 1;
      newLine += 1;
    }
  }
  return files;
}

interface MutableHunk {
  context: string;
  newStart: number;
  newLength: number;
  added: DiffLine[];
  removed: DiffLine[];
  around: string[];
}

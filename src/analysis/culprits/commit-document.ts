import type { CandidateCommit } from './candidate-commit.ts';
import { changedLines } from './code-traits.ts';

/** What a commit says, wherever it was read from: enough to compare it with a text, without its patch. */
export interface CommitDocument {
  readonly sha: string;
  readonly subject: string;
  readonly body: string;
  readonly files: readonly DocumentFile[];
  readonly hunks: readonly DocumentHunk[];
  /** Identifier to how often it was added or removed, as written. */
  readonly added: ReadonlyMap<string, number>;
  readonly removed: ReadonlyMap<string, number>;
}

export interface DocumentFile {
  readonly path: string;
  readonly addedLines: number;
  readonly removedLines: number;
}

export interface DocumentHunk {
  readonly path: string;
  readonly oldLength: number;
  readonly newStart: number;
  readonly newLength: number;
  /** Identifiers of the enclosing function's first line. */
  readonly around: readonly string[];
}

/** Reads a diff into the same shape that a bare list of identifiers has. */
export function documentOf(commit: CandidateCommit): CommitDocument {
  const added = new Map<string, number>();
  const removed = new Map<string, number>();
  const files: DocumentFile[] = [];
  const hunks: DocumentHunk[] = [];
  for (const file of commit.files) {
    const lines = changedLines(file);
    files.push({ path: file.path, addedLines: lines.added.length, removedLines: lines.removed.length });
    countIdentifiers(added, lines.added);
    countIdentifiers(removed, lines.removed);
    for (const hunk of file.hunks)
      hunks.push({
        path: file.path,
        oldLength: hunk.newLength - hunk.added.length + hunk.removed.length,
        newStart: hunk.newStart,
        newLength: hunk.newLength,
        around: identifiersOf(hunk.context),
      });
  }
  return { sha: commit.sha, subject: commit.subject, body: commit.body, files, hunks, added, removed };
}

/** Names as they are written, `_` and digits included. */
export function identifiersOf(text: string): string[] {
  return text.match(/[\p{L}_$][\p{L}\p{N}_$]{2,}/gu) ?? [];
}

function countIdentifiers(counts: Map<string, number>, lines: readonly string[]): void {
  for (const line of lines)
    for (const name of identifiersOf(line.slice(0, 2000))) counts.set(name, (counts.get(name) ?? 0) + 1);
}

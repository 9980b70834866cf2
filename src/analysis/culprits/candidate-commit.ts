import type { DiffFile } from './parse-diff.ts';

export interface CandidateCommit {
  readonly sha: string;
  readonly subject: string;
  readonly body: string;
  readonly author: string;
  /** Unix seconds. */
  readonly committedAt: number;
  /** The first of its history: it brought in everything, so it shares words with anything. */
  readonly root?: boolean;
  readonly files: readonly DiffFile[];
}

/** Tests, documents and lock files cannot break a running service. */
export function canMatter(file: DiffFile): boolean {
  return file.class === 'source' || file.class === 'config';
}

/** What one reading of a commit says: how much, and why in words. */
export interface Part {
  readonly weight: number;
  readonly reason: string | null;
}

import type { Service } from '../domain/service.ts';

export interface Commit {
  readonly sha: string;
  readonly subject: string;
  readonly body: string;
  readonly author: string;
  readonly authoredAt: Date;
  readonly committedAt: Date;
  readonly parents: readonly string[];
  readonly files: readonly { path: string; added: number; removed: number }[];
}

export interface FileChange {
  readonly path: string;
  /** Null when the file is to be deleted. */
  readonly content: Uint8Array | null;
  readonly mode: '100644' | '100755';
}

/** Lines of one file that were last changed by the same commit. */
export interface BlamedLines {
  readonly sha: string;
  readonly author: string;
  readonly committedAt: Date;
  readonly subject: string;
  /** From 1, as the file is at the commit that was asked about. */
  readonly fromLine: number;
  readonly lines: readonly string[];
}

/** What is different between two commits. */
export interface Comparison {
  readonly files: readonly { readonly path: string; readonly added: number; readonly removed: number }[];
  /** Unified, marked where it was cut. */
  readonly diff: string;
}

export type RevertOutcome =
  | {
      readonly kind: 'clean';
      readonly base: string;
      readonly diff: string;
      readonly changes: readonly FileChange[];
    }
  | { readonly kind: 'conflict'; readonly base: string; readonly files: readonly string[] }
  | { readonly kind: 'already-undone'; readonly base: string };

export type ChangeOutcome =
  | {
      readonly kind: 'clean';
      readonly base: string;
      readonly diff: string;
      readonly changes: readonly FileChange[];
      /** A commit of exactly this on `base`, in the mirror alone and on no branch: for `checkout`. */
      readonly commit: string;
    }
  /** `reason` is a clause for people: `hunk 2 of src/a.ts does not fit`. */
  | { readonly kind: 'refused'; readonly base: string; readonly reason: string }
  | { readonly kind: 'no-change'; readonly base: string };

/**
 * Read-only git over a mirror cache. `at` is a commit sha. Every call fetches nothing unless it says so.
 * Throws typed errors with hints: repository unreachable, access refused, no such commit.
 */
export interface SourceControl {
  /** Makes or refreshes the mirror; returns the head of the service's branch. */
  fetch(service: Service, signal: AbortSignal): Promise<{ head: string }>;
  /**
   * Newest first, reachable from `at` and not from `except`, with touched files. `path`: those that touched this file or
   * folder; `text`: those whose message contains it, in any case.
   */
  log(
    service: Service,
    query: { at: string; except?: string; since?: Date; path?: string; text?: string; limit: number },
    signal: AbortSignal,
  ): Promise<Commit[]>;
  /** Unified diff of one commit against its first parent, at most `maxBytes` (marked where cut). */
  diff(service: Service, sha: string, maxBytes: number, signal: AbortSignal): Promise<string>;
  /**
   * The same for many commits in one go, by sha; each cut at `maxBytes`. The commits are known: they come from `log`. One
   * that is missing from the answer did not fit into what was read altogether.
   */
  diffs(
    service: Service,
    shas: readonly string[],
    maxBytes: number,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, string>>;
  files(service: Service, at: string, signal: AbortSignal): Promise<string[]>;
  /** Files of a folder (`''`: all) with their sizes in bytes. */
  tree(
    service: Service,
    query: { at: string; folder: string },
    signal: AbortSignal,
  ): Promise<{ path: string; bytes: number }[]>;
  /** Undefined when there is no such file. */
  blame(
    service: Service,
    query: { at: string; path: string; fromLine: number; lines: number },
    signal: AbortSignal,
  ): Promise<BlamedLines[] | undefined>;
  /** From one commit to another, of all files or of one file or folder. */
  compare(
    service: Service,
    query: { from: string; to: string; path?: string; maxBytes: number },
    signal: AbortSignal,
  ): Promise<Comparison>;
  /** Undefined when there is no such file; cut at `maxBytes`. */
  read(
    service: Service,
    at: string,
    path: string,
    maxBytes: number,
    signal: AbortSignal,
  ): Promise<string | undefined>;
  /**
   * Lines of the tree at a commit that contain a text, or match it as a regular expression (Perl's) where `is` says so;
   * `under` is a file or folder. @throws `SourceRefused` on an expression that is none or takes too long
   */
  search(
    service: Service,
    query: {
      at: string;
      text: string;
      is?: 'text' | 'expression';
      ignoreCase?: boolean;
      under?: string;
      limit: number;
    },
    signal: AbortSignal,
  ): Promise<{ path: string; line: number; text: string }[]>;
  /** A plain tree of files at a commit in a fresh folder, made from a shared clone; the caller removes it. */
  checkout(
    service: Service,
    at: string,
    signal: AbortSignal,
  ): Promise<{ path: string; remove(): Promise<void> }>;
  /** Whether `sha` is reachable from `head`; false also when the mirror does not have it. */
  contains(service: Service, query: { head: string; sha: string }, signal: AbortSignal): Promise<boolean>;
  /** Commits of the first-parent line at `at` that changed this one file, newest first. */
  history(
    service: Service,
    query: { at: string; path: string; limit: number },
    signal: AbortSignal,
  ): Promise<Commit[]>;
  /**
   * What a unified diff would change on top of `base`. The patch is untrusted: every hunk must fit with its whole context,
   * only regular text files inside the repository are written, and nothing of it is run.
   */
  patch(
    service: Service,
    query: { base: string; patch: string },
    signal: AbortSignal,
  ): Promise<ChangeOutcome>;
  /** What putting one file back to how it was at the commit `from` would change on top of `base`. */
  restore(
    service: Service,
    query: { base: string; path: string; from: string },
    signal: AbortSignal,
  ): Promise<ChangeOutcome>;
  /** What undoing `sha` on top of `base` would change. */
  revert(service: Service, query: { base: string; sha: string }, signal: AbortSignal): Promise<RevertOutcome>;
}

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
  /** Newest first, reachable from `at`, with touched files. */
  log(
    service: Service,
    query: { at: string; since?: Date; limit: number },
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
  /** Undefined when there is no such file; cut at `maxBytes`. */
  read(
    service: Service,
    at: string,
    path: string,
    maxBytes: number,
    signal: AbortSignal,
  ): Promise<string | undefined>;
  /** Fixed-string search over the tree at a commit. */
  search(
    service: Service,
    query: { at: string; text: string; limit: number },
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

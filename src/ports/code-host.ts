import type { Service } from '../domain/service.ts';
import type { FileChange } from './source-control.ts';

export interface PullRequest {
  readonly number: number;
  readonly url: string;
  readonly headSha: string;
  readonly state: 'open' | 'merged' | 'closed';
  readonly mergeSha: string | null;
}

/**
 * The one place that writes to a code host. Every method may be repeated after a lost reply: it first looks whether the
 * effect is already there. Throws typed errors (`access_refused`, `not_found`, `conflict`, `stale`, `source_unreachable`).
 */
export interface CodeHost {
  /** Head of the service's branch as the host knows it now. */
  branchHead(service: Service, signal: AbortSignal): Promise<string>;
  /** A branch with one commit of `changes` on top of `base`; an existing branch of that name is taken as this one. */
  proposeBranch(
    service: Service,
    request: { branch: string; base: string; changes: readonly FileChange[]; message: string },
    signal: AbortSignal,
  ): Promise<{ headSha: string }>;
  /** Finds the pull request of this branch, or opens one against the service's branch. */
  openPullRequest(
    service: Service,
    request: { branch: string; title: string; body: string },
    signal: AbortSignal,
  ): Promise<PullRequest>;
  /**
   * Merges if the head is still `headSha` and, where `base` is given, the service's branch is still at it (looked at right
   * before; a code host has no compare-and-set for it). `stale` otherwise. One already merged is returned as it is.
   */
  merge(
    service: Service,
    number: number,
    expected: { headSha: string; base: string | null },
    signal: AbortSignal,
  ): Promise<PullRequest>;
  findPullRequest(service: Service, branch: string, signal: AbortSignal): Promise<PullRequest | undefined>;
  close(service: Service, number: number, signal: AbortSignal): Promise<void>;
  commitUrl(service: Service, sha: string): string;
}

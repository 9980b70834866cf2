import type { Receipt } from '../../domain/execution.ts';
import type { Service } from '../../domain/service.ts';
import type { CodeHost, PullRequest } from '../../ports/code-host.ts';
import type { FileChange } from '../../ports/source-control.ts';

export type Landing = {
  readonly branch: string;
  readonly base: string;
  readonly changes: readonly FileChange[];
  readonly title: string;
  readonly message: string;
  readonly body: string;
};

/**
 * Branch, pull request, merge. Each step looks first whether it is already done, so running this again after a crash or a
 * lost reply ends in one branch, one pull request and one merge.
 */
export async function landChange(
  codeHost: CodeHost,
  service: Service,
  landing: Landing,
  signal: AbortSignal,
): Promise<PullRequest> {
  const { headSha } = await codeHost.proposeBranch(service, landing, signal);
  const pull = await codeHost.openPullRequest(service, landing, signal);
  return codeHost.merge(service, pull.number, headSha, signal);
}

export function receiptOf(pull: PullRequest, branch: string, did: string): Receipt {
  const { number, headSha, mergeSha } = pull;
  return {
    summary: `${did} Pull request #${number} is merged.`,
    url: pull.url,
    data: { version: 1, number, merged: true, branch, headSha, mergeSha },
  };
}

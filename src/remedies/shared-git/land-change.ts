import type { Receipt } from '../../domain/execution.ts';
import type { Service } from '../../domain/service.ts';
import type { CodeHost, PullRequest } from '../../ports/code-host.ts';
import type { FileChange, SourceControl } from '../../ports/source-control.ts';
import { short } from './git-tools.ts';

export type Landing = {
  readonly branch: string;
  readonly base: string;
  /** Merge only while the service's branch is still at `base`; otherwise git joins the change with what came since. */
  readonly onlyOntoBase: boolean;
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
  const base = landing.onlyOntoBase ? landing.base : null;
  return codeHost.merge(service, pull.number, { headSha, base }, signal);
}

/** @param note a sentence about the merge that people should know; empty when there is none */
export function receiptOf(pull: PullRequest, branch: string, did: string, note = ''): Receipt {
  const { number, headSha, mergeSha } = pull;
  return {
    summary: `${did} Pull request #${number} is merged.${note === '' ? '' : ` ${note}`}`,
    url: pull.url,
    data: { version: 1, number, merged: true, branch, headSha, mergeSha },
  };
}

/**
 * A push in the moment between our last look at the branch and the merge gets by: then the fix is live together with it.
 * @returns what to say of it; empty when the merge landed exactly on `base`
 */
export async function noteOnLanding(
  source: SourceControl,
  service: Service,
  landed: { mergeSha: string; base: string },
  signal: AbortSignal,
): Promise<string> {
  const { mergeSha, base } = landed;
  try {
    await source.fetch(service, signal);
    const [merge] = await source.log(service, { at: mergeSha, limit: 1 }, signal);
    const parent = merge?.parents[0];
    if (parent === base) return '';
    if (parent !== undefined) {
      return `It landed on ${short(parent)}, not on ${short(base)} that was approved: something was pushed in the same moment. Look at it.`;
    }
  } catch {
    // the merge is done, whatever is wrong with looking at it
  }
  return `Whether it landed on ${short(base)} could not be read.`;
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { Octokit } from '@octokit/rest';
import type { PullRequest } from '../../ports/code-host.ts';
import { type RepositoryAddress, readBranch, removeBranch } from './branches.ts';
import { Conflict, githubFailure, isOctokitFailure, Stale } from './errors.ts';

type PullData = {
  number: number;
  html_url: string;
  state: string;
  merged_at: string | null;
  merge_commit_sha: string | null;
  head: { sha: string; ref: string };
};

const mergeabilityTimeoutMs = 30_000;
const mergeabilityPollMs = 500;

/** The pull request of a branch: the open one, else the merged one, else the last that was closed. */
export async function findByBranch(
  octokit: Octokit,
  at: RepositoryAddress,
  branch: string,
  signal: AbortSignal,
): Promise<PullRequest | undefined> {
  const query = { ...at, head: `${at.owner}:${branch}`, state: 'all' as const, per_page: 20 };
  const { data } = await octokit.rest.pulls.list({ ...query, request: { signal } });
  const found = data.filter((pull) => pull.head.ref === branch).map(toPullRequest);
  return (
    found.find((pull) => pull.state === 'open') ?? found.find((pull) => pull.state === 'merged') ?? found[0]
  );
}

export async function findOrOpen(
  octokit: Octokit,
  at: RepositoryAddress,
  wanted: { branch: string; base: string; title: string; body: string },
  signal: AbortSignal,
): Promise<PullRequest> {
  const existing = await findByBranch(octokit, at, wanted.branch, signal);
  if (existing !== undefined) return existing;
  try {
    const { branch: head, base, title, body } = wanted;
    const { data } = await octokit.rest.pulls.create({ ...at, head, base, title, body, request: { signal } });
    return toPullRequest(data);
  } catch (error) {
    // 422 is also what a second one for the same branch gets: somebody was faster, perhaps ourselves
    if (!isOctokitFailure(error) || error.status !== 422) throw error;
    const now = await findByBranch(octokit, at, wanted.branch, signal);
    if (now === undefined) throw error;
    return now;
  }
}

/**
 * Merges if the head is still `headSha` and the branch to merge into still where `onto` says (null: wherever it is). One
 * that is already merged is returned as it is.
 */
export async function mergeOnce(
  octokit: Octokit,
  at: RepositoryAddress,
  number: number,
  { headSha, onto }: { headSha: string; onto: { branch: string; sha: string } | null },
  signal: AbortSignal,
): Promise<PullRequest> {
  const pull = await waitForMergeability(octokit, at, number, signal);
  if (pull.state === 'merged') return finished(octokit, at, pull, signal);
  if (pull.state === 'closed') {
    throw new Conflict(`Pull request #${number} was closed without merging.`, 'Ask who closed it, and why.');
  }
  if (pull.headSha !== headSha) {
    throw new Stale(
      `The branch of pull request #${number} has changed.`,
      'Somebody pushed to it; make a new plan.',
    );
  }
  if (pull.mergeable === false) {
    throw new Conflict(
      `Pull request #${number} conflicts with its base branch.`,
      'Make a new plan from the current state.',
    );
  }
  const mergeMethod = await chooseMergeMethod(octokit, at, signal);
  // last of all: GitHub compares the head for us, the base only we do
  if (onto !== null && (await readBranch(octokit, at, onto.branch, signal)) !== onto.sha) {
    const now = await readPull(octokit, at, number, signal);
    if (now.state === 'merged') return finished(octokit, at, now, signal);
    throw new Stale(
      `${onto.branch} has moved since pull request #${number} was made.`,
      'Make a new plan from the current state.',
    );
  }
  try {
    const merge = { ...at, pull_number: number, sha: headSha, merge_method: mergeMethod };
    await octokit.rest.pulls.merge({ ...merge, request: { signal } });
  } catch (error) {
    if (!isOctokitFailure(error) || error.response === undefined || error.status >= 500) throw error;
    const now = await readPull(octokit, at, number, signal);
    if (now.state !== 'merged') throw githubFailure(error, `merging pull request #${number}`);
  }
  return finished(octokit, at, await readPull(octokit, at, number, signal), signal);
}

export async function closeOnce(
  octokit: Octokit,
  at: RepositoryAddress,
  number: number,
  signal: AbortSignal,
): Promise<void> {
  const pull = await readPull(octokit, at, number, signal);
  if (pull.state === 'open') {
    await octokit.rest.pulls.update({ ...at, pull_number: number, state: 'closed', request: { signal } });
  }
  await removeBranch(octokit, at, pull.headRef, signal);
}

type SeenPull = PullRequest & { headRef: string; mergeable: boolean | null };

async function readPull(
  octokit: Octokit,
  at: RepositoryAddress,
  number: number,
  signal: AbortSignal,
): Promise<SeenPull> {
  const { data } = await octokit.rest.pulls.get({ ...at, pull_number: number, request: { signal } });
  return { ...toPullRequest(data), headRef: data.head.ref, mergeable: data.mergeable };
}

/** GitHub works out mergeability in the background and says null until it knows. */
async function waitForMergeability(
  octokit: Octokit,
  at: RepositoryAddress,
  number: number,
  signal: AbortSignal,
): Promise<SeenPull> {
  const until = Date.now() + mergeabilityTimeoutMs;
  for (;;) {
    const pull = await readPull(octokit, at, number, signal);
    if (pull.state !== 'open' || pull.mergeable !== null || Date.now() > until) return pull;
    await sleep(mergeabilityPollMs, undefined, { signal });
  }
}

/** A merge commit where the repository allows it: it is undone in one piece. */
async function chooseMergeMethod(
  octokit: Octokit,
  at: RepositoryAddress,
  signal: AbortSignal,
): Promise<'merge' | 'squash' | 'rebase'> {
  const { data } = await octokit.rest.repos.get({ ...at, request: { signal } });
  if (data.allow_merge_commit !== false) return 'merge';
  return data.allow_squash_merge === false ? 'rebase' : 'squash';
}

async function finished(
  octokit: Octokit,
  at: RepositoryAddress,
  pull: SeenPull,
  signal: AbortSignal,
): Promise<PullRequest> {
  // a branch left behind is untidy, not wrong: it must not turn a done merge into a failure
  await removeBranch(octokit, at, pull.headRef, signal).catch(() => undefined);
  const { headRef: _, mergeable: __, ...known } = pull;
  return known;
}

function toPullRequest(data: PullData): PullRequest {
  const merged = data.merged_at !== null;
  return {
    number: data.number,
    url: data.html_url,
    headSha: data.head.sha,
    state: merged ? 'merged' : data.state === 'open' ? 'open' : 'closed',
    mergeSha: merged ? data.merge_commit_sha : null,
  };
}

import type { Octokit } from '@octokit/rest';
import type { FileChange } from '../../ports/source-control.ts';
import { isOctokitFailure } from './errors.ts';

export type RepositoryAddress = { owner: string; repo: string };

type TreeEntry = {
  path: string;
  mode: '100644' | '100755';
  type: 'blob';
  content?: string;
  sha?: string | null;
};

/** Undefined when there is no such branch. */
export async function readBranch(
  octokit: Octokit,
  at: RepositoryAddress,
  branch: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const { data } = await octokit.rest.git.getRef({ ...at, ref: `heads/${branch}`, request: { signal } });
    return data.object.sha;
  } catch (error) {
    if (isOctokitFailure(error) && error.status === 404) return undefined;
    throw error;
  }
}

/**
 * Leaves the branch with exactly one commit of `changes` on `base`, whatever was there before: a branch of an earlier
 * attempt is adopted, and one with anything else in it is overwritten, since only this plan may use its name.
 */
export async function ensureBranch(
  octokit: Octokit,
  at: RepositoryAddress,
  wanted: { branch: string; base: string; changes: readonly FileChange[]; message: string },
  signal: AbortSignal,
): Promise<{ headSha: string }> {
  const request = { signal };
  const { data: base } = await octokit.rest.git.getCommit({ ...at, commit_sha: wanted.base, request });
  const entries = await toEntries(octokit, at, wanted.changes, signal);
  const { data: tree } = await octokit.rest.git.createTree({
    ...at,
    base_tree: base.tree.sha,
    // a null sha deletes; Octokit's types leave it out
    tree: entries as (TreeEntry & { sha?: string })[],
    request,
  });

  const existing = await readBranch(octokit, at, wanted.branch, signal);
  if (existing !== undefined) {
    const { data: found } = await octokit.rest.git.getCommit({ ...at, commit_sha: existing, request });
    const same =
      found.tree.sha === tree.sha && found.parents.map((parent) => parent.sha).join() === wanted.base;
    if (same) return { headSha: existing };
  }
  const { data: commit } = await octokit.rest.git.createCommit({
    ...at,
    message: wanted.message,
    tree: tree.sha,
    parents: [wanted.base],
    request,
  });
  if (existing !== undefined) {
    const moved = { ...at, ref: `heads/${wanted.branch}`, sha: commit.sha, force: true, request };
    await octokit.rest.git.updateRef(moved);
    return { headSha: commit.sha };
  }
  try {
    await octokit.rest.git.createRef({ ...at, ref: `refs/heads/${wanted.branch}`, sha: commit.sha, request });
  } catch (error) {
    // somebody was faster, perhaps ourselves in another process: look at what they made
    const now = await readBranch(octokit, at, wanted.branch, signal);
    if (now === undefined || !isOctokitFailure(error) || error.status !== 422) throw error;
    return ensureBranch(octokit, at, wanted, signal);
  }
  return { headSha: commit.sha };
}

/** A branch that is already gone is fine. */
export async function removeBranch(
  octokit: Octokit,
  at: RepositoryAddress,
  branch: string,
  signal: AbortSignal,
): Promise<void> {
  try {
    await octokit.rest.git.deleteRef({ ...at, ref: `heads/${branch}`, request: { signal } });
  } catch (error) {
    if (!isOctokitFailure(error) || (error.status !== 404 && error.status !== 422)) throw error;
  }
}

/** Text goes inside the tree (one request for all files); bytes that JSON cannot carry go as blobs. */
async function toEntries(
  octokit: Octokit,
  at: RepositoryAddress,
  changes: readonly FileChange[],
  signal: AbortSignal,
): Promise<TreeEntry[]> {
  const entries: TreeEntry[] = [];
  for (const { path, content, mode } of changes) {
    const entry = { path, mode, type: 'blob' as const };
    if (content === null) {
      entries.push({ ...entry, sha: null });
      continue;
    }
    const bytes = Buffer.from(content);
    const text = bytes.toString('utf8');
    if (Buffer.from(text, 'utf8').equals(bytes)) {
      entries.push({ ...entry, content: text });
      continue;
    }
    const blob = { ...at, content: bytes.toString('base64'), encoding: 'base64', request: { signal } };
    entries.push({ ...entry, sha: (await octokit.rest.git.createBlob(blob)).data.sha });
  }
  return entries;
}

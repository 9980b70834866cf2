import { botLogin } from './emulated-github.ts';
import { signatureEnv } from './git-data-routes.ts';
import type { PullRecord, Repository } from './repository.ts';
import {
  type Answer,
  type ApiRequest,
  answerJson,
  GithubRefusal,
  readJsonBody,
  textField,
} from './router.ts';
import { followBranches } from './settle-pulls.ts';

/** The tree that merging both would give, by `git merge-tree`; undefined when they conflict. */
export async function mergedTree(
  repository: Repository,
  base: string,
  head: string,
): Promise<string | undefined> {
  const done = await repository.git.run(['merge-tree', '--write-tree', '--no-messages', base, head]);
  if (done.code === 0) return done.stdout.toString('utf8').trim();
  if (done.code === 1) return undefined;
  throw new Error(`git merge-tree ended with ${done.code}: ${done.stderr.trim()}`);
}

/**
 * Merges a pull request: git makes the commit and moves the branch before the answer leaves, emulate decides who may and
 * keeps the pull request's row. Call with the repository's turn held.
 */
export async function mergePull(
  repository: Repository,
  pull: PullRecord,
  request: ApiRequest,
): Promise<Answer> {
  const body = readJsonBody(request);
  const method = textField(body, 'merge_method') ?? 'merge';
  await followBranches(repository, pull);
  if (pull.closed) throw new GithubRefusal(405, 'Pull Request is not mergeable');
  if (typeof body['sha'] === 'string' && body['sha'] !== pull.headSha) {
    throw new GithubRefusal(409, 'Head branch was modified. Review and try the merge again.');
  }
  if (method === 'rebase') {
    throw new GithubRefusal(405, 'Rebase merges are not allowed on this repository.');
  }
  if ((await mergedTree(repository, pull.baseSha, pull.headSha)) === undefined) {
    throw new GithubRefusal(405, 'Pull Request is not mergeable');
  }
  const title = await readTitle(repository, pull.number);
  const kept = await repository.emulated.forward({
    ...request,
    // emulate knows neither the real head nor the real trees; it only judges and records
    body: Buffer.from(JSON.stringify({ merge_method: 'merge' })),
  });
  if (kept.status !== 200) return kept;

  for (;;) {
    const tree = await mergedTree(repository, pull.baseSha, pull.headSha);
    if (tree === undefined)
      throw new GithubRefusal(409, 'Base branch was modified. Review and try the merge again.');
    const sha = await commitMerge(repository, pull, tree, { method, title, body });
    const moved = await repository.git.run(['update-ref', `refs/heads/${pull.baseRef}`, sha, pull.baseSha]);
    if (moved.code === 0) {
      pull.mergeSha = sha;
      pull.closed = true;
      return answerJson(200, { sha, merged: true, message: 'Pull Request successfully merged' });
    }
    // somebody wrote to the bare repository from the side: merge with what is there now
    await followBranches(repository, pull);
  }
}

async function readTitle(repository: Repository, number: number): Promise<string> {
  const path = `/repos/${repository.owner}/${repository.name}/pulls/${number}`;
  const { value } = await repository.emulated.ask('GET', path);
  return (value as { title?: string } | undefined)?.title ?? '';
}

async function commitMerge(
  repository: Repository,
  pull: PullRecord,
  tree: string,
  wanted: { method: string; title: string; body: Record<string, unknown> },
): Promise<string> {
  const squash = wanted.method === 'squash';
  const title =
    textField(wanted.body, 'commit_title') ??
    (squash
      ? `${wanted.title} (#${pull.number})`
      : `Merge pull request #${pull.number} from ${repository.owner}/${pull.headRef}`);
  const text = textField(wanted.body, 'commit_message') ?? (squash ? '' : wanted.title);
  const date = new Date().toISOString();
  const parents = squash ? [pull.baseSha] : [pull.baseSha, pull.headSha];
  const out = await repository.git.text(
    ['commit-tree', tree, ...parents.flatMap((parent) => ['-p', parent]), '-F', '-'],
    {
      input: text === '' ? title : `${title}\n\n${text}`,
      env: {
        ...signatureEnv('AUTHOR', { name: botLogin, email: `${botLogin}@users.noreply.github.com`, date }),
        ...signatureEnv('COMMITTER', { name: 'GitHub', email: 'noreply@github.com', date }),
      },
    },
  );
  return out.trim();
}

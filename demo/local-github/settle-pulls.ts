import { branchTip, type PullRecord, type Repository } from './repository.ts';

/** Brings one open pull request's record up to what its branches are now. */
export async function followBranches(repository: Repository, pull: PullRecord): Promise<void> {
  if (pull.closed) return;
  pull.headSha = (await branchTip(repository, pull.headRef)) ?? pull.headSha;
  pull.baseSha = (await branchTip(repository, pull.baseRef)) ?? pull.baseSha;
}

/**
 * After refs have moved: a pull request whose branch is gone is closed, and one whose commits have arrived in its base
 * by a push is marked merged, as GitHub does.
 */
export async function settlePulls(repository: Repository): Promise<void> {
  const { emulated, git } = repository;
  const api = `/repos/${repository.owner}/${repository.name}/pulls`;
  for (const pull of repository.pulls.values()) {
    if (pull.closed) continue;
    if ((await branchTip(repository, pull.headRef)) === undefined) {
      await emulated.ask('PATCH', `${api}/${pull.number}`, { state: 'closed' });
      pull.closed = true;
      continue;
    }
    const baseBefore = pull.baseSha;
    await followBranches(repository, pull);
    const arrived = await git.run(['merge-base', '--is-ancestor', pull.headSha, pull.baseSha]);
    if (arrived.code !== 0) continue;
    await emulated.ask('PUT', `${api}/${pull.number}/merge`, { merge_method: 'merge' });
    pull.mergeSha = pull.baseSha;
    pull.baseSha = baseBefore;
    pull.closed = true;
  }
}

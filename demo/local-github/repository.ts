import type { BareGit } from './bare-git.ts';
import type { EmulatedGithub } from './emulated-github.ts';
import { type RepositoryUrls, repositoryUrls } from './github-json.ts';
import { GithubRefusal } from './router.ts';

/** What the front knows of a pull request besides emulate's row. */
export type PullRecord = {
  number: number;
  headRef: string;
  baseRef: string;
  /** Follows the branch while the pull request is open. */
  headSha: string;
  baseSha: string;
  mergeSha: string | null;
  closed: boolean;
};

export type Repository = {
  owner: string;
  name: string;
  git: BareGit;
  urls: RepositoryUrls;
  emulated: EmulatedGithub;
  pulls: Map<number, PullRecord>;
  /** Head and base pairs whose mergeability was asked for once: GitHub answers null the first time. */
  mergeabilityAsked: Set<string>;
  /** Runs writes of this repository one after another. */
  exclusively: <T>(work: () => Promise<T>) => Promise<T>;
};

export async function openRepository(options: {
  origin: string;
  owner: string;
  name: string;
  git: BareGit;
  emulated: EmulatedGithub;
}): Promise<Repository> {
  const { origin, owner, name, git, emulated } = options;
  // emulate keeps pull requests on a repository of the same name; its own first commit is never shown
  const made = await emulated.ask('POST', `/orgs/${owner}/repos`, { name, auto_init: true, private: false });
  if (made.status !== 201) throw new Error(`emulate refused repository ${owner}/${name} with ${made.status}`);

  let last: Promise<unknown> = Promise.resolve();
  return {
    owner,
    name,
    git,
    emulated,
    urls: repositoryUrls(origin, owner, name),
    pulls: new Map(),
    mergeabilityAsked: new Set(),
    exclusively(work) {
      const turn = last.then(work, work);
      last = turn.catch(() => undefined);
      return turn;
    },
  };
}

export async function requireCommit(repository: Repository, revision: string): Promise<string> {
  const sha =
    (await repository.git.resolve(`refs/heads/${revision}^{commit}`)) ??
    (await repository.git.resolve(`${revision}^{commit}`));
  if (sha === undefined) throw new GithubRefusal(422, `No commit found for SHA: ${revision}`);
  return sha;
}

export function branchTip(repository: Repository, branch: string): Promise<string | undefined> {
  return repository.git.resolve(`refs/heads/${branch}`);
}

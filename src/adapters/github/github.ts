import type { Service } from '../../domain/service.ts';
import type { CodeHost } from '../../ports/code-host.ts';
import { ensureBranch, type RepositoryAddress, readBranch } from './branches.ts';
import { createClients, type GithubAuth, operate } from './client.ts';
import { NotFound } from './errors.ts';
import { closeOnce, findByBranch, findOrOpen, mergeOnce } from './pull-requests.ts';

export type GithubOptions = {
  /** `https://api.github.com`, or `https://HOST/api/v3` for GitHub Enterprise Server. */
  readonly apiUrl: string;
  readonly auth: GithubAuth;
};

/** GitHub as the code host, through its REST API alone: no clone, no push. */
export function createGithub(options: GithubOptions): CodeHost {
  const clients = createClients(options.apiUrl, options.auth, { contents: 'write', pull_requests: 'write' });
  const clientOf = (service: Service) => clients(addressOf(service));

  return {
    branchHead: (service, signal) =>
      operate(`reading ${service.repository.branch} of ${service.repository.slug}`, signal, async () => {
        const { slug, branch } = service.repository;
        const sha = await readBranch(clientOf(service), addressOf(service), branch, signal);
        if (sha === undefined) {
          throw new NotFound(
            `${slug} has no branch ${branch}, or we may not see it.`,
            'Check `repository` in the catalogue, and that the token may read it.',
          );
        }
        return sha;
      }),
    proposeBranch: (service, request, signal) =>
      operate(`writing branch ${request.branch}`, signal, () =>
        ensureBranch(clientOf(service), addressOf(service), request, signal),
      ),
    openPullRequest: (service, request, signal) =>
      operate(`opening the pull request of ${request.branch}`, signal, () =>
        findOrOpen(
          clientOf(service),
          addressOf(service),
          { ...request, base: service.repository.branch },
          signal,
        ),
      ),
    merge: (service, number, { headSha, base }, signal) =>
      operate(`merging pull request #${number}`, signal, () => {
        const onto = base === null ? null : { branch: service.repository.branch, sha: base };
        return mergeOnce(clientOf(service), addressOf(service), number, { headSha, onto }, signal);
      }),
    findPullRequest: (service, branch, signal) =>
      operate(`looking for the pull request of ${branch}`, signal, () =>
        findByBranch(clientOf(service), addressOf(service), branch, signal),
      ),
    close: (service, number, signal) =>
      operate(`closing pull request #${number}`, signal, () =>
        closeOnce(clientOf(service), addressOf(service), number, signal),
      ),
    commitUrl: (service, sha) => `${webOrigin(options.apiUrl)}/${service.repository.slug}/commit/${sha}`,
  };
}

function addressOf(service: Service): RepositoryAddress {
  const [owner = '', repo = ''] = service.repository.slug.split('/');
  return { owner, repo };
}

/** Where people look: `api.github.com` belongs to `github.com`, `HOST/api/v3` to `HOST`. */
export function webOrigin(apiUrl: string): string {
  const url = new URL(apiUrl);
  return url.hostname === 'api.github.com' ? 'https://github.com' : url.origin;
}

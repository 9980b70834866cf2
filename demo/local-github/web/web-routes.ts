import { firstParentOf, readCommit, readDiff } from '../commit-view.ts';
import type { FrontDoor } from '../front-door.ts';
import { forkPoint } from '../pull-routes.ts';
import type { Repository } from '../repository.ts';
import { type Answer, answerText, GithubRefusal, type Route, route } from '../router.ts';
import { blobPage, repositoryPage, treePage } from './code-page.ts';
import { commitPage, commitsPage } from './commit-page.ts';
import { answerPage, escapeHtml } from './page.ts';
import { pullPage, pullsPage } from './pull-page.ts';

/** Pages for people, at the same addresses as on GitHub, so that links in a channel open something readable. */
export function webRoutes(door: FrontDoor): Route[] {
  const page = (
    path: string,
    show: (repository: Repository, params: Record<string, string>) => Promise<Answer>,
  ) =>
    route('GET', path, async (_request, params) => {
      try {
        return await show(await door.find(params['owner'] ?? '', params['repo'] ?? ''), params);
      } catch (error) {
        if (error instanceof GithubRefusal && error.status < 500) return notFoundPage();
        throw error;
      }
    });

  return [
    route('GET', '/', () => ownerPage(door)),
    route('GET', '/favicon.ico', async () => ({ status: 204, headers: {}, body: '' })),
    route('GET', '/:owner', (_request, params) =>
      params['owner'] === door.owner ? ownerPage(door) : Promise.resolve(notFoundPage()),
    ),
    page('/:owner/:repo', repositoryPage),
    page('/:owner/:repo/pulls', pullsPage),
    page('/:owner/:repo/pull/:number.diff', async (repository, params) => {
      const pull = repository.pulls.get(Number(params['number']));
      if (pull === undefined) throw new GithubRefusal(404, 'Not Found');
      return answerText(200, await readDiff(repository.git, await forkPoint(repository, pull), pull.headSha));
    }),
    page('/:owner/:repo/pull/:number', (repository, params) =>
      pullPage(repository, Number(params['number'])),
    ),
    page('/:owner/:repo/pull/:number/:tab', (repository, params) =>
      pullPage(repository, Number(params['number'])),
    ),
    page('/:owner/:repo/commit/:sha.diff', async (repository, params) => {
      const commit = await readCommit(repository.git, params['sha'] ?? '');
      if (commit === undefined) throw new GithubRefusal(404, 'Not Found');
      return answerText(200, await readDiff(repository.git, firstParentOf(commit), commit.sha));
    }),
    page('/:owner/:repo/commit/:sha', (repository, params) => commitPage(repository, params['sha'] ?? '')),
    page('/:owner/:repo/commits/*ref', (repository, params) => commitsPage(repository, params['ref'] ?? '')),
    page('/:owner/:repo/tree/*rest', (repository, params) => treePage(repository, params['rest'] ?? '')),
    page('/:owner/:repo/blob/*rest', (repository, params) => blobPage(repository, params['rest'] ?? '')),
  ];
}

async function ownerPage(door: FrontDoor): Promise<Answer> {
  const items = (await door.names()).map(
    (name) => `<li><a href="/${door.owner}/${name}"><strong>${escapeHtml(name)}</strong></a></li>`,
  );
  return answerPage(
    door.owner,
    [{ text: door.owner, href: '/' }],
    `<h1>Repositories</h1><div class="box"><ul class="rows">${items.join('')}</ul></div>`,
  );
}

function notFoundPage(): Answer {
  return answerPage(
    'Not found',
    [{ text: 'Home', href: '/' }],
    '<h1>There is nothing at this address.</h1>',
    404,
  );
}

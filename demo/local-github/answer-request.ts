import type { FrontDoor } from './front-door.ts';
import { gitDataRoutes } from './git-data-routes.ts';
import { historyRoutes } from './history-routes.ts';
import { pullRoutes } from './pull-routes.ts';
import type { Repository } from './repository.ts';
import {
  type Answer,
  type ApiRequest,
  answerRefusal,
  answerText,
  GithubRefusal,
  matchRoute,
} from './router.ts';
import { settlePulls } from './settle-pulls.ts';
import { readGitRequest, serveGit } from './smart-http.ts';
import { webRoutes } from './web/web-routes.ts';

const apiRoots =
  /^\/(repos|orgs|user|users|app|apps|installation|installations|rate_limit|search|_emulate)(\/|$)/;
/** Writes to git content that emulate would answer from its own copy, apart from the real repository. */
const unserved = /^\/repos\/[^/]+\/[^/]+\/(contents|git\/tags|merges|forks|generate|transfer)(\/|$)/;

/** One request, answered by whoever knows: git for git, the API front, emulate, or a page for people. */
export async function answerRequest(door: FrontDoor, request: ApiRequest): Promise<Answer> {
  try {
    const git = readGitRequest(request);
    if (git !== undefined) return await answerGit(door, git, request);
    if (apiRoots.test(request.path)) return await answerApi(door, request);
    const page = matchRoute(webRoutes(door), request);
    return page === undefined ? answerText(404, 'Not Found') : await page.route.handle(request, page.params);
  } catch (error) {
    if (error instanceof GithubRefusal) return answerRefusal(error);
    return answerRefusal(new GithubRefusal(500, error instanceof Error ? error.message : String(error)));
  }
}

async function answerGit(
  door: FrontDoor,
  git: NonNullable<ReturnType<typeof readGitRequest>>,
  request: ApiRequest,
): Promise<Answer> {
  try {
    door.credentials.check(request.headers['authorization'], git.writes ? 'write' : 'read');
  } catch {
    return {
      status: 401,
      headers: { 'www-authenticate': 'Basic realm="GitHub"', 'content-type': 'text/plain' },
      body: 'Invalid username or token.',
    };
  }
  const repository = await door.find(git.owner, git.repo);
  if (git.action !== 'git-receive-pack') return serveGit(door.repositoriesDir, git, request);
  return repository.exclusively(async () => {
    const answer = await serveGit(door.repositoriesDir, git, request);
    await settlePulls(repository);
    return answer;
  });
}

async function answerApi(door: FrontDoor, request: ApiRequest): Promise<Answer> {
  const authorization = request.headers['authorization'];
  // an App signs in with a JWT that emulate verifies
  if (!/^\/app(\/|$)/.test(request.path)) {
    door.credentials.check(
      authorization,
      request.method === 'GET' || request.method === 'HEAD' ? 'read' : 'write',
    );
  }
  const find = (params: Record<string, string>): Promise<Repository> =>
    door.find(params['owner'] ?? '', params['repo'] ?? '');
  const routes = [...gitDataRoutes(find), ...historyRoutes(door.origin, find), ...pullRoutes(find)];
  const match = matchRoute(routes, request);
  if (match !== undefined) return match.route.handle(request, match.params);
  if (unserved.test(request.path)) {
    throw new GithubRefusal(501, `This local GitHub does not do ${request.method} ${request.path}`);
  }
  const [, owner, repo] = /^\/repos\/([^/]+)\/([^/]+)/.exec(request.path) ?? [];
  if (owner !== undefined && repo !== undefined) await door.find(owner, repo);
  const answer = await door.emulated.forward(request);
  rememberInstallationToken(door, request, answer);
  return answer;
}

function rememberInstallationToken(door: FrontDoor, request: ApiRequest, answer: Answer): void {
  if (answer.status !== 201 || !request.path.endsWith('/access_tokens')) return;
  const { token } = JSON.parse(answer.body.toString()) as { token?: string };
  if (token !== undefined) door.credentials.remember(token);
}

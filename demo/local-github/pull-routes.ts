import { listCommits, listFileChanges, readDiff } from './commit-view.ts';
import { commitJson, fileJson } from './github-json.ts';
import { wants } from './history-routes.ts';
import { mergedTree, mergePull } from './merge-pull.ts';
import { branchTip, type PullRecord, type Repository } from './repository.ts';
import {
  type Answer,
  type ApiRequest,
  answerJson,
  answerText,
  GithubRefusal,
  type Route,
  readJsonBody,
  readPaging,
  route,
  textField,
} from './router.ts';
import { followBranches } from './settle-pulls.ts';

type PullJson = Record<string, unknown> & { number: number; head: object; base: object };

/** Pull requests: emulate's rows, with every fact about commits and files replaced by git's. */
export function pullRoutes(find: (params: Record<string, string>) => Promise<Repository>): Route[] {
  const base = '/repos/:owner/:repo/pulls';
  const withPull = async (
    params: Record<string, string>,
    use: (repository: Repository, pull: PullRecord) => Promise<Answer>,
  ): Promise<Answer> => {
    const repository = await find(params);
    const pull = repository.pulls.get(Number(params['number']));
    if (pull === undefined) throw new GithubRefusal(404, 'Not Found');
    await followBranches(repository, pull);
    return use(repository, pull);
  };

  return [
    route('POST', base, async (request, params) => {
      const repository = await find(params);
      return repository.exclusively(() => createPull(repository, request));
    }),
    route('GET', base, async (request, params) => {
      const repository = await find(params);
      const answer = await repository.emulated.forward(request);
      if (answer.status !== 200) return answer;
      const rows = JSON.parse(answer.body.toString()) as PullJson[];
      const shown: PullJson[] = [];
      for (const row of rows) shown.push(await overlayShas(repository, row));
      return { ...answer, body: JSON.stringify(shown) };
    }),
    route('GET', `${base}/:number`, (request, params) =>
      withPull(params, async (repository, pull) => {
        if (wants(request, 'diff')) {
          return answerText(
            200,
            await readDiff(repository.git, await forkPoint(repository, pull), pull.headSha),
          );
        }
        return overlayAnswer(repository, await repository.emulated.forward(request));
      }),
    ),
    route('PATCH', `${base}/:number`, (request, params) =>
      withPull(params, (repository, pull) =>
        repository.exclusively(() => changePull(repository, pull, request)),
      ),
    ),
    route('GET', `${base}/:number/merge`, (_request, params) =>
      withPull(params, async (_repository, pull) => {
        if (pull.mergeSha === null) throw new GithubRefusal(404, 'Not Found');
        return { status: 204, headers: {}, body: '' };
      }),
    ),
    route('PUT', `${base}/:number/merge`, (request, params) =>
      withPull(params, (repository, pull) =>
        repository.exclusively(() => mergePull(repository, pull, request)),
      ),
    ),
    route('GET', `${base}/:number/commits`, (_request, params) =>
      withPull(params, async (repository, pull) => {
        const commits = await pullCommits(repository, pull);
        return answerJson(
          200,
          commits.map((commit) => commitJson(repository.urls, commit)),
        );
      }),
    ),
    route('GET', `${base}/:number/files`, (request, params) =>
      withPull(params, async (repository, pull) => {
        const { page, perPage } = readPaging(request);
        const files = await pullFiles(repository, pull);
        const shown = files.slice((page - 1) * perPage, page * perPage);
        return answerJson(
          200,
          shown.map((file) => fileJson(repository.urls, file, pull.headSha)),
        );
      }),
    ),
    route('PUT', `${base}/:number/update-branch`, async () => {
      throw new GithubRefusal(
        501,
        'This local GitHub does not update pull request branches: push to them instead',
      );
    }),
  ];
}

async function createPull(repository: Repository, request: ApiRequest): Promise<Answer> {
  const body = readJsonBody(request);
  const headRef = (textField(body, 'head') ?? '').replace(/^[^:]+:/, '');
  const baseRef = textField(body, 'base') ?? '';
  const headSha = await branchTip(repository, headRef);
  const baseSha = await branchTip(repository, baseRef);
  if (headSha === undefined) throw invalid('head');
  if (baseSha === undefined) throw invalid('base');
  for (const pull of repository.pulls.values()) {
    if (!pull.closed && pull.headRef === headRef && pull.baseRef === baseRef) {
      throw custom(`A pull request already exists for ${repository.owner}:${headRef}.`);
    }
  }
  const between = await repository.git.text(['rev-list', '--count', `${baseSha}..${headSha}`]);
  if (between.trim() === '0') throw custom(`No commits between ${baseRef} and ${headRef}`);

  const answer = await repository.emulated.forward(request);
  if (answer.status !== 201) return answer;
  const { number } = JSON.parse(answer.body.toString()) as PullJson;
  repository.pulls.set(number, { number, headRef, baseRef, headSha, baseSha, mergeSha: null, closed: false });
  return overlayAnswer(repository, answer);
}

function invalid(field: string): GithubRefusal {
  return new GithubRefusal(422, 'Validation Failed', [{ resource: 'PullRequest', field, code: 'invalid' }]);
}

function custom(message: string): GithubRefusal {
  return new GithubRefusal(422, 'Validation Failed', [{ resource: 'PullRequest', code: 'custom', message }]);
}

async function changePull(repository: Repository, pull: PullRecord, request: ApiRequest): Promise<Answer> {
  const { state, base } = readJsonBody(request);
  if (typeof base === 'string' && (await branchTip(repository, base)) === undefined) throw invalid('base');
  if (state === 'open' && (pull.mergeSha !== null || !(await branchTip(repository, pull.headRef)))) {
    throw invalid('state');
  }
  const answer = await repository.emulated.forward(request);
  if (answer.status !== 200) return answer;
  if (state === 'closed') pull.closed = true;
  if (state === 'open') pull.closed = false;
  if (typeof base === 'string') pull.baseRef = base;
  await followBranches(repository, pull);
  return overlayAnswer(repository, answer);
}

async function overlayAnswer(repository: Repository, answer: Answer): Promise<Answer> {
  if (answer.status >= 300) return answer;
  const row = JSON.parse(answer.body.toString()) as PullJson;
  const pull = repository.pulls.get(row.number);
  if (pull === undefined) return answer;
  const [files, commits, shown] = [
    await pullFiles(repository, pull),
    await pullCommits(repository, pull),
    await overlayShas(repository, row),
  ];
  const value = {
    ...shown,
    ...(await mergeability(repository, pull)),
    commits: commits.length,
    changed_files: files.length,
    additions: files.reduce((sum, file) => sum + file.additions, 0),
    deletions: files.reduce((sum, file) => sum + file.deletions, 0),
  };
  return { ...answer, body: JSON.stringify(value) };
}

async function overlayShas(repository: Repository, row: PullJson): Promise<PullJson> {
  const pull = repository.pulls.get(row.number);
  if (pull === undefined) return row;
  await followBranches(repository, pull);
  return {
    ...row,
    head: { ...row.head, sha: pull.headSha },
    base: { ...row.base, sha: pull.baseSha },
    merge_commit_sha: pull.mergeSha,
  };
}

/** GitHub computes this in the background: the first look at a pair of commits gets null. */
async function mergeability(
  repository: Repository,
  pull: PullRecord,
): Promise<{ mergeable: boolean | null; mergeable_state: string }> {
  if (pull.closed) return { mergeable: null, mergeable_state: 'unknown' };
  const pair = `${pull.baseSha}..${pull.headSha}`;
  if (!repository.mergeabilityAsked.has(pair)) {
    repository.mergeabilityAsked.add(pair);
    return { mergeable: null, mergeable_state: 'unknown' };
  }
  const tree = await mergedTree(repository, pull.baseSha, pull.headSha);
  return tree === undefined
    ? { mergeable: false, mergeable_state: 'dirty' }
    : { mergeable: true, mergeable_state: 'clean' };
}

export async function forkPoint(repository: Repository, pull: PullRecord): Promise<string> {
  const found = await repository.git.run(['merge-base', pull.baseSha, pull.headSha]);
  return found.code === 0 ? found.stdout.toString('utf8').trim() : pull.baseSha;
}

export async function pullFiles(repository: Repository, pull: PullRecord) {
  return listFileChanges(repository.git, await forkPoint(repository, pull), pull.headSha);
}

export function pullCommits(repository: Repository, pull: PullRecord) {
  return listCommits(repository.git, ['--reverse', `${pull.baseSha}..${pull.headSha}`]);
}

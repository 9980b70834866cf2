import { firstParentOf, listCommits, listFileChanges, readCommit, readDiff } from './commit-view.ts';
import { commitJson, fileJson } from './github-json.ts';
import { type Repository, requireCommit } from './repository.ts';
import {
  type Answer,
  type ApiRequest,
  answerJson,
  answerText,
  GithubRefusal,
  linkHeader,
  type Route,
  readPaging,
  route,
} from './router.ts';

/** Commits, comparisons, branches and file contents, read from the bare repository by real git. */
export function historyRoutes(
  origin: string,
  find: (params: Record<string, string>) => Promise<Repository>,
): Route[] {
  const base = '/repos/:owner/:repo';
  return [
    route('GET', base, async (request, params) => describeRepository(await find(params), request)),
    route('GET', `${base}/commits`, async (request, params) =>
      listHistory(origin, await find(params), request),
    ),
    route('GET', `${base}/commits/:ref`, async (request, params) => {
      const repository = await find(params);
      const sha = await requireCommit(repository, params['ref'] ?? '');
      const commit = await readCommit(repository.git, sha);
      if (commit === undefined) throw new GithubRefusal(404, 'Not Found');
      if (wants(request, 'sha')) return answerText(200, sha);
      if (wants(request, 'diff'))
        return answerText(200, await readDiff(repository.git, firstParentOf(commit), sha));
      const files = await listFileChanges(repository.git, firstParentOf(commit), sha);
      return answerJson(200, commitJson(repository.urls, commit, files));
    }),
    route('GET', `${base}/compare/*basehead`, async (request, params) =>
      compare(await find(params), params['basehead'] ?? '', request),
    ),
    route('GET', `${base}/branches`, async (_request, params) => listBranches(await find(params))),
    route('GET', `${base}/branches/:branch`, async (_request, params) => {
      const repository = await find(params);
      const commit = await readCommit(repository.git, `refs/heads/${params['branch']}`);
      if (commit === undefined) throw new GithubRefusal(404, 'Branch not found');
      return answerJson(200, {
        name: params['branch'],
        commit: commitJson(repository.urls, commit),
        protected: false,
      });
    }),
    route('GET', `${base}/contents`, async (request, params) =>
      readContents(await find(params), '', request),
    ),
    route('GET', `${base}/contents/*path`, async (request, params) =>
      readContents(await find(params), params['path'] ?? '', request),
    ),
  ];
}

/** True for `application/vnd.github.diff` and its older spellings (`v3.diff`). */
export function wants(request: ApiRequest, media: 'diff' | 'sha' | 'raw'): boolean {
  return new RegExp(`vnd\\.github\\.(v3\\.)?${media}`).test(request.headers['accept'] ?? '');
}

/** emulate's repository, with the facts that git knows better. */
async function describeRepository(repository: Repository, request: ApiRequest): Promise<Answer> {
  const answer = await repository.emulated.forward(request);
  if (answer.status !== 200) return answer;
  const value = JSON.parse(answer.body.toString()) as Record<string, unknown>;
  const branch = await repository.git.defaultBranch();
  const tip = await readCommit(repository.git, `refs/heads/${branch}`);
  const pushed = tip === undefined ? {} : { pushed_at: tip.committer.date };
  return answerJson(200, {
    ...value,
    default_branch: branch,
    clone_url: `${repository.urls.web}.git`,
    ...pushed,
  });
}

async function listHistory(origin: string, repository: Repository, request: ApiRequest): Promise<Answer> {
  const { query } = request;
  const { page, perPage } = readPaging(request);
  const from = query.get('sha') ?? (await repository.git.defaultBranch());
  const sha = await requireCommit(repository, from).catch(() => undefined);
  if (sha === undefined) throw new GithubRefusal(404, 'Not Found');
  const args = [`--max-count=${perPage + 1}`, `--skip=${(page - 1) * perPage}`];
  const author = query.get('author');
  if (author !== null) args.push('--fixed-strings', `--author=${author}`);
  for (const bound of ['since', 'until'] as const) {
    const date = query.get(bound);
    if (date !== null) args.push(`--${bound}=${date}`);
  }
  args.push(sha, '--');
  const path = query.get('path');
  if (path !== null) args.push(path);
  const commits = await listCommits(repository.git, args);
  return answerJson(
    200,
    commits.slice(0, perPage).map((commit) => commitJson(repository.urls, commit)),
    linkHeader(origin, request, commits.length > perPage),
  );
}

async function compare(repository: Repository, basehead: string, request: ApiRequest): Promise<Answer> {
  const [baseName = '', headName = ''] = basehead.split('...').map((side) => side.replace(/^[^:]+:/, ''));
  const { git, urls } = repository;
  const [base, head] = await Promise.all([
    requireCommit(repository, baseName).catch(() => undefined),
    requireCommit(repository, headName).catch(() => undefined),
  ]);
  if (base === undefined || head === undefined) throw new GithubRefusal(404, 'Not Found');
  const mergeBase = (await git.run(['merge-base', base, head])).stdout.toString('utf8').trim();
  if (mergeBase === '')
    throw new GithubRefusal(404, `No common ancestor between ${baseName} and ${headName}.`);
  if (wants(request, 'diff')) return answerText(200, await readDiff(git, mergeBase, head));
  const [ahead, behind, files, baseCommit, mergeBaseCommit] = await Promise.all([
    listCommits(git, ['--reverse', `${base}..${head}`]),
    listCommits(git, [`${head}..${base}`]),
    listFileChanges(git, mergeBase, head),
    readCommit(git, base),
    readCommit(git, mergeBase),
  ]);
  if (baseCommit === undefined || mergeBaseCommit === undefined) throw new GithubRefusal(404, 'Not Found');
  return answerJson(200, {
    url: `${urls.api}/compare/${basehead}`,
    html_url: `${urls.web}/compare/${basehead}`,
    base_commit: commitJson(urls, baseCommit),
    merge_base_commit: commitJson(urls, mergeBaseCommit),
    status: compareStatus(ahead.length, behind.length),
    ahead_by: ahead.length,
    behind_by: behind.length,
    total_commits: ahead.length,
    commits: ahead.map((commit) => commitJson(urls, commit)),
    files: files.map((file) => fileJson(urls, file, head)),
  });
}

function compareStatus(ahead: number, behind: number): 'identical' | 'ahead' | 'behind' | 'diverged' {
  if (ahead > 0) return behind > 0 ? 'diverged' : 'ahead';
  return behind > 0 ? 'behind' : 'identical';
}

async function listBranches(repository: Repository): Promise<Answer> {
  const out = await repository.git.text([
    'for-each-ref',
    '--format=%(objectname) %(refname:short)',
    'refs/heads',
  ]);
  const branches = out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const sha = line.slice(0, 40);
      return {
        name: line.slice(41),
        commit: { sha, url: `${repository.urls.api}/commits/${sha}` },
        protected: false,
      };
    });
  return answerJson(200, branches);
}

async function readContents(repository: Repository, path: string, request: ApiRequest): Promise<Answer> {
  const { git, urls } = repository;
  const ref = request.query.get('ref') ?? (await git.defaultBranch());
  const commit = await requireCommit(repository, ref).catch(() => undefined);
  if (commit === undefined) throw new GithubRefusal(404, `No commit found for the ref ${ref}`);
  const clean = path.replace(/\/+$/, '');
  const object = await git.resolve(clean === '' ? `${commit}^{tree}` : `${commit}:${clean}`);
  if (object === undefined) throw new GithubRefusal(404, 'Not Found');
  const type = (await git.text(['cat-file', '-t', object])).trim();
  if (type === 'tree') {
    const out = await git.text(['ls-tree', '-z', object]);
    const entries = out.split('\0').filter((line) => line !== '');
    return answerJson(
      200,
      entries.map((line) => entryJson(repository, line, clean, ref)),
    );
  }
  const content = (await git.run(['cat-file', 'blob', object])).stdout;
  if (wants(request, 'raw')) {
    return { status: 200, headers: { 'content-type': 'application/vnd.github.raw' }, body: content };
  }
  return answerJson(200, {
    type: 'file',
    encoding: 'base64',
    size: content.length,
    name: clean.split('/').at(-1),
    path: clean,
    content: content.toString('base64'),
    sha: object,
    url: `${urls.api}/contents/${clean}?ref=${ref}`,
    html_url: `${urls.web}/blob/${ref}/${clean}`,
  });
}

function entryJson(repository: Repository, line: string, folder: string, ref: string): unknown {
  const tab = line.indexOf('\t');
  const [, type = '', sha = ''] = line.slice(0, tab).split(' ');
  const name = line.slice(tab + 1);
  const path = folder === '' ? name : `${folder}/${name}`;
  const url = `${repository.urls.api}/contents/${path}?ref=${ref}`;
  return { type: type === 'tree' ? 'dir' : 'file', name, path, sha, url };
}

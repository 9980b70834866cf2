import { noCommit } from './bare-git.ts';
import { readCommit } from './commit-view.ts';
import { botLogin } from './emulated-github.ts';
import { gitCommitJson, refJson } from './github-json.ts';
import type { Repository } from './repository.ts';
import { type Answer, answerJson, GithubRefusal, type Route, readJsonBody, route } from './router.ts';
import { settlePulls } from './settle-pulls.ts';

const shaPattern = /^[0-9a-f]{40}$/;

/** GitHub's git database, answered by real git on the bare repository. */
export function gitDataRoutes(find: (params: Record<string, string>) => Promise<Repository>): Route[] {
  const base = '/repos/:owner/:repo/git';
  return [
    route('GET', `${base}/ref/*ref`, async (_request, params) => {
      const repository = await find(params);
      const ref = `refs/${params['ref']}`;
      const sha = await repository.git.resolve(ref);
      if (sha === undefined) throw new GithubRefusal(404, 'Not Found');
      return answerJson(200, refJson(repository.urls, ref, sha));
    }),
    route('GET', `${base}/matching-refs/*ref`, async (_request, params) => {
      const repository = await find(params);
      return answerJson(200, await matchingRefs(repository, `refs/${params['ref']}`));
    }),
    route('POST', `${base}/refs`, async (request, params) =>
      createRef(await find(params), readJsonBody(request)),
    ),
    route('PATCH', `${base}/refs/*ref`, async (request, params) =>
      updateRef(await find(params), `refs/${params['ref']}`, readJsonBody(request)),
    ),
    route('DELETE', `${base}/refs/*ref`, async (_request, params) =>
      deleteRef(await find(params), `refs/${params['ref']}`),
    ),
    route('GET', `${base}/commits/:sha`, async (_request, params) => {
      const repository = await find(params);
      const commit = await readCommit(repository.git, params['sha'] ?? '');
      if (commit === undefined) throw new GithubRefusal(404, 'Not Found');
      return answerJson(200, gitCommitJson(repository.urls, commit));
    }),
    route('POST', `${base}/commits`, async (request, params) =>
      createCommit(await find(params), readJsonBody(request)),
    ),
    route('GET', `${base}/trees/*tree`, async (request, params) =>
      readTree(await find(params), params['tree'] ?? '', request.query.has('recursive')),
    ),
    route('POST', `${base}/trees`, async (request, params) =>
      createTree(await find(params), readJsonBody(request)),
    ),
    route('GET', `${base}/blobs/:sha`, async (_request, params) =>
      readBlob(await find(params), params['sha'] ?? ''),
    ),
    route('POST', `${base}/blobs`, async (request, params) => {
      const repository = await find(params);
      const body = readJsonBody(request);
      if (typeof body['content'] !== 'string') throw new GithubRefusal(422, 'content is required');
      const content = Buffer.from(body['content'], body['encoding'] === 'base64' ? 'base64' : 'utf8');
      const sha = await writeBlob(repository, content);
      return answerJson(201, { sha, url: `${repository.urls.api}/git/blobs/${sha}` });
    }),
  ];
}

async function matchingRefs(repository: Repository, prefix: string): Promise<unknown[]> {
  const out = await repository.git.text(['for-each-ref', '--format=%(objectname) %(refname)']);
  return out
    .split('\n')
    .filter((line) => line.slice(41).startsWith(prefix))
    .map((line) => refJson(repository.urls, line.slice(41), line.slice(0, 40)));
}

async function createRef(repository: Repository, body: Record<string, unknown>): Promise<Answer> {
  const { ref, sha } = body;
  if (typeof ref !== 'string' || !ref.startsWith('refs/') || ref.split('/').length < 3) {
    throw new GithubRefusal(422, 'Reference name must start with "refs/" and contain at least three parts.');
  }
  if (typeof sha !== 'string' || (await repository.git.resolve(`${sha}^{commit}`)) === undefined) {
    throw new GithubRefusal(422, 'Object does not exist');
  }
  const checked = await repository.git.run(['check-ref-format', ref]);
  if (checked.code !== 0) throw new GithubRefusal(422, `${ref} is not a valid ref name`);
  const done = await repository.git.run(['update-ref', ref, sha, noCommit]);
  if (done.code !== 0) throw new GithubRefusal(422, 'Reference already exists');
  return answerJson(201, refJson(repository.urls, ref, sha));
}

async function updateRef(
  repository: Repository,
  ref: string,
  body: Record<string, unknown>,
): Promise<Answer> {
  const sha = typeof body['sha'] === 'string' ? body['sha'] : '';
  return repository.exclusively(async () => {
    const current = await repository.git.resolve(ref);
    if (current === undefined) throw new GithubRefusal(422, 'Reference does not exist');
    if ((await repository.git.resolve(`${sha}^{commit}`)) === undefined) {
      throw new GithubRefusal(422, 'Object does not exist');
    }
    if (body['force'] !== true) {
      const ancestor = await repository.git.run(['merge-base', '--is-ancestor', current, sha]);
      if (ancestor.code !== 0) throw new GithubRefusal(422, 'Update is not a fast forward');
    }
    await repository.git.text(['update-ref', ref, sha, current]);
    await settlePulls(repository);
    return answerJson(200, refJson(repository.urls, ref, sha));
  });
}

async function deleteRef(repository: Repository, ref: string): Promise<Answer> {
  return repository.exclusively(async () => {
    const current = await repository.git.resolve(ref);
    if (current === undefined) throw new GithubRefusal(422, 'Reference does not exist');
    if (ref === `refs/heads/${await repository.git.defaultBranch()}`) {
      throw new GithubRefusal(422, 'Cannot delete the default branch');
    }
    await repository.git.text(['update-ref', '-d', ref, current]);
    await settlePulls(repository);
    return { status: 204, headers: {}, body: '' };
  });
}

async function createCommit(repository: Repository, body: Record<string, unknown>): Promise<Answer> {
  const { message, tree, parents } = body;
  if (typeof message !== 'string') throw new GithubRefusal(422, 'message is required');
  if (typeof tree !== 'string' || (await repository.git.resolve(`${tree}^{tree}`)) === undefined) {
    throw new GithubRefusal(422, 'Tree SHA does not exist');
  }
  const parentShas = Array.isArray(parents) ? parents.map(String) : [];
  for (const parent of parentShas) {
    if (!shaPattern.test(parent) || (await repository.git.resolve(`${parent}^{commit}`)) === undefined) {
      throw new GithubRefusal(422, 'Parent SHA does not exist or is not a commit object');
    }
  }
  const author = signature(body['author'], undefined);
  const committer = signature(body['committer'], author);
  const out = await repository.git.text(
    ['commit-tree', tree, ...parentShas.flatMap((parent) => ['-p', parent]), '-F', '-'],
    { input: message, env: { ...signatureEnv('AUTHOR', author), ...signatureEnv('COMMITTER', committer) } },
  );
  const commit = await readCommit(repository.git, out.trim());
  if (commit === undefined) throw new Error('git lost the commit it just wrote');
  return answerJson(201, gitCommitJson(repository.urls, commit));
}

type Signature = { name: string; email: string; date: string };

function signature(given: unknown, fallback: Signature | undefined): Signature {
  const fields = typeof given === 'object' && given !== null ? (given as Record<string, unknown>) : {};
  const otherwise = fallback ?? {
    name: botLogin,
    email: `${botLogin}@users.noreply.github.com`,
    date: new Date().toISOString(),
  };
  const text = (name: keyof Signature): string =>
    typeof fields[name] === 'string' ? fields[name] : otherwise[name];
  return { name: text('name'), email: text('email'), date: text('date') };
}

export function signatureEnv(role: 'AUTHOR' | 'COMMITTER', who: Signature): Record<string, string> {
  const seconds = Math.floor(Date.parse(who.date) / 1000);
  if (!Number.isFinite(seconds)) throw new GithubRefusal(422, 'date is not a valid ISO 8601 date');
  return {
    [`GIT_${role}_NAME`]: who.name,
    [`GIT_${role}_EMAIL`]: who.email,
    [`GIT_${role}_DATE`]: `@${seconds} +0000`,
  };
}

async function createTree(repository: Repository, body: Record<string, unknown>): Promise<Answer> {
  const { base_tree: baseTree, tree } = body;
  if (!Array.isArray(tree)) throw new GithubRefusal(422, 'tree is required');
  const lines: string[] = [];
  for (const item of tree as Record<string, unknown>[]) {
    const { path, mode, sha, content } = item;
    if (typeof path !== 'string' || !isSafePath(path) || typeof mode !== 'string') {
      throw new GithubRefusal(422, 'tree.path contains a malformed path component');
    }
    if (sha === null) {
      lines.push(`0 ${noCommit}\t${path}`);
      continue;
    }
    if (!['100644', '100755', '120000'].includes(mode)) {
      throw new GithubRefusal(501, `This local GitHub writes files only, not entries of mode ${mode}`);
    }
    const blob = typeof content === 'string' ? await writeBlob(repository, Buffer.from(content)) : sha;
    if (typeof blob !== 'string' || !shaPattern.test(blob))
      throw new GithubRefusal(422, 'tree.sha is invalid');
    if ((await repository.git.resolve(`${blob}^{blob}`)) === undefined) {
      throw new GithubRefusal(422, `tree.sha ${blob} is not a valid blob`);
    }
    lines.push(`${mode} ${blob}\t${path}`);
  }
  const sha = await repository.git.withIndex(async (env) => {
    if (typeof baseTree === 'string') {
      const read = await repository.git.run(['read-tree', `${baseTree}^{tree}`], { env });
      if (read.code !== 0) throw new GithubRefusal(422, 'base_tree is not a valid tree oid');
    }
    await repository.git.text(['update-index', '-z', '--index-info'], {
      env,
      input: lines.map((line) => `${line}\0`).join(''),
    });
    return (await repository.git.text(['write-tree'], { env })).trim();
  });
  const written = await readTree(repository, sha, false);
  return { ...written, status: 201 };
}

function isSafePath(path: string): boolean {
  return path.split('/').every((part) => !['', '.', '..', '.git'].includes(part.toLowerCase()));
}

async function readTree(repository: Repository, revision: string, recursive: boolean): Promise<Answer> {
  const sha = await repository.git.resolve(`${revision}^{tree}`);
  if (sha === undefined) throw new GithubRefusal(404, 'Not Found');
  const out = await repository.git.text(['ls-tree', '-z', '-l', ...(recursive ? ['-r', '-t'] : []), sha]);
  const tree = out
    .split('\0')
    .filter((line) => line !== '')
    .map((line) => {
      const tab = line.indexOf('\t');
      const [mode = '', type = '', entry = '', size = ''] = line.slice(0, tab).split(/\s+/);
      const url = `${repository.urls.api}/git/${type}s/${entry}`;
      const path = line.slice(tab + 1);
      return { path, mode, type, sha: entry, ...(size === '-' ? {} : { size: Number(size) }), url };
    });
  return answerJson(200, { sha, url: `${repository.urls.api}/git/trees/${sha}`, tree, truncated: false });
}

async function readBlob(repository: Repository, sha: string): Promise<Answer> {
  const object = await repository.git.resolve(`${sha}^{blob}`);
  if (object === undefined) throw new GithubRefusal(404, 'Not Found');
  const read = await repository.git.run(['cat-file', 'blob', object]);
  return answerJson(200, {
    sha,
    size: read.stdout.length,
    url: `${repository.urls.api}/git/blobs/${sha}`,
    content: read.stdout.toString('base64'),
    encoding: 'base64',
  });
}

async function writeBlob(repository: Repository, content: Buffer): Promise<string> {
  return (await repository.git.text(['hash-object', '-w', '--stdin'], { input: content })).trim();
}

import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { answerJson } from '../../demo/local-github/router.ts';
import { createGithubCredentials } from '../../src/adapters/github/git-credentials.ts';
import { createGithub } from '../../src/adapters/github/github.ts';
import type { Service } from '../../src/domain/service.ts';
import type { CodeHost } from '../../src/ports/code-host.ts';
import type { FileChange } from '../../src/ports/source-control.ts';
import { type Scratch, scratchService, scratchToken, startScratch } from './github-scratch.ts';

describe('GitHub as the code host', () => {
  let scratch: Scratch;
  let host: CodeHost;
  let signal: AbortSignal;

  beforeEach(() => {
    signal = AbortSignal.timeout(55_000);
  });
  beforeAll(async () => {
    scratch = await startScratch();
    host = signIn(scratchToken);
  });
  afterEach(() => scratch.github.faults.clear());
  afterAll(() => scratch.remove());

  function signIn(token: string): CodeHost {
    return createGithub({ apiUrl: scratch.github.apiUrl, auth: { kind: 'token', token } });
  }

  async function makeService(name: string): Promise<{ service: Service; base: string }> {
    const [base = ''] = await scratch.makeRepository(name, [
      { message: 'First', files: { 'a.txt': 'one\n', 'b.txt': 'old\n', 'keep.txt': 'k\n' } },
    ]);
    return { service: scratchService(scratch, name), base };
  }

  const change = (path: string, text: string | null): FileChange => ({
    path,
    mode: '100644',
    content: text === null ? null : Buffer.from(text),
  });

  async function propose(service: Service, base: string, branch = 'warroom/x', text = 'two\n') {
    const changes = [change('a.txt', text)];
    const { headSha } = await host.proposeBranch(service, { branch, base, changes, message: 'Fix' }, signal);
    const pull = await host.openPullRequest(service, { branch, title: 'Fix', body: 'Why' }, signal);
    return { headSha, pull };
  }

  async function codeOf(call: Promise<unknown>): Promise<string> {
    return call.then(
      () => 'no error',
      (error: { code?: string; hint?: string }) => (error.hint ? (error.code ?? 'no code') : 'no hint'),
    );
  }

  it('writes, deletes and keeps files in one commit on the base, bytes and modes intact', async () => {
    const { service, base } = await makeService('files');
    const bytes = Buffer.from([0, 255, 10, 195, 40]);
    const changes: FileChange[] = [
      change('a.txt', 'zwei – ü\n'),
      change('b.txt', null),
      { path: 'bin/run', mode: '100755', content: bytes },
    ];

    const { headSha } = await host.proposeBranch(
      service,
      { branch: 'warroom/files', base, changes, message: 'Change\n\nBody' },
      signal,
    );

    const bare = join(scratch.repositoriesDir, 'files.git');
    expect(await scratch.git(bare, 'rev-parse', 'warroom/files', 'warroom/files^')).toBe(
      `${headSha}\n${base}`,
    );
    expect(await scratch.git(bare, 'show', `${headSha}:a.txt`)).toBe('zwei – ü');
    expect(await scratch.git(bare, 'ls-tree', '-r', '--name-only', headSha)).toBe('a.txt\nbin/run\nkeep.txt');
    expect(await scratch.git(bare, 'ls-tree', headSha, 'bin/run')).toMatch(/^100755/);
    expect(await scratch.git(bare, 'cat-file', '-s', `${headSha}:bin/run`)).toBe(String(bytes.length));
    expect(await scratch.git(bare, 'log', '-1', '--format=%B', headSha)).toBe('Change\n\nBody');
  });

  it('opens one pull request, merges it and removes its branch, however often it is asked', async () => {
    const { service, base } = await makeService('once');

    const first = await propose(service, base);
    const second = await propose(service, base);
    const merged = await host.merge(
      service,
      first.pull.number,
      { headSha: first.headSha, base: null },
      signal,
    );
    const again = await host.merge(
      service,
      first.pull.number,
      { headSha: first.headSha, base: null },
      signal,
    );

    expect(second).toEqual(first);
    expect(first.pull).toMatchObject({ state: 'open', mergeSha: null, headSha: first.headSha });
    expect(merged).toMatchObject({ state: 'merged', mergeSha: await scratch.mainSha('once') });
    expect(again).toEqual(merged);
    expect(await host.branchHead(service, signal)).toBe(merged.mergeSha);
    expect(await host.findPullRequest(service, 'warroom/x', signal)).toEqual(merged);
    expect(await scratch.github.pullRequests('once')).toHaveLength(1);
    const branches = await scratch.git(
      join(scratch.repositoriesDir, 'once.git'),
      'branch',
      '--format=%(refname:short)',
    );
    expect(branches).toBe('main');
  });

  it('overwrites a branch of that name which holds something else', async () => {
    const { service, base } = await makeService('squatted');
    await host.proposeBranch(
      service,
      { branch: 'warroom/x', base, changes: [change('a.txt', 'hostile\n')], message: 'Mine' },
      signal,
    );

    const { headSha } = await propose(service, base);

    const bare = join(scratch.repositoriesDir, 'squatted.git');
    expect(await scratch.git(bare, 'show', 'warroom/x:a.txt')).toBe('two');
    expect(await scratch.git(bare, 'rev-parse', 'warroom/x')).toBe(headSha);
  });

  it('does not merge a head that was pushed to, a conflict, or a closed pull request', async () => {
    const { service, base } = await makeService('refusals');
    const stale = await propose(service, base, 'warroom/stale');
    const conflicting = await propose(service, base, 'warroom/conflict', 'three\n');
    const closed = await propose(service, base, 'warroom/closed', 'four\n');

    await host.close(service, closed.pull.number, signal);
    expect(
      await codeOf(host.merge(service, closed.pull.number, { headSha: closed.headSha, base: null }, signal)),
    ).toBe('conflict');
    expect(await codeOf(host.merge(service, stale.pull.number, { headSha: base, base: null }, signal))).toBe(
      'stale',
    );
    await scratch.pushCommits('refusals', [{ message: 'Other', files: { 'a.txt': 'five\n' } }]);
    expect(
      await codeOf(
        host.merge(service, conflicting.pull.number, { headSha: conflicting.headSha, base: null }, signal),
      ),
    ).toBe('conflict');
    expect(await host.findPullRequest(service, 'warroom/closed', signal)).toMatchObject({ state: 'closed' });
    expect(await scratch.fileOnMain('refusals', 'a.txt')).toBe('five');
  });

  it('merges onto the pinned base alone', async () => {
    const { service, base } = await makeService('pinned');
    const { headSha, pull } = await propose(service, base);
    const [now] = await scratch.pushCommits('pinned', [{ message: 'Other', files: { 'c.txt': 'c\n' } }]);

    expect(await codeOf(host.merge(service, pull.number, { headSha, base }, signal))).toBe('stale');

    expect(await scratch.mainSha('pinned')).toBe(now);
    expect(await scratch.github.pullRequests('pinned')).toMatchObject([{ state: 'open', merged: false }]);
  });

  it.each([
    ['the branch', 'POST', /git\/refs$/],
    ['the pull request', 'POST', /pulls$/],
    ['the merge', 'PUT', /merge$/],
  ])('finds its own work again when the answer about %s is lost', async (_what, method, path) => {
    const name = `lost-${path.source.replaceAll(/\W/g, '')}`;
    const { service, base } = await makeService(name);
    scratch.github.faults.add({ method, path, happens: 'lose-answer' });

    const { headSha, pull } = await propose(service, base);
    const merged = await host.merge(service, pull.number, { headSha: headSha, base: null }, signal);

    expect(merged.state).toBe('merged');
    expect(await scratch.github.pullRequests(name)).toMatchObject([{ merged: true }]);
    const bare = join(scratch.repositoriesDir, `${name}.git`);
    expect(await scratch.git(bare, 'rev-list', '--count', '--merges', 'main')).toBe('1');
  });

  it('waits out a limit that names its time, and gives up on a long one', async () => {
    const { service, base } = await makeService('limits');
    const limited = (seconds: string) =>
      answerJson(429, { message: 'slow down' }, { 'retry-after': seconds });

    scratch.github.faults.add({ method: 'GET', path: /git\/ref\//, happens: limited('1') });
    const before = Date.now();
    expect(await host.branchHead(service, signal)).toBe(base);
    expect(Date.now() - before).toBeGreaterThanOrEqual(1_000);

    const secondary = answerJson(
      403,
      { message: 'You have exceeded a secondary rate limit' },
      { 'retry-after': '0' },
    );
    scratch.github.faults.add({ method: 'POST', path: /git\/trees$/, happens: secondary });
    expect((await propose(service, base)).pull.state).toBe('open');

    scratch.github.faults.add({ method: 'GET', path: /git\/ref\//, happens: limited('3600') });
    expect(await codeOf(host.branchHead(service, signal))).toBe('rate_limited');
  });

  it('tries again after a 502, and says so in the end when it stays', async () => {
    const { service, base } = await makeService('outage');
    const bad = answerJson(502, { message: 'Bad gateway' });

    scratch.github.faults.add({ method: 'GET', path: /git\/ref\//, happens: bad, times: 2 });
    expect(await host.branchHead(service, signal)).toBe(base);
    scratch.github.faults.add({ method: 'POST', path: /git\/trees$/, happens: bad, times: 99 });
    expect(await codeOf(propose(service, base))).toBe('source_unreachable');
  });

  it('names what is wrong: credentials, address, network', async () => {
    const { service } = await makeService('errors');
    const elsewhere = { ...service, repository: { ...service.repository, slug: 'acme/nowhere' } };
    const offline = createGithub({ apiUrl: 'http://127.0.0.1:9', auth: { kind: 'token', token: 'x' } });

    expect(await codeOf(signIn('wrong').branchHead(service, signal))).toBe('access_refused');
    expect(await codeOf(host.branchHead(elsewhere, signal))).toBe('not_found');
    expect(await codeOf(offline.branchHead(service, signal))).toBe('source_unreachable');
  });

  it('stops when the caller aborts', async () => {
    const { service } = await makeService('aborted');

    await expect(host.branchHead(service, AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
  });

  it('works as a GitHub App, and gives git its installation token for this host alone', async () => {
    const { service, base } = await makeService('as-app');
    const { appId, installationId, privateKey } = scratch.github.app;
    const auth = {
      kind: 'app' as const,
      appId: String(appId),
      installationId: String(installationId),
      privateKey,
    };
    const options = { apiUrl: scratch.github.apiUrl, auth };
    const app = createGithub(options);
    const credentials = createGithubCredentials(options);

    const changes = [change('a.txt', 'two\n')];
    const made = await app.proposeBranch(
      service,
      { branch: 'warroom/app', base, changes, message: 'Fix' },
      signal,
    );
    const pull = await app.openPullRequest(
      service,
      { branch: 'warroom/app', title: 'Fix', body: '' },
      signal,
    );
    const merged = await app.merge(service, pull.number, { headSha: made.headSha, base: null }, signal);

    expect(merged.state).toBe('merged');
    const given = await credentials(service.repository.url, signal);
    expect(given?.username).toBe('x-access-token');
    expect(given?.password).toMatch(/^ghs_/);
    expect(await credentials('https://elsewhere.example/acme/as-app.git', signal)).toBeNull();
  });

  it('asks as an App for tokens of one repository, with no more permissions than it needs', async () => {
    const { service } = await makeService('narrow');
    const { service: other } = await makeService('narrow-other');
    const { appId, installationId, privateKey } = scratch.github.app;
    const app = { appId: String(appId), installationId: String(installationId), privateKey };
    const options = { apiUrl: scratch.github.apiUrl, auth: { kind: 'app' as const, ...app } };
    const github = createGithub(options);
    const credentials = createGithubCredentials(options);
    const asked: unknown[] = [];
    const { faults } = scratch.github;
    const { take } = faults;
    faults.take = (request) => {
      if (request.path.endsWith('/access_tokens')) asked.push(JSON.parse(request.body.toString()));
      return take(request);
    };
    try {
      await Promise.all([service, other, service].map((one) => github.branchHead(one, signal)));
      await credentials(service.repository.url, signal);
    } finally {
      faults.take = take;
    }

    const permissions = { contents: 'write', pull_requests: 'write' };
    expect(asked).toHaveLength(3);
    expect(asked).toEqual(
      expect.arrayContaining([
        { repositories: ['narrow'], permissions },
        { repositories: ['narrow-other'], permissions },
        { repositories: ['narrow'], permissions: { contents: 'read' } },
      ]),
    );
  });

  it('says what is missing when the App is given no token for a repository', async () => {
    const { service } = await makeService('ungranted');
    const { appId, installationId, privateKey } = scratch.github.app;
    const app = { appId: String(appId), installationId: String(installationId), privateKey };
    const github = createGithub({ apiUrl: scratch.github.apiUrl, auth: { kind: 'app', ...app } });
    const refusal = answerJson(422, { message: 'The permissions requested are not granted' });
    const token = { method: 'POST', path: /access_tokens$/, happens: refusal };
    scratch.github.faults.add(token);

    const refused = await github.branchHead(service, signal).catch((error: unknown) => error);

    expect(refused).toMatchObject({
      code: 'access_refused',
      hint: expect.stringContaining('Contents: write'),
    });
    expect(await github.branchHead(service, signal)).toMatch(/^[0-9a-f]{40}$/);
  });

  it('links commits where people read them', async () => {
    const { service } = await makeService('links');
    const github = createGithub({ apiUrl: 'https://api.github.com', auth: { kind: 'token', token: 'x' } });
    const enterprise = createGithub({
      apiUrl: 'https://git.acme.test/api/v3',
      auth: { kind: 'token', token: 'x' },
    });

    expect(github.commitUrl(service, 'abc')).toBe('https://github.com/acme/links/commit/abc');
    expect(enterprise.commitUrl(service, 'abc')).toBe('https://git.acme.test/acme/links/commit/abc');
  });
});

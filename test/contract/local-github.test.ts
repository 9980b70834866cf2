import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createAppAuth } from '@octokit/auth-app';
import { Octokit } from '@octokit/rest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scratchOwner as owner, type Scratch, scratchToken, startScratch } from './github-scratch.ts';

describe('the local GitHub', () => {
  let scratch: Scratch;
  let octokit: Octokit;

  beforeAll(async () => {
    scratch = await startScratch();
    octokit = signIn(scratchToken);
  });
  afterAll(() => scratch.remove());

  function signIn(auth: string): Octokit {
    const quiet = { debug: noop, info: noop, warn: noop, error: noop };
    return new Octokit({ auth, baseUrl: scratch.github.apiUrl, log: quiet });
  }

  async function statusOf(call: Promise<unknown>): Promise<number> {
    return call.then(
      () => 200,
      (error: { status: number }) => error.status,
    );
  }

  /** A branch with one commit on top of main, written through the git-data API. */
  async function makeBranch(
    repo: string,
    branch: string,
    files: Record<string, string | null>,
  ): Promise<string> {
    const main = await octokit.rest.git.getRef({ owner, repo, ref: 'heads/main' });
    const tree = await octokit.rest.git.createTree({
      owner,
      repo,
      base_tree: main.data.object.sha,
      tree: Object.entries(files).map(([path, content]) =>
        content === null
          ? { path, mode: '100644' as const, type: 'blob' as const, sha: null }
          : { path, mode: '100644' as const, type: 'blob' as const, content },
      ),
    });
    const parents = [main.data.object.sha];
    const commit = await octokit.rest.git.createCommit({
      owner,
      repo,
      message: `Change ${branch}`,
      tree: tree.data.sha,
      parents,
    });
    await octokit.rest.git.createRef({ owner, repo, ref: `refs/heads/${branch}`, sha: commit.data.sha });
    return commit.data.sha;
  }

  it('lists the commits of a repository by the shas that git gave them, without any replay', async () => {
    const commits = Array.from({ length: 40 }, (_, index) => ({
      message: `Change ${index}`,
      files: { 'count.txt': `${index}\n` },
    }));
    const shas = await scratch.makeRepository('history', commits);

    const listed = await octokit.paginate(octokit.rest.repos.listCommits, {
      owner,
      repo: 'history',
      per_page: 15,
    });
    const one = await octokit.rest.repos.getCommit({ owner, repo: 'history', ref: shas[5] ?? '' });

    expect(listed.map((commit) => commit.sha)).toEqual(shas.toReversed());
    expect(one.data.files?.[0]).toMatchObject({
      filename: 'count.txt',
      status: 'modified',
      additions: 1,
      deletions: 1,
    });
    expect(one.data.files?.[0]?.patch).toBe('@@ -1 +1 @@\n-4\n+5');
  });

  it('shows a push to the REST API and a REST commit to a clone', async () => {
    await scratch.makeRepository('two-ways', [{ message: 'First', files: { 'a.txt': 'one\n' } }]);
    const work = await mkdtemp(join(scratch.dir, 'clone-'));
    const url = scratch.github.gitUrl('two-ways').replace('://', `://x-access-token:${scratchToken}@`);
    await scratch.git(scratch.dir, 'clone', '--quiet', url, work);
    await writeFile(join(work, 'b.txt'), 'two\n');
    await scratch.git(work, 'add', '.');
    await scratch.git(work, 'commit', '--quiet', '--author=Bob <bob@example.com>', '-m', 'Second');
    await scratch.git(work, 'push', '--quiet', 'origin', 'main');
    const pushed = await scratch.git(work, 'rev-parse', 'HEAD');

    const seen = await octokit.rest.git.getRef({ owner, repo: 'two-ways', ref: 'heads/main' });
    const made = await makeBranch('two-ways', 'topic/deep', { 'c.txt': 'three\n', 'a.txt': null });
    await scratch.git(work, 'fetch', '--quiet', 'origin');

    expect(seen.data.object.sha).toBe(pushed);
    expect(await scratch.git(work, 'rev-parse', 'origin/topic/deep')).toBe(made);
    expect(await scratch.git(work, 'ls-tree', '--name-only', 'origin/topic/deep')).toBe('b.txt\nc.txt');
  });

  it('merges a pull request into a real commit before it answers', async () => {
    const repo = 'merged';
    await scratch.makeRepository(repo, [{ message: 'First', files: { 'a.txt': 'one\n' } }]);
    const head = await makeBranch(repo, 'fix', { 'a.txt': 'two\n' });
    const opened = await octokit.rest.pulls.create({
      owner,
      repo,
      head: 'fix',
      base: 'main',
      title: 'Fix',
      body: 'Why',
    });
    const number = opened.data.number;

    const files = await octokit.rest.pulls.listFiles({ owner, repo, pull_number: number });
    const merged = await octokit.rest.pulls.merge({
      owner,
      repo,
      pull_number: number,
      sha: head,
      merge_method: 'merge',
    });
    const after = await octokit.rest.pulls.get({ owner, repo, pull_number: number });

    expect(opened.data).toMatchObject({ commits: 1, changed_files: 1, additions: 1, deletions: 1 });
    expect(opened.data.head.sha).toBe(head);
    expect(files.data[0]).toMatchObject({ filename: 'a.txt', patch: '@@ -1 +1 @@\n-one\n+two' });
    expect(await scratch.mainSha(repo)).toBe(merged.data.sha);
    expect(await scratch.fileOnMain(repo, 'a.txt')).toBe('two');
    expect(after.data).toMatchObject({ merged: true, state: 'closed', merge_commit_sha: merged.data.sha });
    expect(await scratch.github.pullRequests(repo)).toMatchObject([{ number, merged: true, headRef: 'fix' }]);
  });

  it('squashes when asked to, and refuses to rebase', async () => {
    const repo = 'squashed';
    await scratch.makeRepository(repo, [{ message: 'First', files: { 'a.txt': 'one\n' } }]);
    await makeBranch(repo, 'fix', { 'a.txt': 'two\n' });
    const { data } = await octokit.rest.pulls.create({
      owner,
      repo,
      head: 'fix',
      base: 'main',
      title: 'Fix',
    });
    const pull = { owner, repo, pull_number: data.number };

    expect(await statusOf(octokit.rest.pulls.merge({ ...pull, merge_method: 'rebase' }))).toBe(405);
    const merged = await octokit.rest.pulls.merge({ ...pull, merge_method: 'squash' });

    const commit = await octokit.rest.repos.getCommit({ owner, repo, ref: merged.data.sha });
    expect(commit.data.parents).toHaveLength(1);
    expect(commit.data.commit.message).toBe(`Fix (#${data.number})`);
  });

  it('refuses pull requests without a head, without a base, without a change, or twice', async () => {
    const repo = 'refusals';
    await scratch.makeRepository(repo, [{ message: 'First', files: { 'a.txt': 'one\n' } }]);
    await makeBranch(repo, 'fix', { 'a.txt': 'two\n' });
    const main = await scratch.mainSha(repo);
    await octokit.rest.git.createRef({ owner, repo, ref: 'refs/heads/same', sha: main });
    const open = (head: string, base: string) =>
      octokit.rest.pulls.create({ owner, repo, head, base, title: 'T' });

    expect(await statusOf(open('nowhere', 'main'))).toBe(422);
    expect(await statusOf(open('fix', 'nowhere'))).toBe(422);
    expect(await statusOf(open('same', 'main'))).toBe(422);
    await open('fix', 'main');
    expect(await statusOf(open('fix', 'main'))).toBe(422);
    expect(await scratch.github.pullRequests(repo)).toHaveLength(1);
  });

  it('does not merge a conflict, nor a head that has moved', async () => {
    const repo = 'conflicts';
    await scratch.makeRepository(repo, [{ message: 'First', files: { 'a.txt': 'one\n' } }]);
    const head = await makeBranch(repo, 'fix', { 'a.txt': 'two\n' });
    const { data } = await octokit.rest.pulls.create({
      owner,
      repo,
      head: 'fix',
      base: 'main',
      title: 'Fix',
    });
    const pull = { owner, repo, pull_number: data.number };

    expect(await statusOf(octokit.rest.pulls.merge({ ...pull, sha: await scratch.mainSha(repo) }))).toBe(409);
    await scratch.pushCommits(repo, [{ message: 'Other', files: { 'a.txt': 'three\n' } }]);
    await octokit.rest.pulls.get(pull);
    const looked = await octokit.rest.pulls.get(pull);
    expect(looked.data).toMatchObject({ mergeable: false, mergeable_state: 'dirty' });
    expect(await statusOf(octokit.rest.pulls.merge({ ...pull, sha: head }))).toBe(405);
    expect(await scratch.fileOnMain(repo, 'a.txt')).toBe('three');
  });

  it('says that mergeability is unknown at the first look, as GitHub does', async () => {
    const repo = 'unknown';
    await scratch.makeRepository(repo, [{ message: 'First', files: { 'a.txt': 'one\n' } }]);
    await makeBranch(repo, 'fix', { 'a.txt': 'two\n' });

    const { data } = await octokit.rest.pulls.create({
      owner,
      repo,
      head: 'fix',
      base: 'main',
      title: 'Fix',
    });
    const later = await octokit.rest.pulls.get({ owner, repo, pull_number: data.number });

    expect(data.mergeable).toBeNull();
    expect(later.data.mergeable).toBe(true);
  });

  it('closes a pull request whose branch is deleted, and marks one merged whose commits are pushed', async () => {
    const repo = 'settled';
    await scratch.makeRepository(repo, [{ message: 'First', files: { 'a.txt': 'one\n' } }]);
    await makeBranch(repo, 'dropped', { 'b.txt': 'x\n' });
    const head = await makeBranch(repo, 'pushed', { 'c.txt': 'y\n' });
    for (const branch of ['dropped', 'pushed']) {
      await octokit.rest.pulls.create({ owner, repo, head: branch, base: 'main', title: branch });
    }

    await octokit.rest.git.deleteRef({ owner, repo, ref: 'heads/dropped' });
    await octokit.rest.git.updateRef({ owner, repo, ref: 'heads/main', sha: head });

    expect(await scratch.github.pullRequests(repo)).toMatchObject([
      { headRef: 'dropped', state: 'closed', merged: false },
      { headRef: 'pushed', state: 'closed', merged: true, mergeSha: head },
    ]);
  });

  it('answers 401 to credentials it does not know, in the API and in git', async () => {
    await scratch.makeRepository('closed-door', [{ message: 'First', files: { 'a.txt': 'one\n' } }]);
    const stranger = signIn('not-the-token');
    const url = scratch.github.gitUrl('closed-door').replace('://', '://x:not-the-token@');

    expect(await statusOf(stranger.rest.repos.get({ owner, repo: 'closed-door' }))).toBe(401);
    expect(await statusOf(octokit.rest.repos.get({ owner, repo: 'no-such-repository' }))).toBe(404);
    const header = `http.extraHeader=Authorization: Basic ${Buffer.from('x:not-the-token').toString('base64')}`;
    await expect(scratch.git(scratch.dir, '-c', header, 'ls-remote', url)).rejects.toThrow(
      'Authentication failed',
    );
    await expect(
      scratch.git(join(scratch.repositoriesDir, 'closed-door.git'), 'push', url, 'main:x'),
    ).rejects.toThrow('Authentication failed');
  });

  it('lets a GitHub App sign in and write with its installation token', async () => {
    const repo = 'by-app';
    await scratch.makeRepository(repo, [{ message: 'First', files: { 'a.txt': 'one\n' } }]);
    const { appId, privateKey, installationId } = scratch.github.app;
    const app = new Octokit({
      authStrategy: createAppAuth,
      auth: { appId, privateKey, installationId },
      baseUrl: scratch.github.apiUrl,
    });

    const sha = await scratch.mainSha(repo);
    await app.rest.git.createRef({ owner, repo, ref: 'refs/heads/from-app', sha });
    const branches = await app.rest.repos.listBranches({ owner, repo });

    expect(branches.data.map((branch) => branch.name)).toEqual(['from-app', 'main']);
  });

  it('loses an answer after the work is done when told to', async () => {
    const repo = 'lossy';
    await scratch.makeRepository(repo, [{ message: 'First', files: { 'a.txt': 'one\n' } }]);
    const sha = await scratch.mainSha(repo);
    scratch.github.faults.add({ method: 'POST', path: /git\/refs$/, happens: 'lose-answer' });
    const create = () => octokit.rest.git.createRef({ owner, repo, ref: 'refs/heads/once', sha });

    await expect(create()).rejects.toThrow();
    expect(await statusOf(create())).toBe(422);
  });

  it('shows pages that a person can read, with everything escaped', async () => {
    const repo = 'pages';
    const [sha = ''] = await scratch.makeRepository(repo, [
      {
        message: 'Add <b>bold</b>',
        files: { 'src/a.ts': 'const a = "<script>";\n', 'README.md': '# Hello\n' },
      },
    ]);
    await makeBranch(repo, 'fix', { 'src/a.ts': 'const a = 1;\n' });
    const body = '## Why\n\n- evidence `12`\n\n<img src=x onerror=alert(1)>';
    const { data } = await octokit.rest.pulls.create({
      owner,
      repo,
      head: 'fix',
      base: 'main',
      title: 'Fix',
      body,
    });
    const web = scratch.github.webUrl(repo);
    const read = async (url: string): Promise<string> => (await fetch(url)).text();

    const [pull, commit, blob, front] = [
      await read(data.html_url),
      await read(`${web}/commit/${sha}`),
      await read(`${web}/blob/main/src/a.ts`),
      await read(web),
    ];

    expect(pull).toContain('<h2>Why</h2>');
    expect(pull).toContain('<code>12</code>');
    expect(pull).toContain('&lt;img src=x');
    expect(pull).toContain('<tr class="add">');
    expect(commit).toContain('Add &lt;b&gt;bold');
    expect(blob).toContain('id="L1"');
    expect(blob).not.toContain('<script>');
    expect(front).toContain('Hello');
    expect((await fetch(`${web}/blob/main/nothing.ts`)).status).toBe(404);
  });
});

function noop(): void {}

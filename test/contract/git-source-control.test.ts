import { spawn } from 'node:child_process';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { answerJson } from '../../demo/local-github/router.ts';
import { createGit } from '../../src/adapters/git/git.ts';
import type { Service } from '../../src/domain/service.ts';
import { silentLog } from '../../src/platform/log.ts';
import type { FileChange, SourceControl } from '../../src/ports/source-control.ts';
import { type Scratch, scratchService, scratchToken, startScratch } from './github-scratch.ts';

describe('git source control', () => {
  let scratch: Scratch;
  let source: SourceControl;
  let signal: AbortSignal;

  beforeEach(() => {
    signal = AbortSignal.timeout(55_000);
  });
  beforeAll(async () => {
    scratch = await startScratch();
    source = makeSource(scratchToken);
  });
  afterAll(() => scratch.remove());

  function makeSource(password: string, cache = 'cache'): SourceControl {
    return createGit({
      cacheDir: join(scratch.dir, cache),
      workDir: join(scratch.dir, 'checkouts'),
      credentials: async () => ({ username: 'x-access-token', password }),
      log: silentLog,
    });
  }

  async function makeService(
    name: string,
    ...commits: Parameters<Scratch['makeRepository']>[1]
  ): Promise<{ service: Service; shas: string[] }> {
    const shas = await scratch.makeRepository(name, commits);
    const service = scratchService(scratch, name);
    await source.fetch(service, signal);
    return { service, shas };
  }

  async function codeOf(call: Promise<unknown>): Promise<string> {
    return call.then(
      () => 'no error',
      (error: { code?: string; hint?: string }) =>
        error.hint === '' ? 'no hint' : (error.code ?? 'no code'),
    );
  }

  it('fetches new commits into the mirror and tells the head of the branch', async () => {
    const { service, shas } = await makeService('heads', { message: 'One', files: { a: '1\n' } });
    const first = await source.fetch(service, signal);
    const [second] = await scratch.pushCommits('heads', [{ message: 'Two', files: { a: '2\n' } }]);

    expect(first.head).toBe(shas[0]);
    expect((await source.fetch(service, signal)).head).toBe(second);
  });

  it('lists commits newest first with the files they touched, merges by what they brought', async () => {
    const { service } = await makeService(
      'log',
      { message: 'One\n\nA body,\nof two lines.', files: { 'ä b.txt': '1\n2\n', 'c.txt': 'x\n' } },
      { message: 'Two', files: { 'ä b.txt': '1\n', 'c.txt': null }, author: 'Grace <grace@example.com>' },
      { message: 'Nothing', files: {} },
    );
    const bare = join(scratch.repositoriesDir, 'log.git');
    const tree = await scratch.git(bare, 'rev-parse', 'main^{tree}');
    const side = await scratch.git(
      bare,
      '-c',
      'user.name=A',
      '-c',
      'user.email=a@b',
      'commit-tree',
      'main~1^{tree}',
      '-p',
      'main~1',
      '-m',
      'Side',
    );
    const merge = await scratch.git(
      bare,
      '-c',
      'user.name=A',
      '-c',
      'user.email=a@b',
      'commit-tree',
      tree,
      '-p',
      'main~2',
      '-p',
      side,
      '-m',
      'Merge',
    );
    await scratch.git(bare, 'update-ref', 'refs/heads/main', merge);

    const { head } = await source.fetch(service, signal);
    const commits = await source.log(service, { at: head, limit: 10 }, signal);

    expect(commits[0]).toMatchObject({ subject: 'Merge', parents: { length: 2 } });
    expect(commits[0]?.files).toEqual([
      { path: 'c.txt', added: 0, removed: 1 },
      { path: 'ä b.txt', added: 0, removed: 1 },
    ]);
    const two = commits.find((commit) => commit.subject === 'Two');
    expect(two).toMatchObject({
      author: 'Grace',
      files: [{ path: 'c.txt' }, { path: 'ä b.txt', removed: 1 }],
    });
    expect(commits.at(-1)).toMatchObject({ subject: 'One', body: 'A body,\nof two lines.', parents: [] });
    expect(commits.at(-1)?.committedAt.getTime()).toBeGreaterThan(Date.now() - 600_000);
    expect(await source.log(service, { at: head, limit: 2 }, signal)).toHaveLength(2);
    const later = new Date(Date.now() + 60_000);
    expect(await source.log(service, { at: head, since: later, limit: 5 }, signal)).toEqual([]);
  });

  it('shows the diff of a commit, the first one too, and marks where it was cut', async () => {
    const { service, shas } = await makeService(
      'diffs',
      { message: 'One', files: { 'a.txt': 'one\n' } },
      { message: 'Two', files: { 'a.txt': 'two\n' } },
    );

    expect(await source.diff(service, shas[0] ?? '', 10_000, signal)).toContain('+one');
    expect(await source.diff(service, shas[1] ?? '', 10_000, signal)).toContain('-one\n+two');
    const cut = await source.diff(service, shas[1] ?? '', 20, signal);
    expect(cut.startsWith('diff --git a/a.txt b')).toBe(true);
    expect(cut).toContain('cut at 20 bytes');
  });

  it('reads, lists and searches the tree at a commit', async () => {
    const { service, shas } = await makeService('tree', {
      message: 'One',
      files: { 'src/a.ts': 'const x = 1;\n// --option "$HOME"\n', 'b.txt': 'x = 1\n' },
    });
    const at = shas[0] ?? '';

    expect(await source.files(service, at, signal)).toEqual(['b.txt', 'src/a.ts']);
    expect(await source.read(service, at, 'src/a.ts', 1000, signal)).toContain('const x = 1;');
    expect(await source.read(service, at, 'src', 1000, signal)).toBeUndefined();
    expect(await source.read(service, at, '../../etc/passwd', 1000, signal)).toBeUndefined();
    expect(await source.read(service, at, '--help', 1000, signal)).toBeUndefined();
    expect(await source.search(service, { at, text: 'x = 1', limit: 10 }, signal)).toEqual([
      { path: 'b.txt', line: 1, text: 'x = 1' },
      { path: 'src/a.ts', line: 1, text: 'const x = 1;' },
    ]);
    expect(await source.search(service, { at, text: '--option "$HOME"', limit: 10 }, signal)).toHaveLength(1);
    expect(await source.search(service, { at, text: '.*', limit: 10 }, signal)).toEqual([]);
    expect(await source.search(service, { at, text: 'x', limit: 1 }, signal)).toHaveLength(1);
  });

  it('makes a plain folder of files without anything of git in it', async () => {
    const { service, shas } = await makeService('plain', { message: 'One', files: { 'src/a.ts': 'a\n' } });

    const folder = await source.checkout(service, shas[0] ?? '', signal);

    expect(await readdir(folder.path)).toEqual(['src']);
    expect(await readFile(join(folder.path, 'src/a.ts'), 'utf8')).toBe('a\n');
    await folder.remove();
    await expect(stat(folder.path)).rejects.toThrow('ENOENT');
  });

  it('computes the revert of a commit on top of later ones', async () => {
    const { service, shas } = await makeService(
      'reverts',
      { message: 'One', files: { 'a.txt': '1\n2\n3\n4\n5\n6\n7\n8\n9\n', 'old.txt': 'old\n' } },
      {
        message: 'Fault',
        files: { 'a.txt': 'bad\n2\n3\n4\n5\n6\n7\n8\n9\n', 'old.txt': null, 'new.bin': 'n\n' },
      },
      { message: 'Later', files: { 'a.txt': 'bad\n2\n3\n4\n5\n6\n7\n8\nlater\n', 'b.txt': 'b\n' } },
    );

    const outcome = await source.revert(service, { base: shas[2] ?? '', sha: shas[1] ?? '' }, signal);

    if (outcome.kind !== 'clean') throw new Error(outcome.kind);
    expect(outcome.base).toBe(shas[2]);
    expect(outcome.diff).toContain('-bad\n+1');
    expect(textOf(outcome.changes)).toEqual({
      'a.txt': '1\n2\n3\n4\n5\n6\n7\n8\nlater\n',
      'new.bin': null,
      'old.txt': 'old\n',
    });
  });

  it('says when a revert conflicts, is already done, or is of a commit that is not there', async () => {
    const { service, shas } = await makeService(
      'outcomes',
      { message: 'One', files: { 'a.txt': 'one\n' } },
      { message: 'Fault', files: { 'a.txt': 'two\n' } },
      { message: 'Later', files: { 'a.txt': 'three\n' } },
      { message: 'Undone', files: { 'a.txt': 'one\n' } },
    );
    const [first = '', fault = '', later = '', undone = ''] = shas;

    expect(await source.revert(service, { base: later, sha: fault }, signal)).toEqual({
      kind: 'conflict',
      base: later,
      files: ['a.txt'],
    });
    expect(await source.revert(service, { base: undone, sha: fault }, signal)).toEqual({
      kind: 'already-undone',
      base: undone,
    });
    const ofFirst = await source.revert(service, { base: first, sha: first }, signal);
    expect(ofFirst.kind === 'clean' && textOf(ofFirst.changes)).toEqual({ 'a.txt': null });
    expect(await codeOf(source.revert(service, { base: first, sha: fault }, signal))).toBe('no_such_commit');
    expect(await codeOf(source.files(service, 'f'.repeat(40), signal))).toBe('no_such_commit');
    expect(await codeOf(source.files(service, '--all', signal))).toBe('no_such_commit');
  });

  it('says that there are no credentials where a repository asks for some', async () => {
    const { service } = await makeService('private', { message: 'One', files: { a: '1\n' } });
    const asks = answerJson(401, { message: 'Requires authentication' }, { 'www-authenticate': 'Basic' });
    scratch.github.faults.add({ method: 'GET', path: /info\/refs$/, happens: asks, times: 9 });
    const stranger = createGit({
      cacheDir: join(scratch.dir, 'no-credentials'),
      credentials: async () => null,
      log: silentLog,
    });

    const fetched = stranger.fetch(service, signal);

    await expect(fetched).rejects.toMatchObject({
      code: 'access_refused',
      message: expect.stringContaining('asks for credentials, and there are none'),
      hint: expect.stringContaining('GITHUB_TOKEN'),
    });
    scratch.github.faults.clear();
  });

  it('names what is wrong with a repository: refused, missing, unreachable, without the branch', async () => {
    const { service } = await makeService('faults', { message: 'One', files: { a: '1\n' } });
    const moved = (repository: Partial<Service['repository']>): Service => ({
      ...service,
      repository: { ...service.repository, ...repository },
    });

    expect(await codeOf(makeSource('wrong', 'other-cache').fetch(service, signal))).toBe('access_refused');
    const missing = moved({ url: scratch.github.gitUrl('nowhere') });
    expect(await codeOf(source.fetch(missing, signal))).toBe('not_found');
    expect(await codeOf(source.fetch(moved({ url: 'http://127.0.0.1:9/a/b.git' }), signal))).toBe(
      'source_unreachable',
    );
    expect(await codeOf(source.fetch(moved({ branch: 'trunk' }), signal))).toBe('not_found');
    expect(await codeOf(source.fetch(moved({ url: 'ext::sh -c touch% /tmp/owned' }), signal))).toBe(
      'git_failed',
    );
  });

  it('keeps the credentials out of files, arguments and errors', async () => {
    const { service } = await makeService('secret', { message: 'One', files: { a: '1\n' } });
    const refused = await makeSource('s3cr3t-word', 'secret-cache')
      .fetch(service, signal)
      .catch((error: unknown) => error);

    const header = Buffer.from('x-access-token:s3cr3t-word').toString('base64');
    const told =
      JSON.stringify(refused, Object.getOwnPropertyNames(refused)) + String((refused as Error).cause);
    expect(told).not.toContain('s3cr3t-word');
    expect(told).not.toContain(header);
    const good = Buffer.from(`x-access-token:${scratchToken}`).toString('base64');
    expect(await grepFolder(join(scratch.dir, 'cache'), [scratchToken, good])).toEqual([]);
  });

  it('runs nothing that a repository or its mirror brings along', async () => {
    const { service, shas } = await makeService('hostile', {
      message: 'One',
      files: { '.gitattributes': '* filter=evil diff=evil\n', a: '1\n' },
    });
    const mark = join(scratch.dir, 'owned');
    const [mirror = ''] = (await readdir(join(scratch.dir, 'cache'))).filter((name) =>
      name.includes('hostile'),
    );
    const hooks = join(scratch.dir, 'cache', mirror, 'hooks');
    await mkdir(hooks, { recursive: true });
    for (const hook of ['post-checkout', 'reference-transaction']) {
      await writeFile(join(hooks, hook), `#!/bin/sh\ntouch ${mark}\n`, { mode: 0o755 });
    }

    await source.fetch(service, signal);
    const folder = await source.checkout(service, shas[0] ?? '', signal);
    await folder.remove();

    await expect(stat(mark)).rejects.toThrow('ENOENT');
  });

  it('lets many processes fetch one repository at once', async () => {
    const { service } = await makeService('crowd', { message: 'One', files: { a: '1\n' } });
    const cacheDir = join(scratch.dir, 'crowd-cache');
    await mkdir(cacheDir);
    const script = fileURLToPath(new URL('./git-fetch-once.ts', import.meta.url));

    const codes = await Promise.all(
      Array.from({ length: 4 }, () => runNode([script, cacheDir, service.repository.url])),
    );

    expect(codes).toEqual([0, 0, 0, 0]);
    expect((await readdir(cacheDir)).filter((name) => name.endsWith('.lock'))).toEqual([]);
  });

  it('takes over a lock whose owner was killed in mid-fetch', async () => {
    const { service } = await makeService('orphaned', { message: 'One', files: { a: '1\n' } });
    const cacheDir = join(scratch.dir, 'cache');
    const [mirror = ''] = (await readdir(cacheDir)).filter((name) => name.includes('orphaned'));
    await mkdir(join(cacheDir, `${mirror}.lock`));
    const dead = spawn('true');
    await new Promise((resolve) => dead.once('close', resolve));
    await writeFile(join(cacheDir, `${mirror}.lock`, 'owner'), `${dead.pid} ${hostname()}`);
    await writeFile(join(cacheDir, mirror, 'packed-refs.lock'), '');
    const [pushed] = await scratch.pushCommits('orphaned', [{ message: 'Two', files: { a: '2\n' } }]);

    expect((await source.fetch(service, signal)).head).toBe(pushed);
  });

  it('stops when the caller aborts', async () => {
    const { service } = await makeService('aborted', { message: 'One', files: { a: '1\n' } });

    await expect(source.fetch(service, AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
  });
});

function textOf(changes: readonly FileChange[]): Record<string, string | null> {
  return Object.fromEntries(
    changes.map(({ path, content }) => [
      path,
      content === null ? null : Buffer.from(content).toString('utf8'),
    ]),
  );
}

async function grepFolder(folder: string, needles: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const content = await readFile(join(entry.parentPath, entry.name), 'utf8');
    if (needles.some((needle) => content.includes(needle))) found.push(entry.name);
  }
  return found;
}

function runNode(args: readonly string[]): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { stdio: 'inherit' });
    child.once('error', reject);
    child.once('close', resolve);
  });
}

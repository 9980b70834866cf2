import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { readdir, readFile, rm, stat, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createCheckouts } from '../../src/adapters/git/checkouts.ts';
import { createGit, type GitCache } from '../../src/adapters/git/git.ts';
import { createMirrors } from '../../src/adapters/git/mirrors.ts';
import type { Service } from '../../src/domain/service.ts';
import { silentLog } from '../../src/platform/log.ts';
import { deadProcessFolders, ownProcessFolder } from '../../src/platform/process-folder.ts';
import { type Scratch, scratchService, scratchToken, startScratch } from './github-scratch.ts';

const credentials = async () => ({ username: 'x-access-token', password: scratchToken });
const hourAgo = new Date(Date.now() - 3600_000);

describe('the cache of mirrors', () => {
  let scratch: Scratch;
  let signal: AbortSignal;
  let cacheDir: string;
  let count = 0;

  beforeAll(async () => {
    scratch = await startScratch();
  });
  beforeEach(() => {
    signal = AbortSignal.timeout(55_000);
    count += 1;
    cacheDir = path.join(scratch.dir, `cache-${count}`);
  });
  afterAll(() => scratch.remove());

  const cache = (cacheBytes = 20e9): GitCache =>
    createGit({ cacheDir, workDir: path.join(cacheDir, 'trees'), cacheBytes, credentials, log: silentLog });

  async function make(
    name: string,
    files: Record<string, string> = { a: name },
  ): Promise<{ service: Service; sha: string }> {
    const [sha = ''] = await scratch.makeRepository(name, [{ message: 'One', files }]);
    return { service: scratchService(scratch, name), sha };
  }

  const mirrors = async (): Promise<string[]> =>
    (await readdir(cacheDir))
      .filter((name) => name.includes('.git'))
      .map((name) => name.replace(/^.*(lru-\w+).*\.git/, '$1'));

  async function age(name: string, when: Date): Promise<void> {
    const [dir = ''] = (await readdir(cacheDir)).filter((one) => one.includes(name));
    await utimes(path.join(cacheDir, dir, 'warroom-used'), when, when);
  }

  it('removes what was not used for the longest time, as much as it has to, and fetches it again', async () => {
    const made = await Promise.all(
      ['lru-one', 'lru-two', 'lru-three'].map((name) => make(name, { a: name.repeat(30_000) })),
    );
    const roomy = cache();
    for (const { service } of made) await roomy.fetch(service, signal);
    await age('lru-two', new Date(hourAgo.getTime() - 1000));
    await age('lru-one', hourAgo);
    await age('lru-three', new Date(hourAgo.getTime() + 1000));
    const [first] = await readdir(cacheDir).then((names) => names.filter((name) => name.endsWith('.git')));
    const one = await sizeOf(path.join(cacheDir, first ?? ''));

    expect(await roomy.sweep(signal)).toBe(0);
    expect(await cache(2.5 * one).sweep(signal)).toBe(1);
    expect((await mirrors()).toSorted()).toEqual(['lru-one', 'lru-three']);
    expect(await cache(0).sweep(signal)).toBe(2);

    const [{ service, sha } = { service: undefined, sha: '' }] = made;
    if (service === undefined) throw new Error('nothing was made');
    expect(await roomy.files(service, sha, signal)).toEqual(['a']);
  });

  it('keeps what is read or fetched right now, whatever the bound', async () => {
    const [used, locked] = [await make('lru-used'), await make('lru-locked')];
    const source = cache(0);
    await source.fetch(used.service, signal);
    await source.fetch(locked.service, signal);
    await age('lru-locked', hourAgo);
    const [dir = ''] = (await readdir(cacheDir)).filter((name) => name.includes('lru-locked'));
    mkdirSync(path.join(cacheDir, `${dir}.lock`));
    writeFileSync(path.join(cacheDir, `${dir}.lock`, 'owner'), `${process.pid} ${hostname()} ${ownStart()}`);

    expect(await source.sweep(signal)).toBe(0);
    expect(
      (await mirrors()).filter((name) => name.startsWith('lru') && !name.includes('lock.')),
    ).toHaveLength(3);
    await rm(path.join(cacheDir, `${dir}.lock`), { recursive: true });
    expect(await source.sweep(signal)).toBe(1);
  });

  it('says that a mirror is in use when it is only read', async () => {
    const { service, sha } = await make('lru-read');
    await cache().fetch(service, signal);
    await age('lru-read', hourAgo);

    await cache().files(service, sha, signal);

    expect(await cache(0).sweep(signal)).toBe(0);
  });

  it('ends what a killed process had begun to remove, and removes its checkouts', async () => {
    const { service, sha } = await make('lru-killed');
    const source = cache();
    const mine = await source.checkout(service, sha, signal);
    mkdirSync(path.join(cacheDir, 'x.git.evicted.12345678', 'objects'), { recursive: true });
    const own = ownProcessFolder(path.join(cacheDir, 'trees'));
    const dead = own.replace(`~${process.pid}~`, `~${await deadPid()}~`);
    mkdirSync(path.join(dead, 'left'), { recursive: true });

    expect(deadProcessFolders(path.join(cacheDir, 'trees'))).toEqual([dead]);
    expect(await source.sweep(signal)).toBe(1);
    expect(existsSync(path.join(cacheDir, 'x.git.evicted.12345678'))).toBe(false);
    expect(existsSync(dead)).toBe(false);
    expect(await readFile(path.join(mine.path, 'a'), 'utf8')).toBe('lru-killed');
    await mine.remove();
    expect(await readdir(path.join(cacheDir, 'trees'))).toEqual([]);
  });

  it('does not take itself of an earlier life for the owner of a lock', async () => {
    const { service } = await make('reborn');
    await cache().fetch(service, signal);
    const [dir = ''] = (await readdir(cacheDir)).filter((name) => name.includes('reborn'));
    mkdirSync(path.join(cacheDir, `${dir}.lock`));
    writeFileSync(
      path.join(cacheDir, `${dir}.lock`, 'owner'),
      `${process.pid} ${hostname()} before-this-boot`,
    );

    await expect(cache().fetch(service, AbortSignal.timeout(10_000))).resolves.toBeDefined();
  });

  it('makes five checkouts of one mirror while it is fetched again and again', async () => {
    const files = Object.fromEntries(Array.from({ length: 300 }, (_, n) => [`d${n % 7}/f${n}`, String(n)]));
    const { service, sha } = await make('crowded', files);
    const source = cache();
    await source.fetch(service, signal);
    let isDone = false;
    const fetching = (async () => {
      let fetches = 0;
      while (!isDone) {
        await scratch.pushCommits('crowded', [{ message: 'More', files: { more: String(fetches) } }]);
        await source.fetch(service, signal);
        fetches += 1;
      }
      return fetches;
    })();

    const trees = await Promise.all(
      Array.from({ length: 5 }, () => source.checkout(service, sha, signal)),
    ).finally(() => {
      isDone = true;
    });

    expect(await fetching).toBeGreaterThan(0);
    for (const tree of trees) {
      expect((await readdir(tree.path, { recursive: true })).length).toBe(307);
      expect(await readFile(path.join(tree.path, 'd0/f0'), 'utf8')).toBe('0');
      await tree.remove();
    }
    expect(await readdir(path.join(cacheDir, 'trees'))).toEqual([]);
  });

  it('goes to the disk where there is no memory to put a checkout in, and leaves nothing when it fails', async () => {
    const { service, sha } = await make('fallback');
    const mirror = createMirrors(cacheDir, credentials, silentLog);
    await mirror.fetch(service, signal);
    const disk = path.join(cacheDir, 'disk');

    for (const root of ['/proc/none/trees', path.join(cacheDir, 'no-memory/trees')]) {
      const tree = await createCheckouts(mirror, [root, disk]).make(service, sha, signal);
      expect(tree.path.startsWith(disk)).toBe(true);
      expect((await stat(tree.path)).mode & 0o777).toBe(0o755);
      await tree.remove();
    }
    await expect(createCheckouts(mirror, [disk]).make(service, 'f'.repeat(40), signal)).rejects.toMatchObject(
      { code: 'git_failed' },
    );
    expect(await readdir(disk)).toEqual([]);
  });
});

function ownStart(): string {
  return ownProcessFolder('/').split('~').at(-1) ?? '';
}

async function deadPid(): Promise<number> {
  const child = spawn('true');
  await new Promise((resolve) => child.once('close', resolve));
  return child.pid ?? 0;
}

async function sizeOf(dir: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(dir, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) bytes += (await stat(path.join(entry.parentPath, entry.name))).size;
  }
  return bytes;
}

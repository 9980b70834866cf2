import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pipeline, Readable } from 'node:stream';
import { createDeflate } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCheckouts } from '../../src/adapters/git/checkouts.ts';
import { createGit } from '../../src/adapters/git/git.ts';
import { createMirrors } from '../../src/adapters/git/mirrors.ts';
import type { Service } from '../../src/domain/service.ts';
import { silentLog } from '../../src/platform/log.ts';
import { makeService } from './github-service.ts';

const credentials = async () => null;
const signal = AbortSignal.timeout(60_000);
const fileBytes = 1024 * 1024;
const ada = { name: 'Ada', email: 'ada@example.com' };

describe('a repository of kilobytes whose files have no end', () => {
  let house: string;
  let bare: string;
  let service: Service;
  /** Trees of 10, 100, 1000, … files, each the one before ten times. */
  const commits: string[] = [];

  const git = (input: string | Buffer, ...args: string[]): string =>
    execFileSync('git', ['-C', bare, ...args], {
      input,
      env: {
        PATH: process.env['PATH'] ?? '',
        GIT_CONFIG_GLOBAL: '/dev/null',
        GIT_AUTHOR_NAME: ada.name,
        GIT_AUTHOR_EMAIL: ada.email,
        GIT_COMMITTER_NAME: ada.name,
        GIT_COMMITTER_EMAIL: ada.email,
      },
      encoding: 'utf8',
    }).trim();

  const tenTimes = (entry: string): string =>
    git(Array.from({ length: 10 }, (_, n) => `${entry}\te${n}\n`).join(''), 'mktree');

  beforeAll(async () => {
    house = await mkdtemp(path.join(tmpdir(), 'warroom-bomb-'));
    bare = path.join(house, 'bomb.git');
    execFileSync('git', ['init', '--quiet', '--bare', '--initial-branch=main', bare]);
    const blob = git(Buffer.alloc(fileBytes, 'x'), 'hash-object', '-w', '--stdin');
    let tree = tenTimes(`100644 blob ${blob}`);
    for (let level = 0; level < 6; level += 1) {
      commits.push(git('', 'commit-tree', '-m', 'Bomb', tree));
      git('', 'update-ref', `refs/heads/level-${level}`, commits.at(-1) ?? '');
      tree = tenTimes(`040000 tree ${tree}`);
    }
    git('', 'update-ref', 'refs/heads/main', commits.at(-1) ?? '');
    service = makeService('bomb', { url: `file://${bare}`, slug: 'acme/bomb', branch: 'main' });
  });
  afterAll(() => rm(house, { recursive: true, force: true }));

  it('is refused in words before any file of it is made, in no folder', async () => {
    const mirrors = createMirrors(path.join(house, 'cache'), credentials, silentLog);
    const sha = await mirrors.fetch(service, signal);
    const disk = path.join(house, 'disk');
    const checkouts = createCheckouts(mirrors, ['/dev/shm/warroom-bomb-test', disk]);
    const beginMs = performance.now();

    await expect(checkouts.make(service, sha, signal)).rejects.toMatchObject({
      code: 'workspace_too_large',
      message: `acme/bomb at ${sha.slice(0, 7)} has more than 40000 files or 256 MB, so it is not checked out.`,
    });

    expect(performance.now() - beginMs).toBeLessThan(10_000);
    expect(await readdir(disk).catch(() => 'never made')).toBe('never made');
  });

  it('is checked out as far as it is within the bounds, of bytes and of files with their folders', async () => {
    const checkout = async (level: number, files: number, mebibytes: number): Promise<number> => {
      const checkoutMost = { files, bytes: mebibytes * fileBytes };
      const options = { cacheDir: path.join(house, 'cache'), workDir: path.join(house, 'work') };
      const source = createGit({ ...options, checkoutMost, credentials, log: silentLog });
      const tree = await source.checkout(service, commits[level] ?? '', signal);
      const count = (await readdir(tree.path, { recursive: true })).length;
      await tree.remove();
      return count;
    };

    expect(await checkout(0, 10, 10)).toBe(10);
    expect(await checkout(1, 110, 100)).toBe(110);
    for (const [level, files, mebibytes] of [
      [0, 9, 10],
      [0, 10, 9],
      [1, 109, 100],
      [1, 110, 99],
    ] as const) {
      await expect(checkout(level, files, mebibytes)).rejects.toMatchObject({ code: 'workspace_too_large' });
    }
  });

  it('is listed no further than a list may be long', async () => {
    const source = createGit({ cacheDir: path.join(house, 'cache'), credentials, log: silentLog });

    const files = await source.files(service, commits.at(-1) ?? '', signal);

    expect(files.length).toBeGreaterThan(500_000);
    expect(files.length).toBeLessThan(1_000_000);
    expect(files.filter((file) => !/^(e\d\/){5}e\d$/.test(file))).toEqual([]);
  });
});

describe('a repository that goes on sending', () => {
  it('is given up while it comes, in words, and what had come is removed', async () => {
    const house = await mkdtemp(path.join(tmpdir(), 'warroom-endless-'));
    const server = createServer((request, response) => {
      response.on('error', () => undefined);
      if (request.method === 'GET') {
        response.setHeader('content-type', 'application/x-git-upload-pack-advertisement');
        response.end(
          `${line('# service=git-upload-pack\n')}0000${line(`${'a'.repeat(40)} refs/heads/main\0agent=x\n`)}0000`,
        );
        return;
      }
      response.setHeader('content-type', 'application/x-git-upload-pack-result');
      response.write(line('NAK\n'));
      // A pack of 1000 objects; the first is a file of 2 TB.
      response.write(Buffer.from('PACK\0\0\0\x02\0\0\x03\xe8\xb0\x80\x80\x80\x80\x80\x08', 'latin1'));
      const deflate = createDeflate({ level: 0 });
      const random = Readable.from(
        (function* () {
          for (;;) yield randomBytes(1 << 18);
        })(),
      );
      pipeline(random, deflate, response, () => undefined);
    });
    try {
      await once(server.listen(0, '127.0.0.1'), 'listening');
      const address = server.address();
      const port = typeof address === 'object' ? address?.port : 0;
      const cacheDir = path.join(house, 'cache');
      const mirrors = createMirrors(cacheDir, credentials, silentLog, 20_000_000);
      const url = `http://127.0.0.1:${port}/acme/endless.git`;
      const service = makeService('endless', { url, slug: 'acme/endless', branch: 'main' });

      await expect(mirrors.fetch(service, signal)).rejects.toMatchObject({ code: 'repository_too_large' });

      const left = await readdir(cacheDir, { recursive: true });
      expect(left.some((entry) => entry.endsWith('HEAD'))).toBe(true);
      expect(left.filter((entry) => entry.includes('tmp_'))).toEqual([]);
    } finally {
      server.closeAllConnections();
      server.close();
      await rm(house, { recursive: true, force: true });
    }
  });
});

/** As git frames what it says. */
function line(text: string): string {
  return (text.length + 4).toString(16).padStart(4, '0') + text;
}

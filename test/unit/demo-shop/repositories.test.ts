import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runGit } from '../../../demo/shop/git.ts';
import {
  createShopRepositories,
  planTrees,
  readServiceTree,
  SHOP_SERVICES,
  type ShopRepository,
} from '../../../demo/shop/repositories.ts';

const run = promisify(execFile);
const now = new Date('2026-03-02T15:00:00Z');
const DAY_MS = 86_400_000;

let dir: string;
let repositories: ShopRepository[];
let tookMs: number;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'shop-repositories-'));
  const startedAt = performance.now();
  repositories = await createShopRepositories(join(dir, 'first'), now);
  tookMs = performance.now() - startedAt;
});

afterAll(async () => {
  await rm(dir, { recursive: true, force: true });
});

describe('the shop’s repositories', { timeout: 60_000 }, () => {
  it('are all made within six seconds', () => {
    expect(repositories.map((repository) => repository.service)).toEqual([...SHOP_SERVICES]);
    expect(tookMs).toBeLessThan(6_000);
  });

  it('are the same for the same moment', async () => {
    const again = await createShopRepositories(join(dir, 'second'), now);

    expect(again.map((repository) => repository.head)).toEqual(
      repositories.map((repository) => repository.head),
    );
  });

  it.each(SHOP_SERVICES)(
    '%s has a past of weeks by several people, and of the last hours',
    async (service) => {
      const log = await runGit(['log', '--format=%at %ae', 'main'], {
        cwd: join(dir, 'first', `${service}.git`),
      });
      const commits = log
        .trim()
        .split('\n')
        .map((line) => ({ at: Number(line.split(' ')[0]) * 1000, author: line.split(' ')[1] }));

      expect(commits.length).toBeGreaterThanOrEqual(12);
      expect(new Set(commits.map((commit) => commit.author)).size).toBeGreaterThanOrEqual(4);
      expect(Math.min(...commits.map((commit) => commit.at))).toBeLessThan(now.getTime() - 30 * DAY_MS);
      expect(
        commits.filter((commit) => commit.at > now.getTime() - DAY_MS / 4).length,
      ).toBeGreaterThanOrEqual(2);
      expect(commits.map((commit) => commit.at)).toEqual(
        commits.map((commit) => commit.at).sort((a, b) => b - a),
      );
    },
  );

  it.each(SHOP_SERVICES)(
    '%s ends at the files in the project, whose tests pass without any library',
    async (service) => {
      const checkout = join(dir, service);
      await runGit(['clone', '--quiet', join(dir, 'first', `${service}.git`), checkout]);

      const files = (await runGit(['ls-files'], { cwd: checkout })).trim().split('\n');
      const { NODE_TEST_CONTEXT: _, ...env } = process.env;
      const { stdout } = await run(process.execPath, ['--test', '--test-reporter=tap'], {
        cwd: checkout,
        env,
      });

      expect(files.sort()).toEqual([...(await readServiceTree(service)).keys()].sort());
      expect(stdout).toMatch(/^# fail 0$/m);
      expect(Number(/^# pass (\d+)$/m.exec(stdout)?.[1])).toBeGreaterThan(10);
    },
  );

  it('say which planned commit no longer fits the files', () => {
    const plan = [
      { author: 'maya', hoursAgo: 2, message: 'Start', adds: ['a.txt'] },
      { author: 'maya', hoursAgo: 1, message: 'Change', edits: [{ path: 'a.txt', before: 'x', after: 'y' }] },
    ] as const;

    expect(planTrees(plan, new Map([['a.txt', 'y']]))[0]?.tree.get('a.txt')).toBe('x');
    expect(() => planTrees(plan, new Map([['a.txt', 'z']]))).toThrow(/"Change": a\.txt/);
    expect(() =>
      planTrees(
        plan,
        new Map([
          ['a.txt', 'y'],
          ['b.txt', ''],
        ]),
      ),
    ).toThrow(/no commit adds b\.txt/);
  });
});

import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runGit } from '../../../demo/shop/git.ts';
import { checkScenario, injectScenario } from '../../../demo/shop/inject-scenario.ts';
import { createShopRepositories, SHOP_SERVICES } from '../../../demo/shop/repositories.ts';
import { listScenarios, readScenario } from '../../../demo/shop/scenario.ts';

const fixtures = resolve(import.meta.dirname, '../../fixtures/scenarios');
const now = new Date('2026-03-02T15:00:00Z');
const yaml = `title: T
service: user-service
commit: { message: M, author: { name: A, email: a@shop.example } }
expected: { service: user-service, remedy: revert-commit }
`;
const patch = await readFile(resolve('demo/faults/token-ttl/fault.patch'), 'utf8');

let dir: string;
let pristine: string;
let count = 0;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'scenario-'));
  pristine = join(dir, 'pristine');
  await createShopRepositories(pristine, now);
});

afterAll(async () => {
  await rm(dir, { recursive: true, force: true });
});

async function makeFolder(files: Record<string, string>): Promise<string> {
  count += 1;
  const folder = join(dir, `folder-${count}`);
  await mkdir(folder);
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return folder;
}

async function makeRepositories(): Promise<string> {
  count += 1;
  const repositories = join(dir, `repositories-${count}`);
  await cp(pristine, repositories, { recursive: true });
  return repositories;
}

/** Injects a scenario that has a fault. */
async function injectFault(name: string, repositories: string): Promise<{ service: string; commit: string }> {
  const { service, commit } = await injectScenario(await readScenario(name), repositories, now);
  if (commit === null) throw new Error('nothing was broken');
  return { service, commit };
}

const git = async (repositories: string, service: string, ...args: string[]) =>
  (await runGit(args, { cwd: join(repositories, `${service}.git`) })).trim();

describe('reading a scenario', () => {
  it('finds the ones that ship with the demo by name, and any folder by path', async () => {
    expect(await listScenarios()).toContain('token-ttl');
    expect(await readScenario('token-ttl')).toMatchObject({
      service: 'user-service',
      expected: { service: 'user-service', remedy: 'revert-commit' },
    });
    expect((await readScenario(join(fixtures, 'bundle-reservation'))).commit?.author).toEqual({
      name: 'Tomasz Zielinski',
      email: 'tomasz.zielinski@harborline.example',
    });
  });

  it.each([
    ['an unknown name', 'nothing-like-it', 'unknown_scenario', /Name one of .*token-ttl/],
    ['a folder without scenario.yaml', { 'a.patch': patch }, 'bad_scenario', /example/],
    ['broken YAML', { 'scenario.yaml': 'title: [', 'a.patch': patch }, 'bad_scenario', /Correct/],
    [
      'a missing field',
      { 'scenario.yaml': yaml.replace('title: T\n', ''), 'a.patch': patch },
      'bad_scenario',
      /title/,
    ],
    [
      'a patch that is named and not there',
      { 'scenario.yaml': `${yaml}patch: b.patch\n`, 'a.patch': patch },
      'bad_scenario',
      /a\.patch/,
    ],
    ['no patch', { 'scenario.yaml': yaml }, 'bad_scenario', /exactly one/],
    [
      'two patches',
      { 'scenario.yaml': yaml, 'a.patch': patch, 'b.diff': patch },
      'bad_scenario',
      /exactly one/,
    ],
    ['an empty patch', { 'scenario.yaml': yaml, 'a.patch': '\n' }, 'bad_scenario', /git diff/],
  ])('answers %s with what to do', async (_case, files, code, hint) => {
    const folder = typeof files === 'string' ? files : await makeFolder(files);

    await expect(readScenario(folder)).rejects.toMatchObject({ code, hint: expect.stringMatching(hint) });
  });
});

describe('checking a scenario before anything runs', () => {
  it.each([
    [
      'a service that the shop does not have',
      yaml.replace('service: user', 'service: fax'),
      patch,
      'unknown_service',
    ],
    ['a patch for other files', yaml, patch.replace('Hours": 24', 'Hours": 23'), 'patch_rejected'],
  ])('refuses %s', async (_case, text, change, code) => {
    const folder = await makeFolder({ 'scenario.yml': text, 'a.patch': change });

    await expect(checkScenario(await readScenario(folder), pristine)).rejects.toMatchObject({ code });
  });

  it('changes nothing', async () => {
    const before = await git(pristine, 'user-service', 'rev-parse', 'main');

    await checkScenario(await readScenario('token-ttl'), pristine);

    expect(await git(pristine, 'user-service', 'rev-parse', 'main')).toBe(before);
  });
});

describe('injecting a scenario', { timeout: 60_000 }, () => {
  it.each([['token-ttl'], [join(fixtures, 'bundle-reservation')], [join(fixtures, 'gateway-pool')]])(
    '%s goes out among other people’s work, and is not the newest of it',
    async (name) => {
      const repositories = await makeRepositories();
      const scenario = await readScenario(name);

      const { service, commit } = await injectFault(name, repositories);

      const [author, at] = (await git(repositories, service, 'show', '-s', '--format=%an|%at', commit)).split(
        '|',
      );
      expect(author).toBe(scenario.commit?.author.name);
      expect(now.getTime() / 1000 - Number(at)).toBeLessThan(6 * 3600);
      expect(await git(repositories, service, 'rev-parse', 'main')).not.toBe(commit);
      expect(
        (await git(repositories, service, 'rev-list', `${commit}..main`)).split('\n').length,
      ).toBeGreaterThan(0);
      for (const each of SHOP_SERVICES) {
        const times = (await git(repositories, each, 'log', '--format=%at', '-5', 'main'))
          .split('\n')
          .map(Number);
        expect(now.getTime() / 1000 - (times[0] ?? 0)).toBeLessThan(3600);
        expect(times).toEqual([...times].sort((a, b) => b - a));
      }
    },
  );

  it('can be reverted, and come once more when all the usual work is in', async () => {
    const repositories = await makeRepositories();
    const work = join(dir, `work-${count}`);
    for (let round = 0; round < 3; round += 1) {
      const { commit } = await injectFault('token-ttl', repositories);
      expect(await git(repositories, 'user-service', 'rev-parse', 'main')).not.toBe(commit);
      expect(await git(repositories, 'user-service', 'show', 'main:config/session.json')).toMatch(
        '"tokenTtlHours": 1,',
      );

      await rm(work, { recursive: true, force: true });
      await runGit(['clone', '--quiet', join(repositories, 'user-service.git'), work]);
      const env = {
        GIT_AUTHOR_NAME: 'A',
        GIT_AUTHOR_EMAIL: 'a@b',
        GIT_COMMITTER_NAME: 'A',
        GIT_COMMITTER_EMAIL: 'a@b',
      };
      await runGit(['revert', '--no-edit', commit], { cwd: work, env });
      await runGit(['push', '--quiet', 'origin', 'main'], { cwd: work });
    }
  });

  it('lets another change go out beside the fault, later than it', async () => {
    const repositories = await makeRepositories();
    const scenario = await readScenario('two-changes');

    const { service, commit } = await injectFault('two-changes', repositories);

    const [other] = scenario.also;
    const at = async (repository: string, ...which: string[]) =>
      Number(await git(repositories, repository, 'log', '-1', '--format=%at', ...which));
    expect([service, other?.service]).toEqual(['payment-service', 'order-service']);
    expect(await git(repositories, service, 'show', 'main:config/pool.json')).toContain(
      '"maxConnections": 1,',
    );
    expect(await git(repositories, 'order-service', 'show', 'main:src/pricing.js')).toContain('priceLines');
    expect(await at('order-service', 'main', '--', 'src/pricing.js')).toBeGreaterThan(
      await at(service, commit),
    );
  });

  it('breaks nothing where nothing is to be found: an ordinary release goes out', async () => {
    const repositories = await makeRepositories();
    const scenario = await readScenario('traffic-peak');

    const { commit } = await injectScenario(scenario, repositories, now);

    expect(commit).toBeNull();
    expect(scenario).toMatchObject({ expected: 'inconclusive', trafficFactor: 2, patch: null });
    for (const each of SHOP_SERVICES)
      expect(await git(repositories, each, 'log', '-1', '--format=%s')).toMatch('where to ask');
  });

  it('takes a patch made from further up or without prefixes', async () => {
    for (const prefix of ['a/demo/shop/services/user-service/', '']) {
      const changed = patch
        .replace('a/config', `${prefix}config`)
        .replace('b/config', `${prefix.replace('a/', 'b/')}config`);
      const folder = await makeFolder({ 'scenario.yaml': yaml, 'f.patch': changed.trimEnd() });
      const repositories = await makeRepositories();

      const { commit } = await injectFault(folder, repositories);

      expect(await git(repositories, 'user-service', 'show', '--format=', '--name-only', commit)).toBe(
        'config/session.json',
      );
    }
  });

  it('says that a patch does not apply, and leaves the repositories alone', async () => {
    const folder = await makeFolder({
      'scenario.yaml': yaml,
      'f.patch': patch.replace('"tokenTtlHours": 24', '"other": 5'),
    });
    const repositories = await makeRepositories();
    const before = await git(repositories, 'user-service', 'rev-parse', 'main');

    await expect(injectScenario(await readScenario(folder), repositories, now)).rejects.toMatchObject({
      code: 'patch_rejected',
      message: expect.stringContaining('config/session.json'),
    });
    for (const service of SHOP_SERVICES) {
      expect(await git(repositories, service, 'log', '-1', '--format=%s')).not.toMatch('where to ask');
    }
    expect(await git(repositories, 'user-service', 'rev-parse', 'main')).toBe(before);
  });

  it('says which services there are when it is about another one', async () => {
    const folder = await makeFolder({
      'scenario.yaml': yaml.replace('service: user-service', 'service: mail-service'),
      'f.patch': patch,
    });

    await expect(injectScenario(await readScenario(folder), pristine, now)).rejects.toMatchObject({
      code: 'unknown_service',
      hint: expect.stringContaining('order-service'),
    });
  });
});

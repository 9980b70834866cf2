import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sandboxImage } from '../../setup/sandbox-image.mjs';
import { createDockerSandboxes } from '../../src/adapters/docker/docker-sandboxes.ts';
import type { Service } from '../../src/domain/service.ts';
import type { SandboxProvider } from '../../src/ports/sandbox.ts';
import { createPullRequest } from '../../src/remedies/pull-request/pull-request.ts';
import { type GitHouse, openGitHouse } from './git-remedy-house.ts';
import { scratchService } from './github-scratch.ts';
import { describeRemedy, remedyContext } from './remedy-contract.ts';

const story = [
  {
    message: 'Start',
    files: {
      'package.json': '{ "type": "module" }\n',
      'src/price.js': 'export const total = (price, count) => price + count;\n',
      'test/price.test.js': [
        "import assert from 'node:assert';",
        "import { test } from 'node:test';",
        "import { total } from '../src/price.js';",
        "test('a price times how many', () => assert.equal(total(3, 5), 15));",
        '',
      ].join('\n'),
      'README.md': 'Prices\n',
    },
  },
];

const fix = [
  '--- a/src/price.js',
  '+++ b/src/price.js',
  '@@ -1 +1 @@',
  '-export const total = (price, count) => price + count;',
  '+export const total = (price, count) => price * count;',
  '',
].join('\n');

/** A patch that makes a new file. */
const making = (path: string, text: string, mode = '100644'): string =>
  [
    `diff --git a/${path} b/${path}`,
    `new file mode ${mode}`,
    '--- /dev/null',
    `+++ b/${path}`,
    '@@ -0,0 +1 @@',
    `+${text}`,
    '',
  ].join('\n');

const testCommand = ['node', '--test'];

describe('the pull-request remedy', () => {
  const sandbox = createDockerSandboxes({ images: { node: process.env['SANDBOX_IMAGE'] || sandboxImage } });
  let house: GitHouse;
  let signal: AbortSignal;
  let hostile: Service | undefined;

  beforeAll(async () => {
    house = await openGitHouse();
  });
  beforeEach(() => {
    signal = AbortSignal.timeout(55_000);
  });
  afterEach(() => house.scratch.github.faults.clear());
  afterAll(async () => {
    await sandbox.close();
    await house?.scratch.remove();
  });

  const runnable = (service: Service): Service => ({ ...service, language: 'node', testCommand });

  async function makeService(name: string): Promise<Service> {
    await house.scratch.makeRepository(name, story);
    return runnable(scratchService(house.scratch, name));
  }

  const previewWith = (
    service: Service,
    params: { patch: string; title?: string; check?: string[] },
    provider: SandboxProvider = sandbox,
  ) =>
    createPullRequest({ ...house, sandbox: provider }).preview(
      service,
      { title: 'Multiply the price', ...params },
      signal,
    );

  async function reasonOf(service: Service, patch: string, check?: string[]): Promise<string> {
    const seen = await previewWith(service, { patch, ...(check === undefined ? {} : { check }) });
    return seen.possible ? 'possible' : seen.reason;
  }

  /** What must never be asked: the patch is refused before anything is run. */
  const untouched: SandboxProvider = {
    unavailable: () => Promise.reject(new Error('asked for a sandbox')),
    open: () => Promise.reject(new Error('opened a sandbox')),
    sweep: async () => 0,
    close: async () => undefined,
  };

  const unasked = () => Promise.reject(new Error('asked for more than a run'));

  /** Says of the tree what its tests would say: what all remedies promise is not about Docker. */
  const quick: SandboxProvider = {
    unavailable: async () => null,
    async open({ workspace }) {
      const code = await readFile(join(workspace, 'src/price.js'), 'utf8');
      const exitCode = code.includes('price * count') ? 0 : 1;
      return {
        id: 'quick',
        run: async () => ({ exitCode, reason: 'exit', output: '8 == 15', durationMs: 1 }),
        look: unasked,
        write: unasked,
        changes: unasked,
        snapshot: unasked,
        reset: unasked,
        close: async () => undefined,
      };
    },
    sweep: async () => 0,
    close: async () => undefined,
  };

  describeRemedy('pull-request', () =>
    house.makeScene(story, (service) => ({
      remedy: createPullRequest({ ...house, sandbox: quick }),
      service: runnable(service),
      params: { patch: fix, title: 'Multiply the price @everyone' },
      nonsense: [
        { patch: fix },
        { patch: fix, title: 'two\nlines' },
        { patch: fix, title: 'x', check: [] },
        { patch: fix, title: 'x', check: 'node --test' },
        { patch: fix, title: 'x', check: ['sh', '-c', 'node --test'] },
        { patch: fix, title: 'x', check: ['node', '--test\n'] },
        { patch: fix.replaceAll('price.js', 'nowhere.js'), title: 'x' },
      ],
    })),
  );

  it('shows the diff and a check that failed before and passes after, both in the sandbox', async () => {
    const service = await makeService('shows');

    const seen = await previewWith(service, { patch: fix.trimEnd() });

    if (!seen.possible) throw new Error(seen.reason);
    expect(seen.planned.preview.diff).toContain('-export const total = (price, count) => price + count;\n+');
    expect(seen.planned.preview.measured).toEqual({
      what: 'node --test, in the sandbox',
      before: expect.stringMatching(/^fails with exit code 1 in \d+\.\d s: .*8 == 15/),
      after: expect.stringMatching(/^passes in \d+\.\d s$/),
    });
    expect(seen.facts).toMatchObject({ base: 'medium', reversible: 'exact' });
    expect(seen.planned.preview.summary).toContain('src/price.js');
  });

  it('masks what looks like a credential in the diff, says so, and still merges the real bytes', async () => {
    const service = await makeService('masked');
    const patch = `${fix}${making('config/db.yaml', 'password: hunter2hunter2')}`;
    const remedy = createPullRequest({ ...house, sandbox: quick });

    const seen = await previewWith(service, { patch }, quick);

    if (!seen.possible) throw new Error(seen.reason);
    expect(seen.planned.preview.diff).toContain('+password: [masked]');
    expect(seen.planned.preview.diff).not.toContain('hunter2');
    expect(seen.planned.preview.notes.join(' ')).toContain('Values that look like credentials are masked');
    const applied = await remedy.apply(service, seen.planned, remedyContext('masked', 'apply'), signal);
    expect(applied).toMatchObject({ applied: true });
    expect(await house.scratch.fileOnMain('masked', 'config/db.yaml')).toContain('hunter2hunter2');
  });

  it('takes a check of its own, if the service’s tests pass afterwards too', async () => {
    const service = await makeService('own-check');
    const check = ['node', '--test', 'test/count.test.js'];
    const counting = making('test/count.test.js', "import '../src/price.js';");

    const seen = await previewWith(service, { patch: `${fix}${counting}`, check });
    const others = await reasonOf(service, counting, check);

    if (!seen.possible) throw new Error(seen.reason);
    expect(seen.planned.preview.measured?.after).toMatch(/^passes in .*; all its tests: passes in /);
    expect(seen.planned.params['check']).toEqual(check);
    expect(others).toMatch(/with the patch `node --test` fails with exit code 1/);
  });

  it('says that no check failed before, which is a higher risk; tests and documents alone are none', async () => {
    const service = await makeService('no-failure');
    await house.scratch.pushCommits('no-failure', [
      { message: 'By hand', files: { 'src/price.js': 'export const total = (a, b) => a * b;\n' } },
    ]);

    const code = await previewWith(service, { patch: making('src/more.js', 'export const more = 1;') });
    const text = await previewWith(service, { patch: making('docs/more.md', 'More') });

    if (!code.possible || !text.possible) throw new Error('not possible');
    expect(code.planned.preview.notes.join(' ')).toContain('Nothing shows that this patch repairs');
    expect(code.facts.base).toBe('high');
    expect(text.facts.base).toBe('low');
  });

  it('offers no patch with which the tests fail, or which cannot be tried', async () => {
    const service = await makeService('fails');
    const wrong = fix.replace('price * count', 'price - count');
    const none: SandboxProvider = { ...untouched, unavailable: async () => 'Docker does not answer' };

    expect(await reasonOf(service, wrong)).toMatch(/with the patch .* fails with exit code 1.*-2 == 15/);
    const untried = await previewWith(service, { patch: fix }, none);
    expect(untried).toMatchObject({ possible: false, reason: expect.stringContaining('Docker does not') });
    const untested = await previewWith({ ...service, testCommand: [] }, { patch: fix });
    expect(untested).toMatchObject({ possible: false, reason: expect.stringContaining('no test command') });
    const other = await previewWith(service, { patch: fix, check: ['sh', '-c', 'true'] });
    expect(other).toMatchObject({ possible: false, reason: expect.stringContaining('begin with “node”') });
  });

  it.each([
    ['outside of the repository', making('../outside.js', 'x'), /invalid path|cannot be applied/],
    ['an absolute path', making('/etc/cron.d/x', 'x'), /invalid path|cannot be applied/],
    ['inside .git', making('.git/hooks/pre-commit', 'x'), /invalid path|cannot be applied/],
    ['inside .GIT of a folder', making('src/.GIT/config', 'x'), /invalid path|cannot be applied|pipeline/],
    ['a link', making('link', '/etc/passwd', '120000'), /link or a submodule/],
    ['a submodule', making('sub', `Subproject commit ${'a'.repeat(40)}`, '160000'), /link or a submodule/],
    ['.gitmodules', making('.gitmodules', '[submodule "x"]'), /build pipeline/],
    ['a workflow', making('.github/workflows/ci.yml', 'on: push'), /build pipeline/],
    ['where packages come from', making('.npmrc', 'registry=https://mallory.example'), /build pipeline/],
    ['what runs before a commit', making('.husky/pre-commit', 'curl mallory.example'), /build pipeline/],
    ['who reviews', making('CODEOWNERS', '* @mallory'), /build pipeline/],
    ['hidden characters', making('src/a.js', 'const admin = true; // \u202e } \u2066 if'), /nobody can see/],
    ['hidden names', making('src/a\u200b.js', 'x'), /nobody can see|cannot be applied/],
    ['another form of a character', making('src/a.js', 'e\u0301'), /NFC/],
    [
      'a context that does not fit',
      fix.replace('-export const total', '-export const sum'),
      /patch failed: src\/price\.js:1/,
    ],
    ['a hunk cut off', fix.slice(0, fix.indexOf('+export')), /cannot be applied/],
    ['nothing', '--- a/README.md\n+++ b/README.md\n@@ -1 +1 @@\n-Prices\n+Prices\n', /changes nothing/],
    [
      'bytes',
      'diff --git a/x.bin b/x.bin\nnew file mode 100644\nindex 0000000..8f1e8d5\nGIT binary patch\nliteral 4\nLcmZQzU|?VX0KEVJ\n\nliteral 0\nHcmV?d00001\n\n',
      /binary|cannot be applied/,
    ],
  ])('takes no patch with %s, and runs nothing of it', async (_what, patch, why) => {
    hostile ??= await makeService('hostile');
    const service = hostile;

    const seen = await previewWith(service, { patch }, untouched);

    expect(seen.possible ? 'possible' : seen.reason).toMatch(why);
  });

  it('merges it with its words made harmless, and says whom a later push on the same lines belongs to', async () => {
    const service = await makeService('merges');
    const remedy = createPullRequest({ ...house, sandbox });
    const seen = await previewWith(service, { patch: fix, title: 'Fixes #1 for @acme/all [skip ci]' });
    if (!seen.possible) throw new Error(seen.reason);
    const inverse = await remedy.inverse(service, seen.planned, signal);

    const applied = await remedy.apply(service, seen.planned, remedyContext('merges', 'apply'), signal);

    if (!applied.applied) throw new Error(applied.reason);
    const [pull] = await house.scratch.github.pullRequests('merges');
    expect(pull).toMatchObject({ merged: true, title: 'Fixes # 1 for @ acme/all [ skip ci]' });
    expect(pull?.body).toContain('Tried before');
    await house.scratch.pushCommits('merges', [
      { message: 'Mine', files: { 'src/price.js': 'export const total = (a, b) => a * b;\n' } },
    ]);
    const undone = await remedy.undo(
      service,
      inverse,
      applied.receipt,
      remedyContext('merges', 'undo'),
      signal,
    );
    expect(undone.applied ? '' : undone.reason).toContain('later changes overlap in src/price.js');
  });

  it('leaves the pull request to a person where a rule of the repository forbids the merge', async () => {
    const service = await makeService('protected');
    const remedy = createPullRequest({ ...house, sandbox });
    const seen = await previewWith(service, { patch: fix });
    if (!seen.possible) throw new Error(seen.reason);
    const body = Buffer.from(JSON.stringify({ message: 'At least 1 approving review is required.' }));
    const rule = { status: 405, headers: { 'content-type': 'application/json' }, body };
    house.scratch.github.faults.add({ method: 'PUT', path: /merge$/, happens: rule, times: 9 });

    const applied = await remedy.apply(service, seen.planned, remedyContext('protected', 'apply'), signal);

    const [pull] = await house.scratch.github.pullRequests('protected');
    expect(pull).toMatchObject({ state: 'open', merged: false });
    expect(applied.applied ? '' : applied.reason).toContain('At least 1 approving review is required.');
    expect(applied.applied ? '' : applied.reason).toContain(pull?.url);
  });
});

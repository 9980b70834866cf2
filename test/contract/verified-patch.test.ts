import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sandboxImage } from '../../setup/sandbox-image.mjs';
import { createDockerSandboxes } from '../../src/adapters/docker/docker-sandboxes.ts';
import { createGit } from '../../src/adapters/git/git.ts';
import type { Notebook } from '../../src/agents/investigator.ts';
import { type VerifiedPatch, verifyPatch } from '../../src/agents/patch/verify-patch.ts';
import { isTrialOfFix, type Observation } from '../../src/domain/evidence.ts';
import { silentLog } from '../../src/platform/log.ts';
import type { SandboxProvider } from '../../src/ports/sandbox.ts';
import type { SourceControl } from '../../src/ports/source-control.ts';
import { type AgentSandbox, openAgentSandbox } from '../support/agent-sandbox.ts';

const price = (body: string) => ({ 'src/price.js': `export const total = (price, count) => ${body};\n` });
const test = (name: string, assertion: string) =>
  [
    "import assert from 'node:assert';",
    "import { test } from 'node:test';",
    "import * as prices from '../src/price.js';",
    `test('${name}', () => ${assertion});`,
  ].join('\n');
const story = [
  {
    subject: 'Prices',
    files: {
      'package.json': '{ "type": "module" }\n',
      'test/price.test.js': `${test('nothing costs nothing', 'assert.equal(prices.total(0, 0), 0)')}\n`,
      ...price('price * count'),
    },
    minutesAgo: 900,
  },
  { subject: 'Simpler', files: price('price + count'), minutesAgo: 30 },
];

const change = (path: string, before: string | null, after: string): string => {
  const [old, now] = [before === null ? [] : [before], after.split('\n')];
  return [
    `diff --git a/${path} b/${path}`,
    ...(before === null ? ['new file mode 100644', '--- /dev/null'] : [`--- a/${path}`]),
    `+++ b/${path}`,
    before === null ? `@@ -0,0 +1,${now.length} @@` : `@@ -1 +1,${now.length} @@`,
    ...old.map((line) => `-${line}`),
    ...now.map((line) => `+${line}`),
    '',
  ].join('\n');
};
const broken = 'export const total = (price, count) => price + count;';
const fix = change('src/price.js', broken, 'export const total = (price, count) => price * count;');
const proof = change(
  'test/again.test.js',
  null,
  test('three of five', 'assert.equal(prices.total(3, 5), 15)'),
);
const check = ['node', '--test', 'test/again.test.js'];

/** Real git, real containers. */
describe('a patch that a model wrote', () => {
  const sandbox = createDockerSandboxes({ images: { node: process.env['SANDBOX_IMAGE'] || sandboxImage } });
  let agent: AgentSandbox;
  let source: SourceControl;
  let cacheDir: string;
  let kept: Observation[];

  beforeAll(async () => {
    cacheDir = await mkdtemp(join(tmpdir(), 'warroom-patch-'));
    source = createGit({ cacheDir, credentials: async () => null, log: silentLog });
    agent = openAgentSandbox(sandbox, story, ['node', '--test']);
  });
  beforeEach(() => {
    kept = [];
  });
  afterAll(async () => {
    await agent.close();
    await rm(cacheDir, { recursive: true, force: true });
    await sandbox.close();
  });

  function verify(
    diff: string,
    given: readonly string[] = check,
    from: SandboxProvider = sandbox,
  ): Promise<VerifiedPatch> {
    const notebook = {
      keep: async (_: string, seen: Observation) => {
        kept.push(seen);
        return { ...seen, number: kept.length };
      },
    } as unknown as Notebook;
    return verifyPatch(
      {
        trying: { source, sandbox: from },
        service: agent.service,
        commit: agent.shas[1] ?? null,
        notebook,
      },
      { diff, check: [...given], explanation: 'Multiplies again.' },
      AbortSignal.timeout(50_000),
    );
  }
  /** Refused before anything is run. */
  const unasked = { ...sandbox, open: () => Promise.reject(new Error('opened a sandbox')) };

  it('is proposed when its check passes before the blamed commit, fails since, and passes with it', async () => {
    const verdict = await verify(fix + proof);

    expect(verdict).toMatchObject({
      stands: true,
      remedy: { kind: 'pull-request', service: 'shop', params: { title: 'Multiplies again.', check } },
    });
    expect(kept).toMatchObject([{ kind: 'check', empty: false, query: check.join(' ') }]);
    expect(kept[0]?.summary).toMatch(/without the patch it fails with exit code 1.*with it, it passes/);
    expect(kept.every(isTrialOfFix)).toBe(true);
  });

  it('is not proposed when its check asks for something that there never was', async () => {
    const door = change('src/price.js', broken, `${broken}\nexport const isOpen = true;`);
    const asks = change('test/again.test.js', null, test('is open', 'assert.equal(prices.isOpen, true)'));

    expect(await verify(door + asks)).toMatchObject({
      stands: false,
      reason: expect.stringContaining('not about what that commit broke'),
    });
    expect(kept).toEqual([]);
  });

  it('is not proposed when its code ends the tests before they have said anything', async () => {
    const early = 'export const total = Reflect.get(globalThis, "pro" + "cess").reallyExit(0);';
    const verdict = await verify(change('src/price.js', broken, early) + proof);

    expect(verdict).toMatchObject({ stands: false, reason: expect.stringContaining('nothing says') });
    expect(kept).toEqual([]);
  });

  it.each([
    [
      'changes a test that is there',
      fix +
        change(
          'test/price.test.js',
          test('nothing costs nothing', 'assert.equal(prices.total(0, 0), 0)').split('\n')[0] ?? '',
          '// gone',
        ),
      check,
      /a test was changed|does not apply/,
    ],
    [
      'comes with a program of its own',
      fix + proof,
      ['/bin/sh', '-c', 'true'],
      /has to begin with “node --test”/,
    ],
    [
      'comes with a program text of its own',
      fix + proof,
      ['node', '--test', '-e', 'process.exit(1)'],
      /only test files/,
    ],
    [
      'ends the run from the code under test',
      change('src/price.js', broken, `${broken}\nif (globalThis.tried) process.exit(0);`) + proof,
      check,
      /end the process/,
    ],
    [
      'changes how tests run',
      fix + proof + change('package.json', '{ "type": "module" }', '{ "type": "module", "x": 1 }'),
      check,
      /how tests run/,
    ],
    [
      'touches what the commit did not',
      fix + proof + change('src/auth.js', null, 'export const open = true;'),
      check,
      /did not touch/,
    ],
  ])('is not even tried when it %s', async (_, diff, given, why) => {
    const verdict = await verify(diff, given, unasked);

    expect(verdict).toMatchObject({ stands: false, reason: expect.stringMatching(why) });
  });
});

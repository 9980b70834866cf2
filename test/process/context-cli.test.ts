import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testSecret } from '../support/audit-key.ts';

const cli = resolve(import.meta.dirname, '../../src/cli.ts');
const run = promisify(execFile);

/** The real command on real repositories, with no bot running. */
describe('warroom context', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'warroom-context-'));
    const git = (name: string, ...args: string[]) =>
      run('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], { cwd: join(folder, name) });
    for (const name of ['ledger', 'checkout']) {
      await mkdir(join(folder, name));
      await writeFile(join(folder, name, 'routes.js'), "route('GET', '/entries', list);\n");
      await writeFile(join(folder, name, `${name}.js`), `export const name = '${name}';\n`);
      await git(name, 'init', '-q', '-b', 'main');
      await git(name, 'add', '-A');
      await git(name, 'commit', '-q', '-m', 'First');
    }
    const services = ['ledger', 'checkout'].map((name) => ({
      name,
      repository: { url: `file://${join(folder, name)}`, slug: `a/${name}` },
      language: 'node',
      testCommand: ['true'],
      dependsOn: name === 'checkout' ? ['ledger'] : [],
    }));
    await writeFile(join(folder, 'warroom.yaml'), JSON.stringify({ services }));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function ask(...args: string[]): Promise<{ code: number; out: string; err: string }> {
    const env = {
      PATH: process.env['PATH'],
      WARROOM_SECRET: testSecret,
      ALERTMANAGER_WEBHOOK_TOKEN: 'hook-token-of-this-test',
      DATA_DIR: join(folder, 'data'),
    };
    try {
      const { stdout, stderr } = await run(process.execPath, [cli, 'context', ...args], { cwd: folder, env });
      return { code: 0, out: stdout, err: stderr };
    } catch (error) {
      const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
      return { code, out: stdout, err: stderr };
    }
  }

  it('shows each layer in tokens, what it loads and what it leaves out', async () => {
    const { code, out } = await ask('checkout');

    expect(code).toBe(0);
    expect(out).toMatch(
      /^checkout at [0-9a-f]{12} \(head of its branch\), [\d,]+ of 200,000 tokens, estimated/,
    );
    expect(out).toMatch(/L1 source: \d+ tokens \([\d.]+ %\) in 2 units.*\+ \d+ {2}checkout\.js/s);
    expect(out).toMatch(/L2 neighbours: .*\+ \d+ {2}interface of ledger/s);
    expect(out).toMatch(/L4 last hour: .*\+ \d+ {2}commit [0-9a-f]{12}/s);
  }, 60_000);

  it('names the services there are to somebody who mistypes one, and explains itself', async () => {
    const [unknown, none] = [await ask('chekout'), await ask()];

    expect(unknown.code).toBe(1);
    expect(unknown.err).toContain('no service "chekout". It has ledger, checkout.');
    expect(none).toMatchObject({ code: 2, out: '' });
    expect(none.err).toContain('npm run warroom -- context SERVICE');
  }, 60_000);
});

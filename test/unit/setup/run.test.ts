import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname, '../../..');
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'warroom-run-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function script(name: string, source: string): string {
  const file = path.join(folder, `${name}.mjs`);
  writeFileSync(file, source);
  return file;
}

type Ended = { exitCode: number | null; stdout: string; stderr: string };

function start(args: string[], env: NodeJS.ProcessEnv = {}): { child: ChildProcess; ended: Promise<Ended> } {
  const child = spawn(process.execPath, [path.join(root, 'setup/run.mjs'), ...args], {
    cwd: root,
    env: { ...process.env, ...env },
  });
  const ended = new Promise<Ended>((resolve) => {
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    child.on('close', (exitCode) => resolve({ exitCode, stdout, stderr }));
  });
  return { child, ended };
}

const untilReady = (child: ChildProcess): Promise<unknown> =>
  new Promise((resolve) => child.stdout?.once('data', resolve));

describe('setup/run.mjs', () => {
  it("hands arguments, stdout and the script's own exit code through", async () => {
    const file = script('seven', 'console.log(JSON.stringify(process.argv.slice(2))); process.exitCode = 7;');

    const { exitCode, stdout } = await start(['start', file, '--json', 'two words']).ended;

    expect(exitCode).toBe(7);
    expect(stdout).toBe('["--json","two words"]\n');
  });

  it('runs the script with a Node that is new enough', async () => {
    const file = script('version', 'console.log(process.versions.node)');

    const { stdout } = await start(['start', file]).ended;

    const [major = 0, minor = 0] = stdout.split('.').map(Number);
    expect(major > 22 || (major === 22 && minor >= 19)).toBe(true);
  });

  it('passes a Ctrl-C on once, however often it arrives, and waits for an orderly end', async () => {
    const file = script(
      'orderly',
      `let count = 0;
       process.on('SIGINT', () => { count += 1; setTimeout(() => { console.log('stopped after ' + count); process.exit(3); }, 300); });
       setInterval(() => {}, 1000);
       console.log('ready');`,
    );
    const { child, ended } = start(['start', file]);
    await untilReady(child);

    child.kill('SIGINT');
    child.kill('SIGINT');

    expect(await ended).toMatchObject({ exitCode: 3, stdout: 'ready\nstopped after 1\n' });
  });

  it('reports a script that a signal ended as 128 plus the signal', async () => {
    const file = script('killed', "process.kill(process.pid, 'SIGKILL'); setInterval(() => {}, 1000);");

    const { exitCode } = await start(['start', file]).ended;

    expect(exitCode).toBe(137);
  });

  it('explains itself when called with a purpose that it does not know', async () => {
    const { exitCode, stdout, stderr } = await start(['party', 'x.mjs']).ended;

    expect(exitCode).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain('PURPOSE is one of: start, check, demo');
  });

  it('says which script is missing', async () => {
    const { exitCode, stderr } = await start(['start', path.join(folder, 'absent.mjs')]).ended;

    expect(exitCode).toBe(1);
    expect(stderr).toContain('absent.mjs');
    expect(stderr).toContain('→');
  });
});

describe('without a Docker engine', () => {
  const nowhere = { DOCKER_HOST: 'tcp://127.0.0.1:9' };

  it('the demo goes on read-only and says so on stderr alone', async () => {
    const file = script('demo', "console.log('{}')");

    const { exitCode, stdout, stderr } = await start(['demo', file], nowhere).ended;

    expect(exitCode).toBe(0);
    expect(stdout).toBe('{}\n');
    expect(stderr).toContain('DOCKER_HOST=tcp://127.0.0.1:9');
    expect(stderr).toContain('read-only');
  });

  it('the tests refuse to start, and say what to do', async () => {
    const file = script('tests', "console.log('ran')");

    const { exitCode, stdout, stderr } = await start(['test', file], nowhere).ended;

    expect(exitCode).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toContain('unset DOCKER_HOST');
  });

  it('starting the bot does not ask for one', async () => {
    const file = script('bot', "console.log('up')");

    const { exitCode, stderr } = await start(['start', file], nowhere).ended;

    expect(exitCode).toBe(0);
    expect(stderr).toBe('');
  });
});

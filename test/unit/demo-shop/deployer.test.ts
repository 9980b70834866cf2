import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Deployer, planDeploy, startDeployer } from '../../../demo/shop/deployer.ts';
import { findFreePort } from '../../../demo/shop/free-port.ts';
import { runGit } from '../../../demo/shop/git.ts';

/** The least that a service is: answers with its release and its setting, reloads and drains. */
const server = (release: string) => `
import http from 'node:http';
import { readFileSync } from 'node:fs';
let setting = readFileSync('config/s.json', 'utf8');
process.on('SIGHUP', () => { setting = readFileSync('config/s.json', 'utf8'); });
const server = http.createServer((_q, s) => s.end('${release}:' + JSON.parse(setting).v));
process.on('SIGTERM', () => server.close(() => process.exit(0)));
process.on('disconnect', () => process.exit(0));
server.listen({ port: Number(process.env.PORT), host: '127.0.0.1', reusePort: true }, () => process.send('ready'));
`;

let dir: string;
let work: string;
let repository: string;
let port: number;
let lines: string[];
let deployer: Deployer;

async function push(files: Record<string, string>): Promise<string> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(work, path)), { recursive: true });
    await writeFile(join(work, path), text);
  }
  await runGit(['add', '--all'], { cwd: work });
  await runGit(['-c', 'user.name=A', '-c', 'user.email=a@b', 'commit', '--quiet', '-m', 'change'], {
    cwd: work,
  });
  await runGit(['push', '--quiet', 'origin', 'HEAD:main'], { cwd: work });
  return (await runGit(['rev-parse', 'HEAD'], { cwd: work })).trim();
}

const ask = async () => await (await fetch(`http://127.0.0.1:${port}/`)).text();
const isAlive = (pid: number | undefined) => {
  try {
    return pid !== undefined && process.kill(pid, 0);
  } catch {
    return false;
  }
};

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'deployer-'));
  work = join(dir, 'work');
  repository = join(dir, 'svc.git');
  lines = [];
  port = await findFreePort();
  await runGit(['init', '--quiet', '--bare', '--initial-branch', 'main', repository]);
  await runGit(['clone', '--quiet', repository, work]);
  await push({
    'package.json': '{"type":"module"}',
    'src/server.js': server('one'),
    'config/s.json': '{"v":1}',
  });
  deployer = await startDeployer({
    service: 'svc',
    repository,
    workDir: join(dir, 'release'),
    env: { PORT: String(port) },
    onLine: (line) => lines.push(line),
    pollMs: 30,
    readyDeadlineMs: 1_500,
  });
});

afterEach(async () => {
  await deployer.stop();
  await rm(dir, { recursive: true, force: true });
});

describe('planDeploy', () => {
  it('asks for no more than the change needs', () => {
    expect(planDeploy(['README.md', 'test/a.test.js', 'docs/x.md'])).toBe('files-only');
    expect(planDeploy(['config/a.json', 'README.md'])).toBe('reload');
    expect(planDeploy(['config/a.json', 'src/a.js'])).toBe('rolling');
    expect(planDeploy(['package.json'])).toBe('rolling');
  });
});

describe('the deployer', () => {
  it('reloads the running process when only configuration changed', async () => {
    const pid = deployer.pid();

    const commit = await push({ 'config/s.json': '{"v":2}' });

    await vi.waitFor(async () => expect(await ask()).toBe('one:2'), 5_000);
    await vi.waitFor(() => expect(deployer.lastDeploy()).toBe('reload'), 5_000);
    expect(deployer.pid()).toBe(pid);
    expect(deployer.deployedCommit()).toBe(commit);
    expect(lines.map((line) => JSON.parse(line))).toContainEqual(
      expect.objectContaining({ service: 'svc', msg: 'deployed', commit, how: 'reload' }),
    );
  });

  it('replaces the process without a gap when code changed', async () => {
    const pid = deployer.pid();
    const answers = new Map<string, number>();
    let asking = true;
    const asker = (async () => {
      while (asking) {
        // A kept-alive connection may close under a request; every client asks once more then.
        const answer = await ask()
          .catch(ask)
          .catch((error: Error) => `failed: ${error.message}`);
        answers.set(answer, (answers.get(answer) ?? 0) + 1);
        await pause(2);
      }
    })();

    await push({ 'src/server.js': server('two') });
    await vi.waitFor(() => expect(deployer.lastDeploy()).toBe('rolling'), 10_000);
    asking = false;
    await asker;

    expect(await ask()).toBe('two:1');
    expect([...answers.keys()].filter((answer) => answer.startsWith('failed'))).toEqual([]);
    expect(deployer.pid()).not.toBe(pid);
    await vi.waitFor(() => expect(isAlive(pid)).toBe(false), 5_000);
  });

  it('lets a broken release be seen from outside, and recovers with the next one', async () => {
    await push({ 'src/server.js': 'throw new TypeError("no such thing");' });
    await vi.waitFor(async () => await expect(ask()).rejects.toThrow(), 10_000);
    await vi.waitFor(() => expect(lines.join('\n')).toMatch(/TypeError: no such thing/), 5_000);
    await vi.waitFor(() => expect(lines.join('\n')).toMatch(/process ended, restarting/), 5_000);

    await push({ 'src/server.js': server('three') });

    await vi.waitFor(async () => expect(await ask()).toBe('three:1'), 10_000);
  });

  it('starts the service again when it dies by itself', async () => {
    const pid = deployer.pid();
    process.kill(pid ?? 0, 'SIGKILL');

    await vi.waitFor(async () => expect(await ask()).toBe('one:1'), 5_000);
    expect(deployer.pid()).not.toBe(pid);
  });

  it('leaves no process behind when it stops', async () => {
    const pid = deployer.pid();
    expect(isAlive(pid)).toBe(true);

    await deployer.stop();

    expect(isAlive(pid)).toBe(false);
    await expect(ask()).rejects.toThrow();
  });
}, 30_000);

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import Docker from 'dockerode';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { sandboxImage } from '../../setup/sandbox-image.mjs';
import { containerProfile, defaultLimits, labelsFor } from '../../src/adapters/docker/container-profile.ts';
import { createDockerSandboxes } from '../../src/adapters/docker/docker-sandboxes.ts';
import type { CommandResult, Sandbox } from '../../src/ports/sandbox.ts';

const image = process.env['SANDBOX_IMAGE'] || sandboxImage;
const docker = new Docker();
const calm = AbortSignal.timeout(120_000);
const mib = 1024 * 1024;
const sandboxes = createDockerSandboxes({
  images: { node: image },
  limits: {
    memoryBytes: 320 * mib,
    workBytes: 64 * mib,
    tmpBytes: 32 * mib,
    fileBytes: 48 * mib,
    lifetimeMs: 600_000,
  },
});

describe('a sandbox on the real engine', () => {
  let workspace: string;
  let sandbox: Sandbox;

  const spec = (folder = workspace) => ({
    incidentId: 'i1',
    service: 'billing',
    language: 'node',
    workspace: folder,
  });
  const run = (...argv: string[]): Promise<CommandResult> =>
    sandbox.run(argv, { timeoutMs: 20_000, outputBytes: 64 * 1024 }, calm);
  const script = (code: string): Promise<CommandResult> => run('node', '-e', code);
  const shell = (command: string): Promise<CommandResult> => run('/bin/sh', '-c', command);
  /** Processes of the commands' user; the listing itself is the shell, ps and nothing else. */
  const processes = async (): Promise<string> =>
    (await shell(`for p in /proc/[0-9]*; do tr '\\0' ' ' < $p/cmdline; echo; done`)).output;

  beforeAll(async () => {
    workspace = mkdtempSync(path.join(os.tmpdir(), 'warroom-workspace-'));
    mkdirSync(path.join(workspace, 'src/deep'), { recursive: true });
    mkdirSync(path.join(workspace, '.git'));
    writeFileSync(path.join(workspace, '.git/config'), 'secret');
    writeFileSync(path.join(workspace, 'package.json'), '{"type":"module"}');
    writeFileSync(path.join(workspace, 'src/deep/add.js'), 'export const add = (a, b) => a + b;\n');
    writeFileSync(
      path.join(workspace, 'add.test.js'),
      `import assert from 'node:assert';import { test } from 'node:test';import { add } from './src/deep/add.js';
       test('adds', () => assert.equal(add(1, 2), 3));test('fails', () => assert.equal(add(1, 2), 4));`,
    );
    writeFileSync(path.join(workspace, '-rf name with spaces\nand a line'), 'odd');
    writeFileSync(path.join(workspace, 'run.sh'), '#!/bin/sh\necho ran\n', { mode: 0o755 });
    symlinkSync('/etc/passwd', path.join(workspace, 'link'));
    process.env['WARROOM_TEST_SECRET'] = 'must stay outside';
    sandbox = await sandboxes.open(spec(), calm);
  });

  afterAll(async () => {
    await sandbox?.close();
    rmSync(workspace, { recursive: true, force: true });
    delete process.env['WARROOM_TEST_SECRET'];
  });

  it('is available where Docker and the image are', async () => {
    expect(await sandboxes.unavailable(calm)).toBeNull();
  });

  it('has the regular files of the workspace and nothing else', async () => {
    const { output } = await shell('find . -type f -o -type l | sort');

    expect(output.split('\n').filter(Boolean)).toEqual(
      [
        './-rf name with spaces',
        'and a line',
        './add.test.js',
        './package.json',
        './run.sh',
        './src/deep/add.js',
      ].sort((a, b) => (a < b ? -1 : 1)),
    );
    expect((await run('./run.sh')).output).toBe('ran\n');
  });

  it("runs a service's tests and tells their exit code and output", async () => {
    const result = await run('node', '--test');

    expect(result).toMatchObject({ exitCode: 1, reason: 'exit' });
    expect(result.output).toContain('pass 1');
    expect(result.output).toContain('fail 1');
    expect(result.durationMs).toBeGreaterThan(0);
  });

  it('joins output and errors, and passes arguments as they are', async () => {
    expect(await shell('echo one; echo two >&2; exit 7')).toMatchObject({
      exitCode: 7,
      output: 'one\ntwo\n',
    });
    expect((await run('echo', '$HOME; `id`', '*')).output).toBe('$HOME; `id` *\n');
  });

  it('says so when there is no such command', async () => {
    const result = await run('no-such-command');

    expect(result.reason).toBe('exit');
    expect([126, 127]).toContain(result.exitCode);
  });

  it('knows nothing of the environment of its host', async () => {
    const { output } = await shell('env | cut -d= -f1 | sort | tr "\\n" " "; cat /proc/1/environ');

    expect(output).not.toContain('must stay outside');
    const names = output.split('\0')[0]?.split(' ') ?? [];
    expect(names).toEqual(expect.arrayContaining(['HOME', 'PATH', 'TMPDIR']));
    expect(names.filter((name) => /TOKEN|SECRET|KEY|PASSWORD|WARROOM|PROXY|CERT/i.test(name))).toEqual([]);
  });

  it('has no network: no interface but its own loop, no names, no way out', async () => {
    const result = await script(`
      const os = require('os'), net = require('net'), dns = require('dns');
      console.log(Object.keys(os.networkInterfaces()).join());
      net.connect(80, '169.254.169.254').on('error', (e) => console.log(e.code));
      dns.lookup('example.com', (e) => console.log(e.code));`);

    expect(result.output).toMatch(/^(lo)?\n/);
    expect(result.output).toContain('ENETUNREACH');
    expect(result.output).toContain('EAI_AGAIN');
  });

  it('is nobody, with no capability and no way to gain one', async () => {
    const { output } = await shell(
      'id -u; id -g; grep -E "CapEff|CapBnd|NoNewPrivs|Seccomp:" /proc/self/status',
    );

    expect(output).toMatch(/^10001\n10001\n/);
    expect(output).toMatch(/CapBnd:\s+0+\n/);
    expect(output).toMatch(/CapEff:\s+0+\n/);
    expect(output).toMatch(/NoNewPrivs:\s+1/);
    expect(output).toMatch(/Seccomp:\s+2/);
  });

  it('can write to its workspace and to /tmp alone, and not without end', async () => {
    const result = await shell(
      'touch /x; touch /usr/x; touch /etc/x; echo ok > /tmp/x && echo ok > /work/x && cat /tmp/x /work/x',
    );
    const full = await shell(
      'head -c 90000000 /dev/zero > /work/big; head -c 90000000 /dev/zero > /tmp/big; rm -f /work/big /tmp/big',
    );

    expect(result.output.match(/Read-only file system/g)).toHaveLength(3);
    expect(result.output).toMatch(/ok\nok\n$/);
    expect(full.output).toMatch(/File size limit|File too large|No space left/);
  });

  it('cannot fill the disk with empty files', async () => {
    const result = await script(`
      let made = 0;
      try { for (;;) { require('fs').writeFileSync('/tmp/f' + made, ''); made += 1; } } catch (e) { console.log(e.code, made); }
      for (let n = 0; n < made; n += 1) require('fs').unlinkSync('/tmp/f' + n);`);

    expect(result.output).toMatch(/^ENOSPC \d{4}\n/);
  });

  it('kills the whole tree when time is over, also what has left its session', async () => {
    const result = await sandbox.run(
      ['/bin/sh', '-c', 'echo begun; setsid sh -c "sleep 7777 & sleep 7778" & sleep 7779'],
      { timeoutMs: 1_000, outputBytes: 1024 },
      calm,
    );

    expect(result).toMatchObject({ exitCode: null, reason: 'timeout', output: 'begun\n' });
    expect(result.durationMs).toBeLessThan(3_000);
    expect(await processes()).not.toContain('sleep 777');
  });

  it('stops a command that prints without end, and keeps what it printed first', async () => {
    const result = await sandbox.run(['yes', 'no'], { timeoutMs: 20_000, outputBytes: 3_000 }, calm);

    expect(result).toMatchObject({ exitCode: null, reason: 'output-cap', output: 'no\n'.repeat(1_000) });
    expect(await processes()).not.toContain('yes no');
  });

  it('stops a command when the caller gives up, and can be used again', async () => {
    const caller = new AbortController();
    const running = sandbox.run(['sleep', '8888'], { timeoutMs: 60_000, outputBytes: 1024 }, caller.signal);
    setTimeout(() => caller.abort(new Error('drained')), 500);

    await expect(running).rejects.toThrow('drained');
    expect(await processes()).not.toContain('sleep 8888');
    await expect(
      sandbox.run(['true'], { timeoutMs: 1, outputBytes: 1 }, AbortSignal.abort()),
    ).rejects.toThrow();
  });

  it('names lack of memory as the reason, also when a child was the victim', async () => {
    // It waits for the end of a line that never comes, and keeps what it has read.
    const direct = await run('tail', '/dev/zero');
    const child = await shell('tail /dev/zero; echo "child ended with $?"; exit 1');
    const after = await shell('exit 1');

    expect(direct).toMatchObject({ reason: 'out-of-memory', exitCode: 137 });
    expect(child).toMatchObject({
      reason: 'out-of-memory',
      exitCode: 1,
      output: expect.stringContaining('137'),
    });
    expect(after.reason).toBe('exit');
  });

  it('tells a signal from an exit', async () => {
    expect(await shell('kill -SEGV $$')).toMatchObject({ reason: 'signal' });
  });

  it('does not wait for a daemon that a command leaves behind', async () => {
    const result = await shell('sleep 9999 & echo started');

    expect(result).toMatchObject({ exitCode: 0, reason: 'exit', output: 'started\n' });
    expect(result.durationMs).toBeLessThan(5_000);
  });

  it('survives a fork bomb, or is gone with it; the host does not notice', async () => {
    const own = await sandboxes.open(spec(), calm);

    const result = await own.run(
      ['/bin/sh', '-c', 'b() { b | b & }; b; sleep 100'],
      { timeoutMs: 2_000, outputBytes: 4096 },
      calm,
    );

    expect(['timeout', 'output-cap']).toContain(result.reason);
    await own.close();
    await expect(own.run(['true'], { timeoutMs: 1_000, outputBytes: 10 }, calm)).rejects.toMatchObject({
      code: 'sandbox_lost',
    });
  });

  it('refuses a workspace that is too large before it makes a container', async () => {
    const small = createDockerSandboxes({ images: { node: image }, limits: { workFiles: 4 } });

    await expect(small.open(spec(), calm)).rejects.toMatchObject({ code: 'workspace_too_large' });
  });

  it('leaves no container when opening is given up', async () => {
    const caller = new AbortController();
    const opening = sandboxes.open({ ...spec(), service: 'given-up' }, caller.signal);
    setTimeout(() => caller.abort(new Error('never mind')), 60);

    await expect(opening).rejects.toThrow('never mind');
    await expect.poll(() => containersOf('given-up'), { timeout: 10_000 }).toEqual([]);
  });
});

describe('sandboxes that nobody owns', () => {
  const left: string[] = [];
  const spec = { incidentId: 'i1', service: 'orphan', language: 'node', workspace: '/' };
  const here = os.hostname();
  const hour = 3_600_000;

  afterEach(async () => {
    for (const id of left.splice(0))
      await docker
        .getContainer(id)
        .remove({ force: true })
        .catch(() => undefined);
  });

  async function leave(
    owner: { host: string; pid: number; startedAt: string },
    expiresInMs: number,
    start: boolean,
  ) {
    const container = await docker.createContainer(
      containerProfile({
        image,
        limits: defaultLimits,
        labels: labelsFor(spec, owner, new Date(Date.now() + expiresInMs)),
        runtime: undefined,
      }),
    );
    left.push(container.id);
    if (start) await container.start();
    return container.id;
  }

  it('are swept when their owner is dead or their time is over, started or not; all others stay', async () => {
    const deadPid = Number(execFileSync('sh', ['-c', 'echo $$'], { encoding: 'utf8' }));
    const dead = { host: here, pid: deadPid, startedAt: 'x' };
    const reusedPid = { host: here, pid: process.pid, startedAt: 'another start' };
    const elsewhere = { host: 'another-machine', pid: 1, startedAt: 'x' };
    const orphans = [
      await leave(dead, hour, true),
      await leave(dead, hour, false),
      await leave(reusedPid, hour, false),
      await leave(elsewhere, -1, true),
    ];
    const alive = await leave(elsewhere, hour, false);
    const folder = mkdtempSync(path.join(os.tmpdir(), 'warroom-workspace-'));
    const own = await sandboxes.open({ ...spec, workspace: folder }, calm);

    const swept = await sandboxes.sweep(calm);

    expect(swept).toBeGreaterThanOrEqual(orphans.length);
    await expect
      .poll(async () => (await containersOf('orphan')).sort(), { timeout: 10_000 })
      .toEqual([alive, own.id].sort());
    await own.close();
    rmSync(folder, { recursive: true });
  });
});

describe('where no sandbox can be had', () => {
  it('says what to do without Docker', async () => {
    const nowhere = createDockerSandboxes({
      images: { node: image },
      socketPath: '/nonexistent/docker.sock',
    });

    expect(await nowhere.unavailable(calm)).toMatch(/Docker gives no answer \(ENOENT\).*docker info/);
    await expect(
      nowhere.open({ incidentId: 'i', service: 's', language: 'node', workspace: os.tmpdir() }, calm),
    ).rejects.toMatchObject({ code: expect.stringMatching(/sandbox_unavailable|workspace_too_large/) });
  });

  it('says what to do without the image, and for a language that has none', async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'warroom-workspace-'));
    const missing = createDockerSandboxes({ images: { node: 'warroom/none:1' } });
    const spec = { incidentId: 'i', service: 's', language: 'node', workspace: folder };

    expect(await missing.unavailable(calm)).toContain('npm run images');
    await expect(missing.open(spec, calm)).rejects.toMatchObject({
      hint: expect.stringContaining('npm run images'),
    });
    await expect(missing.open({ ...spec, language: 'cobol' }, calm)).rejects.toMatchObject({
      code: 'sandbox_unavailable',
      message: expect.stringContaining('cobol'),
    });
    rmSync(folder, { recursive: true });
  });

  it('asks for the runtime that it was told to use, and does without none in its place', async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'warroom-workspace-'));
    const strict = createDockerSandboxes({ images: { node: image }, runtime: 'no-such-runtime' });

    await expect(
      strict.open({ incidentId: 'i', service: 's', language: 'node', workspace: folder }, calm),
    ).rejects.toMatchObject({ code: 'sandbox_unavailable' });
    rmSync(folder, { recursive: true });
  });
});

async function containersOf(service: string): Promise<string[]> {
  const found = await docker.listContainers({
    all: true,
    filters: { label: [`dev.warroom.sandbox.service=${service}`] },
  });
  return found.map(({ Id }) => Id);
}

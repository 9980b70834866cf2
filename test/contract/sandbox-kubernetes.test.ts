import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CommandResult, Sandbox, SandboxProvider } from '../../src/ports/sandbox.ts';
import { type KubernetesSandboxApi, startKubernetesSandboxApi } from '../support/kubernetes-sandbox-api.ts';
import { makeWorkspace, removeWorkspace, sandboxesOn, specOf, token } from './kubernetes-sandbox-house.ts';

const calm = AbortSignal.timeout(240_000);
const most = { files: 100, bytes: 1024 * 1024 };

describe('a sandbox on a cluster', () => {
  let api: KubernetesSandboxApi;
  let sandboxes: SandboxProvider;
  let workspace: string;
  let sandbox: Sandbox;

  const run = (...argv: string[]): Promise<CommandResult> =>
    sandbox.run(argv, { timeoutMs: 20_000, outputBytes: 64 * 1024 }, calm);
  const shell = (command: string): Promise<CommandResult> => run('/bin/sh', '-c', command);
  const script = (code: string): Promise<CommandResult> => run('node', '-e', code);

  beforeAll(async () => {
    api = await startKubernetesSandboxApi(token);
    sandboxes = sandboxesOn(api);
    workspace = makeWorkspace({
      'package.json': '{"type":"module"}',
      'src/deep/add.js': 'export const add = (a, b) => a + b;\n',
      '-rf name with spaces\nand a line': 'odd',
      '.git/config': 'secret',
      'run.sh': '#!/bin/sh\necho ran\n',
    });
    writeFileSync(path.join(workspace, 'tool.sh'), '#!/bin/sh\necho tool\n', { mode: 0o755 });
    mkdirSync(path.join(workspace, 'empty'));
    symlinkSync('package.json', path.join(workspace, 'link'));
    process.env['WARROOM_TEST_SECRET'] = 'must stay outside';
    sandbox = await sandboxes.open(specOf(workspace), calm);
  });
  afterAll(async () => {
    await sandbox?.close();
    await api?.stop();
    removeWorkspace(workspace);
    delete process.env['WARROOM_TEST_SECRET'];
    expect(api.violations).toEqual([]);
  });

  it('has the workspace without its history', async () => {
    const { output } = await shell('find . -type f -o -type l | wc -l; ls -A; ./tool.sh; cat link');

    expect(output).toMatch(/^7\n/);
    expect(output).not.toContain('.git');
    expect(output).toMatch(/tool\n\{"type":"module"\}$/);
    expect(await sandbox.changes(most, calm)).toEqual({ changes: [], refused: [] });
  });

  it('is nobody on a read-only root, without capabilities, and knows nothing of host or cluster', async () => {
    const { output } = await shell(
      'id -u; grep -E "CapEff|CapBnd|NoNewPrivs|Seccomp:" /proc/self/status; touch /x /usr/x /dev/shm/x 2>&1; env; ls /var/run/secrets 2>&1; cat /etc/resolv.conf',
    );

    expect(Number(output.split('\n')[0])).toBeGreaterThanOrEqual(10_100);
    expect(output).toMatch(/CapEff:\s+0+\n/);
    expect(output).toMatch(/CapBnd:\s+0+\n/);
    expect(output).toMatch(/NoNewPrivs:\s+1/);
    expect(output).toMatch(/Seccomp:\s+2/);
    expect(output.match(/Read-only file system/g)).toHaveLength(3);
    expect(output).not.toContain('must stay outside');
    expect(output).not.toContain('KUBERNETES_');
    expect(output).toMatch(/secrets.*No such file/);
    expect(output).toContain('nameserver 127.0.0.1');
  });

  it('lives on when a command ends everything that it can, its keeper included', async () => {
    const ended = await shell('kill -9 1; kill -STOP 1; kill -TERM 1; kill -9 -1; sleep 1');
    expect(['exit', 'signal']).toContain(ended.reason);
    expect((await shell('kill -9 $(pidof sleep); echo alive')).output).toContain('alive');
    // What is orphaned is reaped.
    expect(
      (await shell('(sleep 0.1 &); sleep 0.4; grep -c "State:.Z" /proc/[0-9]*/status')).output,
    ).not.toMatch(/:[1-9]/);
  });

  it('does not wait for a daemon that a command leaves behind', async () => {
    const result = await shell('sleep 9999 & echo started');

    expect(result).toMatchObject({ exitCode: 0, reason: 'exit', output: 'started\n' });
    expect(result.durationMs).toBeLessThan(2_500);
  });

  it('names lack of memory as the reason, also when a child was the victim', async () => {
    const child = await shell('tail /dev/zero; echo "child ended with $?"; exit 1');

    expect(child).toMatchObject({ reason: 'out-of-memory', exitCode: 1 });
    expect(child.output).toContain('137');
    expect((await shell('exit 1')).reason).toBe('exit');
  });

  it('survives a fork bomb', async () => {
    const result = await sandbox.run(
      ['/bin/sh', '-c', 'b() { b | b & }; b 2>/dev/null; sleep 100'],
      { timeoutMs: 2_000, outputBytes: 4096 },
      calm,
    );

    expect(['timeout', 'output-cap']).toContain(result.reason);
    expect(await shell('echo alive')).toMatchObject({ output: 'alive\n', exitCode: 0 });
    // Fewer than its pod may have, so that there is always room to end them; and nobody inside can raise it.
    expect((await shell('ulimit -u; ulimit -n; ulimit -c; ulimit -u 300 || echo refused')).output).toMatch(
      /^256\n1024\n0\n.*refused\n$/s,
    );
  });

  it('has no way out and no names', async () => {
    const result = await script(`
      const os = require('os'), net = require('net'), dns = require('dns');
      console.log(Object.keys(os.networkInterfaces()).join());
      net.connect(80, '169.254.169.254').on('error', (e) => console.log(e.code));
      dns.lookup('example.com', (e) => console.log(e.code));`);

    expect(result.output).toMatch(/^(lo)?\n/);
    expect(result.output).toContain('ENETUNREACH');
    expect(result.output).toContain('EAI_AGAIN');
  });

  it('tells what commands changed, and brings nothing out but regular files', async () => {
    await sandbox.reset(null, calm);
    await sandbox.write([{ path: 'new/tool', content: '#!/bin/sh\necho new\n', executable: true }], calm);
    expect((await run('./new/tool')).output).toBe('new\n');
    await shell(
      'echo more >> package.json; rm -r src; ln -s /etc/passwd out; mkfifo pipe; chmod +x run.sh; mkdir -m 0 shut; sleep 6666 &',
    );

    const { changes, refused } = await sandbox.changes(most, calm);

    expect(changes.map(({ kind, path: file }) => `${kind} ${file}`)).toEqual([
      'written new/tool',
      'written package.json',
      'written run.sh',
      'deleted src/deep/add.js',
    ]);
    expect(refused).toEqual(['out', 'pipe']);
    expect((await run('ps')).output).toContain('sleep 6666');
    await expect(sandbox.changes({ files: 2, bytes: 1024 }, calm)).rejects.toMatchObject({
      code: 'workspace_too_large',
    });
    await expect(sandbox.write([{ path: '../x', content: '' }], calm)).rejects.toMatchObject({
      code: 'workspace_unfit',
    });
  });

  it('goes back to a snapshot and to the start, ends all commands and empties /tmp', async () => {
    await sandbox.reset(null, calm);
    await shell('echo one > state; ln -s state alias');
    const snapshot = await sandbox.snapshot(calm);
    await shell('echo two > state; mkdir -p locked/in; chmod 0 locked; echo x > /tmp/x; sleep 5555 &');

    await sandbox.reset(snapshot, calm);
    const { output } = await shell('cat alias; ls /tmp; ls -d locked 2>/dev/null; ps');
    expect(output).toMatch(/^one\nPID /);
    expect(output).not.toContain('sleep 5555');
    await sandbox.reset(null, calm);
    expect(await sandbox.changes(most, calm)).toEqual({ changes: [], refused: [] });
    await expect(sandbox.reset('s99', calm)).rejects.toThrow();
  });

  it('is looked into beside what runs, from where nothing of it can be written, seen or ended', async () => {
    const options = { timeoutMs: 10_000, outputBytes: 4096 };
    const running = sandbox.run(['sleep', '2'], { timeoutMs: 20_000, outputBytes: 1024 }, calm);
    const looking = sandbox.look(['sleep', '1.5'], options, calm);

    const seen = await sandbox.look(
      ['/bin/sh', '-c', 'cat package.json; id -u; ps; touch x /tmp/x'],
      options,
      calm,
    );

    expect(seen.output).toMatch(/^\{"type":"module"\}10000\n/);
    expect(seen.output).not.toContain('sleep 2');
    expect(seen.output.match(/Read-only file system/g)).toHaveLength(2);
    expect(seen.durationMs).toBeLessThan(2_000);
    await running;
    await shell('kill -9 -1');
    expect(await looking).toMatchObject({ exitCode: 0, reason: 'exit' });
    expect(await sandbox.look(['sleep', '60'], { ...options, timeoutMs: 300 }, calm)).toMatchObject({
      exitCode: null,
      reason: 'timeout',
    });
  });
});

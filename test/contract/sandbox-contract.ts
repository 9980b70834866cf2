import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type {
  CommandOptions,
  CommandResult,
  Sandbox,
  SandboxProvider,
  SandboxSpec,
} from '../../src/ports/sandbox.ts';

/** What a provider of sandboxes is tried with; its images are those of this project. */
export interface SandboxHouse {
  readonly provider: SandboxProvider;
  /** What there is outside of sandboxes of this house: containers, jobs, mounts. */
  leftovers(): Promise<readonly string[]>;
  /** Ends a sandbox from outside, as its machine's end would. */
  lose(id: string): Promise<void>;
  close(): Promise<void>;
}

const most = { files: 100, bytes: 1_000_000 };
const usual: CommandOptions = { timeoutMs: 20_000, outputBytes: 64 * 1024 };

/** Every promise of `src/ports/sandbox.ts`, whoever keeps it. One sandbox is shared where a promise allows it. */
export function sandboxContract(name: string, openHouse: () => Promise<SandboxHouse>): void {
  describe(`sandboxes: ${name}`, () => {
    const calm = AbortSignal.timeout(280_000);
    const folders: string[] = [];
    let house: SandboxHouse;
    let sandbox: Sandbox;

    /** A folder of its own for each sandbox: it is handed over. */
    function spec(more: Partial<SandboxSpec> = {}): SandboxSpec {
      const workspace = mkdtempSync(path.join(os.tmpdir(), 'warroom-workspace-'));
      folders.push(workspace);
      mkdirSync(path.join(workspace, 'src/deep'), { recursive: true });
      mkdirSync(path.join(workspace, '.git'));
      writeFileSync(path.join(workspace, '.git/config'), 'secret');
      writeFileSync(path.join(workspace, 'src/deep/add.js'), 'export const add = 1;\n');
      writeFileSync(path.join(workspace, 'old.txt'), 'old\n');
      writeFileSync(path.join(workspace, '-rf name with spaces\nand a line'), 'odd');
      writeFileSync(path.join(workspace, 'run.sh'), '#!/bin/sh\necho ran\n', { mode: 0o755 });
      return { incidentId: 'i1', service: 'billing', language: 'node', workspace, ...more };
    }
    const shell = (command: string, options: Partial<CommandOptions> = {}): Promise<CommandResult> =>
      sandbox.run(['/bin/sh', '-c', command], { ...usual, ...options }, calm);

    beforeAll(async () => {
      house = await openHouse();
      sandbox = await house.provider.open(spec(), calm);
    });

    afterAll(async () => {
      await sandbox?.close();
      await house?.close();
      for (const folder of folders) rmSync(folder, { recursive: true, force: true });
    });

    it('are to be had', async () => {
      expect(await house.provider.unavailable(calm)).toBeNull();
    });

    it('have the files of the folder, without its history', async () => {
      const { output } = await shell('find . -type f -print0 | sort -z | tr "\\0" "|"; ./run.sh');

      expect(output).toBe('./-rf name with spaces\nand a line|./old.txt|./run.sh|./src/deep/add.js|ran\n');
    });

    it('join output and errors, pass words as they are, and tell the exit code', async () => {
      expect(await shell('echo one; echo two >&2; exit 7')).toMatchObject({
        exitCode: 7,
        reason: 'exit',
        output: 'one\ntwo\n',
      });
      expect((await sandbox.run(['echo', '$HOME; `id`', '*'], usual, calm)).output).toBe('$HOME; `id` *\n');
    });

    it('hand out output as it arrives', async () => {
      const seen: string[] = [];
      const early = Promise.withResolvers<void>();
      const running = shell('echo early; sleep 1; echo late', {
        onOutput: (chunk) => {
          seen.push(chunk.toString());
          early.resolve();
        },
      });

      await early.promise;
      expect(seen.join('')).toBe('early\n');
      expect((await running).output).toBe('early\nlate\n');
      expect(seen.join('')).toBe('early\nlate\n');
    });

    it('end a command with all that it started: when its time is over, it prints too much, or its caller leaves', async () => {
      const tree = 'echo begun; setsid sh -c "sleep 7777 & sleep 7778" & sleep 7779';
      const processes = `for p in /proc/[0-9]*; do tr '\\0' ' ' < $p/cmdline; echo; done 2>/dev/null | grep -v grep | grep -c "sleep 777"`;

      expect(await shell(tree, { timeoutMs: 700 })).toMatchObject({
        exitCode: null,
        reason: 'timeout',
        output: 'begun\n',
      });
      expect(await shell('yes no', { outputBytes: 300 })).toMatchObject({
        exitCode: null,
        reason: 'output-cap',
        output: 'no\n'.repeat(100),
      });
      const caller = new AbortController();
      const given = sandbox.run(
        ['/bin/sh', '-c', tree],
        { ...usual, onOutput: () => caller.abort(new Error('drained')) },
        caller.signal,
      );
      await expect(given).rejects.toThrow('drained');

      expect((await shell(processes)).output.trim()).toBe('0');
    });

    it('tell a signal, too little memory and too many processes from an exit', async () => {
      expect((await shell('kill -SEGV $$')).reason).toBe('signal');
      // It waits for the end of a line that never comes, and keeps what it has read.
      expect((await sandbox.run(['tail', '/dev/zero'], usual, calm)).reason).toBe('out-of-memory');
      const many = 'n=0; while [ $n -lt 2000 ]; do sleep 30 & n=$((n+1)); done; wait';
      expect((await shell(many, { timeoutMs: 15_000 })).reason).toBe('pids');
      expect(await shell('echo usable; exit 1')).toMatchObject({
        reason: 'exit',
        exitCode: 1,
        output: 'usable\n',
      });
    });

    it('can be looked into, by somebody who cannot write', async () => {
      expect(await sandbox.look(['cat', 'old.txt'], usual, calm)).toMatchObject({
        exitCode: 0,
        reason: 'exit',
        output: 'old\n',
      });
      expect((await sandbox.look(['cat', 'no such file; echo $HOME'], usual, calm)).exitCode).toBe(1);
      expect((await sandbox.look(['touch', 'mine'], usual, calm)).exitCode).not.toBe(0);
    });

    it('take files, tell what has changed, remember and go back', async () => {
      await sandbox.reset(null, calm);
      await sandbox.write(
        [
          { path: 'new/tool.sh', content: '#!/bin/sh\necho tool\n', executable: true },
          { path: 'old.txt', content: new TextEncoder().encode('other\n') },
        ],
        calm,
      );
      const mark = await sandbox.snapshot(calm);
      const command =
        './new/tool.sh; rm src/deep/add.js; echo more >> old.txt; ln -s /etc/passwd link; mkfifo pipe';
      expect((await shell(command)).output).toBe('tool\n');

      const { changes, refused } = await sandbox.changes(most, calm);
      expect(changes.map((one) => `${one.kind} ${one.path}`)).toEqual([
        'written new/tool.sh',
        'written old.txt',
        'deleted src/deep/add.js',
      ]);
      expect(changes[0]).toMatchObject({ content: Buffer.from('#!/bin/sh\necho tool\n'), executable: true });
      expect([...refused].sort()).toEqual(['link', 'pipe']);
      await expect(sandbox.changes({ files: 1, bytes: 1_000 }, calm)).rejects.toMatchObject({
        code: 'workspace_too_large',
      });

      await sandbox.reset(mark, calm);
      expect((await shell('cat old.txt; ls new src/deep')).output).toBe(
        'other\nnew:\ntool.sh\n\nsrc/deep:\nadd.js\n',
      );
      await shell('echo left > /tmp/left');
      await sandbox.reset(null, calm);
      expect((await shell('cat old.txt; ls /tmp')).output).toBe('old\n');
      expect(await sandbox.changes(most, calm)).toEqual({ changes: [], refused: [] });
    });

    it('refuse files that would lie elsewhere', async () => {
      for (const file of ['../out', '/tmp/out', 'src/../../out']) {
        await expect(sandbox.write([{ path: file, content: 'x' }], calm), file).rejects.toThrow();
      }
      expect((await shell('ls /tmp')).output).toBe('');
    });

    it('leave the folder as it was handed over', async () => {
      const own = spec();
      const other = await house.provider.open(own, calm);
      await other.run(['/bin/sh', '-c', 'echo changed > old.txt; rm -r src'], usual, calm);
      await other.close();

      expect(readFileSync(path.join(own.workspace, 'old.txt'), 'utf8')).toBe('old\n');
      expect(readFileSync(path.join(own.workspace, 'src/deep/add.js'), 'utf8')).toContain('add');
    });

    it('have nothing of each other, and can be closed twice', async () => {
      await shell('echo mine > /tmp/mine; echo mine > mine');
      const other = await house.provider.open(spec({ incidentId: 'i2' }), calm);
      const seen = await other.run(['/bin/sh', '-c', 'ls /tmp mine'], usual, calm);
      await other.close();
      await other.close();

      expect(seen.output).not.toMatch(/^mine$/m);
      await expect(other.run(['true'], usual, calm)).rejects.toMatchObject({ code: 'sandbox_lost' });
      expect((await shell('cat mine')).output).toBe('mine\n');
      await sandbox.reset(null, calm);
    });

    it('have the side-cars that they asked for, on their loopback alone', async () => {
      const with2 = await house.provider.open(
        spec({
          sideCars: [
            { kind: 'postgres', seed: 'CREATE TABLE t (n int); INSERT INTO t VALUES (41), (42);' },
            { kind: 'redis' },
          ],
        }),
        calm,
      );
      const ask = `const net = require('net');
        const redis = net.connect(6379, '127.0.0.1', () => redis.write('PING\\r\\n'));
        redis.on('data', (d) => { console.log(String(d).trim()); redis.end(); });
        const pg = net.connect(5432, '127.0.0.1', () => { console.log('postgres'); pg.end(); });
        net.connect(80, '169.254.169.254').on('error', (e) => console.log(e.code));`;
      const { output } = await with2.run(['node', '-e', ask], usual, calm);
      await with2.close();

      expect(output.split('\n').filter(Boolean).sort()).toEqual(['+PONG', 'ENETUNREACH', 'postgres']);
      const { output: alone } = await sandbox.run(
        ['node', '-e', `require('net').connect(5432, '127.0.0.1').on('error', (e) => console.log(e.code))`],
        usual,
        calm,
      );
      expect(alone).toBe('ECONNREFUSED\n');
    });

    it('say that they are lost when they are', async () => {
      const lost = await house.provider.open(spec(), calm);
      await house.lose(lost.id);

      await expect(lost.run(['true'], usual, calm)).rejects.toMatchObject({ code: 'sandbox_lost' });
      await lost.close();
    });

    it('take a large folder whole or not at all, and refuse languages that they do not have', async () => {
      const large = spec();
      for (let n = 0; n < 40; n += 1) {
        writeFileSync(path.join(large.workspace, `large${n}`), Buffer.alloc(4 * 1024 * 1024, 'x'));
      }

      const opened = await house.provider.open(large, calm).catch((error: unknown) => error);
      if (opened instanceof Error) expect(opened).toMatchObject({ code: 'workspace_too_large' });
      else {
        const own = opened as Sandbox;
        const { output } = await own.run(['/bin/sh', '-c', 'cat large* | wc -c'], usual, calm);
        await own.close();
        expect(Number(output)).toBe(40 * 4 * 1024 * 1024);
      }
      await expect(house.provider.open(spec({ language: 'cobol' }), calm)).rejects.toMatchObject({
        code: 'sandbox_unavailable',
        message: expect.stringContaining('cobol'),
      });
    });

    it('do not follow a link out of the folder that they are opened with', async () => {
      const linked = spec();
      symlinkSync('/etc/shadow', path.join(linked.workspace, 'link'));
      const own = await house.provider.open(linked, calm);
      const { output } = await own.run(['/bin/sh', '-c', 'cat link 2>&1 | head -c 200'], usual, calm);
      await own.close();

      expect(output).toMatch(/No such file|Permission denied|can't open/);
    });

    it('leave nothing when they are closed, or given up while they open; a sweep touches none that live', async () => {
      for (const delayMs of [0, 15, 60, 120]) {
        const caller = new AbortController();
        const opening = house.provider.open(spec(), caller.signal);
        setTimeout(() => caller.abort(new Error('never mind')), delayMs);
        const outcome = await opening.catch((error: Error) => error.message);
        if (typeof outcome === 'string') expect(outcome).toBe('never mind');
        else await outcome.close();
      }

      await house.provider.sweep(calm);
      expect((await shell('echo alive')).output).toBe('alive\n');
      await sandbox.close();
      await house.provider.close();
      await expect.poll(() => house.leftovers(), { timeout: 15_000 }).toEqual([]);
      expect(await house.provider.unavailable(calm)).toMatch(/stopping/);
    });
  });
}

/** What a provider does that is told to end in the middle of things. The house has two places. */
export function stoppingContract(name: string, openHouse: () => Promise<SandboxHouse>): void {
  describe(`sandboxes of a process that stops: ${name}`, () => {
    const calm = AbortSignal.timeout(100_000);
    const stopping = { code: 'sandbox_unavailable', message: expect.stringContaining('Warroom is stopping') };

    it.each([0, 40, 150])(
      'are refused while they open (for %i ms) and while they wait, and nothing is left',
      async (delayMs) => {
        const house = await openHouse();
        const { provider } = house;
        const folder = mkdtempSync(path.join(os.tmpdir(), 'warroom-stopping-'));
        onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
        const open = (incidentId: string): Promise<Sandbox> => {
          const workspace = mkdtempSync(path.join(folder, 'workspace-'));
          return provider.open({ incidentId, service: 'billing', language: 'node', workspace }, calm);
        };
        const first = await open('i1');
        const { promise: told, resolve: tell } = Promise.withResolvers<void>();
        let isToldToEnd = false;
        const opening = open('i2').then(
          async (sandbox) => {
            const outcome = isToldToEnd ? 'opened too late' : 'opened before';
            await told;
            await sandbox.close();
            return outcome;
          },
          (error: unknown) => error,
        );
        const waiting = open('i3').catch((error: unknown) => error);
        await sleep(delayMs);

        isToldToEnd = true;
        const toldAt = performance.now();
        const closing = provider.close();
        tell();
        expect(await waiting).toMatchObject(stopping);
        expect(performance.now() - toldAt).toBeLessThan(2_000);
        await closing;
        expect(performance.now() - toldAt).toBeLessThan(20_000);

        const outcome = await opening;
        if (outcome !== 'opened before') expect(outcome).toMatchObject(stopping);
        // What is open is its owner's to close.
        expect((await first.run(['echo', 'here'], usual, calm)).output).toBe('here\n');
        await first.close();
        expect(await house.leftovers()).toEqual([]);
        await expect(open('i4')).rejects.toMatchObject(stopping);
        expect(await house.leftovers()).toEqual([]);
      },
    );
  });
}

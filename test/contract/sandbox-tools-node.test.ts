import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import Docker from 'dockerode';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sandboxImage } from '../../setup/sandbox-image.mjs';
import { createCell } from '../../src/adapters/docker/sandbox/create-cell.ts';
import { labelsFor, ownOwner } from '../../src/adapters/docker/sandbox/provider/owner.ts';
import { createTarBackend } from '../../src/adapters/docker/sandbox/workspace/tar-backend.ts';
import type {
  CpuResult,
  DebugResult,
  HeapResult,
  StacksResult,
} from '../../src/agents/tools/sandbox/tool-result.ts';
import type { SandboxProvider } from '../../src/ports/sandbox.ts';
import { type AgentSandbox, openAgentSandbox } from '../support/agent-sandbox.ts';

const mib = 1024 * 1024;
const planted = fileURLToPath(new URL('../fixtures/planted/node/', import.meta.url));
const docker = new Docker();

/** A hardened container each, as the provider makes them. */
const sandboxes: SandboxProvider = {
  unavailable: async () => null,
  sweep: async () => 0,
  close: async () => undefined,
  async open({ workspace }, signal) {
    const cell = await createCell(
      docker,
      {
        image: process.env['SANDBOX_IMAGE'] || sandboxImage,
        limits: {
          memoryBytes: 768 * mib,
          cpus: 1,
          pids: 256,
          commandPids: 200,
          workBytes: 64 * mib,
          workFiles: 4_000,
          tmpBytes: 64 * mib,
          tmpFiles: 2_000,
          fileBytes: 64 * mib,
          openFiles: 1024,
          lifetimeMs: 300_000,
        },
        labels: labelsFor(ownOwner(), new Date(Date.now() + 300_000)),
        backend: createTarBackend(),
        runtime: undefined,
      },
      signal,
    );
    await cell.fill(workspace, signal);
    return cell.toSandbox(() => cell.remove());
  },
};

function plantedFiles(): Record<string, string> {
  const names = readdirSync(planted, { recursive: true, encoding: 'utf8' });
  return Object.fromEntries(
    names.filter((name) => /\.\w+$/.test(name)).map((name) => [name, readFileSync(planted + name, 'utf8')]),
  );
}

// Waits: a busy machine makes it no faster and the other hardly as slow.
const slow = 'setTimeout(() => {}, 700);\n';
let agent: AgentSandbox;

beforeAll(() => {
  const files = plantedFiles();
  const fast = (files['wrong-total/total.ts'] ?? '').replace('return sum - discount;', 'return sum;');
  agent = openAgentSandbox(
    sandboxes,
    [
      {
        subject: 'The shop',
        files: { ...files, 'slow.js': 'process.exit(0);\n', 'wrong-total/total.ts': fast },
        minutesAgo: 60,
      },
      {
        subject: 'Discounts',
        files: { 'slow.js': slow, 'wrong-total/total.ts': files['wrong-total/total.ts'] ?? '' },
        minutesAgo: 5,
      },
    ],
    ['node', '--test', 'wrong-total/total.test.ts'],
  );
});

afterAll(() => agent.close());

describe('an agent finds the cause of planted faults in a hardened container', () => {
  it('wrong values, at a breakpoint in TypeScript that a test runner runs', async () => {
    const seen = await agent.use('debug', {
      argv: ['node', '--test', 'wrong-total/total.test.ts'],
      breakpoints: [{ file: 'wrong-total/total.ts', line: 13 }],
      evaluate: ['sum * (1 - discount / 100)', 'missing', '-sum'],
      hits: 1,
    });

    const { hits } = seen.data as unknown as DebugResult;
    expect(hits[0]).toMatchObject({
      location: { file: 'wrong-total/total.ts', line: 13 },
      locals: { sum: '250', discount: '10', lines: expect.stringContaining('price: 100') },
      values: {
        'sum * (1 - discount / 100)': '225',
        '-sum': '-250',
        missing: expect.stringContaining('throws: ReferenceError'),
      },
    });
    expect(hits[0]?.stack.map((frame) => frame.file)).toContain('wrong-total/total.test.ts');
  });

  it('only where a condition holds, also in a worker; and says which line has no code', async () => {
    const conditional = await agent.use('debug', {
      argv: ['node', '--test', 'wrong-total/total.test.ts'],
      breakpoints: [{ file: 'wrong-total/total.ts', line: 9 }],
      when: 'line.price < 60',
    });
    const worker = await agent.use('debug', {
      argv: ['node', 'wrong-total/worker.js'],
      breakpoints: [
        { file: 'wrong-total/worker.js', line: 8 },
        { file: 'wrong-total/nowhere.js', line: 1 },
      ],
    });

    expect((conditional.data as unknown as DebugResult).hits.map((hit) => hit.locals['line'])).toEqual([
      '{ price: 50, quantity: 1 }',
    ]);
    const { hits, notes } = worker.data as unknown as DebugResult;
    expect(hits[0]).toMatchObject({ thread: 'worker 1', locals: { n: '21', twice: '42' } });
    expect(notes).toEqual(['wrong-total/nowhere.js was never loaded.']);
  });

  it('a hot loop: the line', async () => {
    const seen = await agent.use('cpu_profile', { argv: ['node', 'hot-loop/report.js'] });

    const { lines, functions } = seen.data as unknown as CpuResult;
    expect([5, 6]).toContain(lines[0]?.line);
    expect(lines[0]).toMatchObject({ file: 'hot-loop/report.js' });
    expect(lines[0]?.selfPercent).toBeGreaterThan(30);
    expect(functions.map((one) => one.function)).toContain('nameOf');
    expect(seen.summary).toContain('hot-loop/report.js:');
  });

  it('a leak: what grew, what holds it, and where it is made', async () => {
    const seen = await agent.use('heap_growth', { argv: ['node', 'leak/server.js'], seconds: 3 });

    const { grew, rssAfter } = seen.data as unknown as HeapResult;
    expect(grew[0]).toMatchObject({
      kind: 'retainer',
      name: 'Map sessions',
      file: 'leak/cache.js',
      line: 10,
    });
    expect(seen.summary).toContain('Map sessions (leak/cache.js:10) grew by');
    const sessions = grew.find((one) => one.kind === 'type' && one.name === 'Session');
    expect(sessions?.countAfter).toBeGreaterThan(1.3 * (sessions?.countBefore ?? 0));
    expect(grew.filter((one) => one.kind === 'site').map((one) => one.file)).toContain('leak/cache.js');
    expect(rssAfter).toBeGreaterThan(10 * mib);
  });

  it('a deadlock of awaits: who waits for whom', async () => {
    const seen = await agent.use('stacks', { argv: ['node', 'mutex-deadlock/bank.js'], after: 1 });

    const { cycles, threads } = seen.data as unknown as StacksResult;
    expect(cycles).toHaveLength(1);
    expect(cycles[0]).toMatch(
      /transfer #1.* waits at mutex-deadlock\/bank\.js:10 for Mutex "(bob|alice)", which transfer #2/,
    );
    const waits = threads.flatMap(({ waitsFor }) => waitsFor ?? []).join('\n');
    expect(waits).toContain('Mutex "bob"');
    expect(waits).toContain('Mutex "alice"');
    expect(waits).toContain('took it at mutex-deadlock/bank.js:8');
    expect(seen.summary).toMatch(/^Deadlock: transfer/);
  });

  it('a deadlock of threads: who waits for whom', async () => {
    const seen = await agent.use('stacks', { argv: ['node', 'atomics-deadlock/main.js'], after: 1.5 });

    const { cycles, threads } = seen.data as unknown as StacksResult;
    expect(cycles).toHaveLength(1);
    expect(cycles[0]).toMatch(/worker (stock|orders) waits at .*counter\.js:7.*counter\.js:20/);
    for (const [one, other] of [
      ['stock', 'orders'],
      ['orders', 'stock'],
    ])
      expect(threads.find((thread) => thread.name === `worker ${one}`)).toMatchObject({
        state: 'waiting',
        waitsFor: expect.stringMatching(
          new RegExp(`held by worker ${other}, which took it at .*counter\\.js:17`),
        ),
      });
  });

  it('no deadlock where there is none, and the stack of what runs', async () => {
    // Rounds that no machine gets through before it is looked at.
    const seen = await agent.use('stacks', { argv: ['node', 'hot-loop/report.js', '100000'], after: 1 });

    const { cycles, threads } = seen.data as unknown as StacksResult;
    expect(cycles).toEqual([]);
    expect(threads[0]).toMatchObject({ name: 'main', state: 'running' });
    expect(threads[0]?.stack.map((frame) => frame.function)).toContain('report');
  });
});

describe('an agent tries what it thinks', () => {
  it('reads which tests fail, tries a fix, and has the files back', async () => {
    const before = await agent.use('run_tests', {});
    const source = plantedFiles()['wrong-total/total.ts'] ?? '';
    const content = source.replace('sum - discount', 'sum * (1 - discount / 100)');
    await agent.use('edit_files', { files: [{ path: 'wrong-total/total.ts', content }] });
    const after = await agent.use('run_tests', {});
    const changes = await agent.use('workspace_changes', {});
    await agent.use('reset_workspace', {});
    const again = await agent.use('run_tests', {});

    expect(before).toMatchObject({
      kind: 'check',
      data: { tests: { failed: 1, failures: [{ file: 'wrong-total/total.test.ts' }] } },
    });
    expect(before.summary).toContain('240 == 225');
    expect(after).toMatchObject({ kind: 'change', data: { exitCode: 0, tests: { passed: 1 } } });
    expect(changes.summary).toBe('1 files differ.');
    expect(again).toMatchObject({ kind: 'check', data: { exitCode: 1 } });
  });

  it('sees that tests ran the line that a commit changed', async () => {
    const seen = await agent.use('coverage_of_change', {});

    expect(seen.summary).toBe('Tests run 1 of 1 changed lines.');
    expect(seen.data).toMatchObject({ unknown: ['slow.js'] });
  });

  it('times a commit against its parent', async () => {
    const seen = await agent.use('benchmark', { argv: ['node', 'slow.js'], runs: 8, seconds: 60 });

    expect(seen.data).toMatchObject({ verdict: 'slower', runs: [8, 8] });
    expect((await agent.use('workspace_changes', {})).summary).toBe('0 files differ.');
  });
});

import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Docker from 'dockerode';
import { expect, it, onTestFinished } from 'vitest';
import { sandboxImage } from '../../setup/sandbox-image.mjs';
import type { Cell } from '../../src/adapters/docker/sandbox/cell.ts';
import { createCell } from '../../src/adapters/docker/sandbox/create-cell.ts';
import { labelsFor, ownOwner } from '../../src/adapters/docker/sandbox/provider/owner.ts';
import { thawByHand } from '../../src/adapters/docker/sandbox/thaw-by-hand.ts';
import {
  createOverlayBackend,
  usualOverlayRoot,
} from '../../src/adapters/docker/sandbox/workspace/overlay-backend.ts';
import type { Sandbox } from '../../src/ports/sandbox.ts';
import { hostileLimits } from '../support/hostile/scene.ts';

const docker = new Docker();
const calm = AbortSignal.timeout(50_000);
const usual = { timeoutMs: 20_000, outputBytes: 4_096 };
const request = {
  image: process.env['SANDBOX_IMAGE'] || sandboxImage,
  limits: hostileLimits,
  labels: labelsFor(ownOwner(), new Date(Date.now() + 120_000)),
  backend: createOverlayBackend({ root: usualOverlayRoot }),
  runtime: undefined,
};

it('a workspace is frozen while its cell begins one thing after the other, and the engine hangs over none of it', async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'warroom-freezing-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(path.join(folder, 'file'), 'content\n');
  const cell = await createCell(docker, request, calm);
  onTestFinished(() => cell.remove());
  await cell.fill(folder, calm);
  const sandbox = cell.toSandbox(() => cell.remove());
  const counts = { frozen: 0, begun: 0, stopped: 0 };
  // As often on a slow machine; where the engine hangs over one, the others wait for ever.
  const goesOn = (): boolean => Math.min(...Object.values(counts)) < 8;

  async function freezeOften(): Promise<void> {
    for (; goesOn(); counts.frozen += 1) {
      await sandbox.changes({ files: 10, bytes: 1_000 }, calm);
      await sleep(Math.random() * 20);
    }
  }
  /** Each look ends the shell that answers, so that the next one begins another. */
  async function beginOften(): Promise<void> {
    for (; goesOn(); counts.begun += 1) {
      await sandbox.look(['/bin/sh', '-c', 'kill -9 $PPID'], usual, calm).catch(() => undefined);
    }
  }
  /** Given up before it has begun, at the moment when the next is frozen. */
  async function giveUpOften(): Promise<void> {
    for (; goesOn(); counts.stopped += 1) {
      await sandbox.run(['sleep', '5'], { ...usual, timeoutMs: 1 + Math.random() * 60 }, calm);
    }
  }
  await Promise.all([freezeOften(), beginOften(), giveUpOften()]);

  expect(Math.min(...Object.values(counts)), JSON.stringify(counts)).toBeGreaterThanOrEqual(8);
  expect((await sandbox.look(['cat', 'file'], usual, calm)).output).toBe('content\n');
  const closing = performance.now();
  await Promise.all([
    sandbox.changes({ files: 10, bytes: 1_000 }, calm).catch(() => undefined),
    sandbox.close(),
  ]);
  expect(performance.now() - closing).toBeLessThan(5_000);
});

it('a container that is frozen behind the back of its engine goes on, and can be removed', async () => {
  const cell = await createCell(docker, request, calm);
  onTestFinished(() => cell.remove());
  expect(await thawByHand(cell.id)).toBe(false);
  const group = '/sys/fs/cgroup';
  const frozen = [
    [`${group}/freezer/docker/${cell.id}/freezer.state`, 'FROZEN'],
    [`${group}/docker/${cell.id}/cgroup.freeze`, '1'],
    [`${group}/system.slice/docker-${cell.id}.scope/cgroup.freeze`, '1'],
  ] as const;
  for (const [file, word] of frozen.filter(([name]) => existsSync(name))) writeFileSync(file, word);

  expect(await thawByHand(cell.id)).toBe(true);

  const sandbox = cell.toSandbox(() => cell.remove());
  expect((await sandbox.look(['echo', 'awake'], usual, calm)).output).toBe('awake\n');
  await sandbox.close();
});

/** The engine, but for the first so many times that it is told to freeze something. */
function failingToFreeze(times: number): Docker {
  const engine = new Docker();
  const dial = engine.modem.dial.bind(engine.modem);
  let left = times;
  engine.modem.dial = (options, answer) => {
    if (!/\/pause\??$/.test(options.path)) return dial(options, answer);
    left -= 1;
    if (left < 0) return dial(options, answer);
    answer?.(
      Object.assign(new Error('OCI runtime pause failed: unable to freeze'), { statusCode: 500 }),
      null,
    );
  };
  return engine;
}

async function openOn(engine: Docker): Promise<{ sandbox: Sandbox; cell: Cell }> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'warroom-freezing-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const cell = await createCell(engine, request, calm);
  onTestFinished(() => cell.remove());
  await cell.fill(folder, calm);
  return { cell, sandbox: cell.toSandbox(() => cell.remove()) };
}

it('a freeze that the engine fails at is tried once more', async () => {
  const { sandbox } = await openOn(failingToFreeze(1));
  await sandbox.run(['touch', 'new'], usual, calm);

  const { changes } = await sandbox.changes({ files: 10, bytes: 1_000 }, calm);

  expect(changes.map(({ path: name }) => name)).toEqual(['new']);
  expect((await sandbox.run(['ls'], usual, calm)).output).toBe('new\n');
});

it('a sandbox that cannot be frozen is lost, and nothing of it is left', async () => {
  const { cell, sandbox } = await openOn(failingToFreeze(2));

  await expect(sandbox.changes({ files: 10, bytes: 1_000 }, calm)).rejects.toMatchObject({
    code: 'sandbox_lost',
    message: expect.stringContaining('could not be frozen'),
    cause: expect.objectContaining({ statusCode: 500 }),
  });
  expect(cell.isGone).toBe(true);
  await expect(sandbox.run(['true'], usual, calm)).rejects.toMatchObject({ code: 'sandbox_lost' });
  await expect(docker.getContainer(cell.id).inspect()).rejects.toMatchObject({ statusCode: 404 });
});

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { labelsFor, ownOwner } from '../../src/adapters/docker/sandbox/provider/owner.ts';
import { chooseWorkspaceBackend } from '../../src/adapters/docker/sandbox/workspace/choose-backend.ts';
import { listMounts } from '../../src/adapters/docker/sandbox/workspace/mounts.ts';
import { createOverlayBackend } from '../../src/adapters/docker/sandbox/workspace/overlay-backend.ts';
import { docker, image, makeFolder, most, noCell, user } from './sandbox-workspace-house.ts';

const limits = { workBytes: 1024 * 1024, workFiles: 200 };
const labels = labelsFor(ownOwner(), new Date(Date.now() + 60_000));
const calm = AbortSignal.timeout(120_000);

describe('what overlays leave behind', () => {
  let root: string;
  let folder: string;

  beforeAll(() => {
    folder = makeFolder({ a: '1', '.git/x': 'x' });
    root = mkdtempSync(path.join(os.tmpdir(), 'warroom-overlays-'));
  });
  afterAll(() => {
    for (const { place } of listMounts(root).toReversed()) execFileSync('/usr/bin/umount', ['-l', place]);
    rmSync(root, { recursive: true, force: true });
    rmSync(`${root}.lock`, { force: true });
    rmSync(folder, { recursive: true, force: true });
  });

  async function own(): Promise<ChildProcess> {
    const script = fileURLToPath(new URL('./sandbox-workspace-owner.ts', import.meta.url));
    const child = spawn(process.execPath, [script, root, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    child.stdout.once('data', () => resolve());
    child.once('exit', (code) => reject(new Error(`it ended with ${code}`)));
    await promise;
    return child;
  }

  async function kill(child: ChildProcess): Promise<void> {
    const gone = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGKILL');
    await gone;
  }

  it('is one shared mount, whoever comes first', async () => {
    const owners = await Promise.all([own(), own(), own()]);

    expect(listMounts(root).filter(({ place }) => place === root)).toMatchObject([
      { type: 'tmpfs', isShared: true },
    ]);
    expect(listMounts(root)).toHaveLength(1 + 3 * 2);
    for (const owner of owners) await kill(owner);
  });

  it('is swept when its process is dead, and left alone when it lives', async () => {
    const alive = await own();
    const dead = await own();
    const backend = createOverlayBackend({ root });
    const mount = await backend.prepare('ours', user, limits);
    await backend.sweep(calm);
    const before = listMounts(root).length;
    await kill(dead);

    expect(await backend.sweep(calm)).toBe(1);
    expect(listMounts(root)).toHaveLength(before - 2);
    expect(await backend.sweep(calm)).toBe(0);
    await kill(alive);
    expect(await backend.sweep(calm)).toBe(1);
    await mount.discard();
    expect(listMounts(root)).toHaveLength(1);
    expect(readdirSync(root)).toEqual([]);
  });

  it('is nothing after 60 of them', async () => {
    const backend = createOverlayBackend({ root });
    const first = await backend.prepare('first', user, limits);
    await first.discard();
    const handles = readdirSync('/proc/self/fd').length;
    const mounts = readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .filter((line) => line.includes(root)).length;

    for (let round = 0; round < 60; round += 1) {
      const mount = await backend.prepare(`round-${round}`, user, limits);
      const workspace = mount.bind(noCell);
      await workspace.fill(folder, calm);
      if (round % 20 === 0) {
        await workspace.snapshot(calm);
        await workspace.changes(most, calm);
        await workspace.reset('s1', calm);
        await workspace.reset(null, calm);
      }
      await mount.discard();
      await mount.discard();
    }

    expect(
      readFileSync('/proc/self/mountinfo', 'utf8')
        .split('\n')
        .filter((line) => line.includes(root)),
    ).toHaveLength(mounts);
    expect(readdirSync(root)).toEqual([]);
    expect(readdirSync('/proc/self/fd').length).toBeLessThanOrEqual(handles + 2);
  });

  it('takes a folder of any name', async () => {
    const odd = mkdtempSync(path.join(os.tmpdir(), 'warroom,lowerdir=etc:[odd]\\-'));
    writeFileSync(path.join(odd, 'mine'), 'mine');
    const mount = await createOverlayBackend({ root }).prepare('odd', user, limits);
    await mount.bind(noCell).fill(odd, calm);

    const [overlay] = listMounts(root).filter(({ type }) => type === 'overlay');

    expect(readdirSync(overlay?.place ?? '')).toEqual(['mine']);
    await mount.discard();
    rmSync(odd, { recursive: true });
  });

  it('is what is chosen where it works, and what was tried for it is gone', async () => {
    const engine = { docker, isLocal: true, image, runtime: undefined, labels, root };

    const tried = vi.spyOn(docker, 'createContainer');

    const { backend, why } = await chooseWorkspaceBackend(engine, calm);

    expect(why).toBeNull();
    expect(backend.name).toBe('overlay');
    expect(tried).toHaveBeenCalledWith(expect.objectContaining({ Labels: labels }));
    expect(readdirSync(root)).toEqual([]);
    expect(existsSync(root)).toBe(true);
  });

  it('is left for tar on another machine, without an image, and where mounts do not arrive', async () => {
    const engine = { docker, isLocal: true, image, runtime: undefined, labels, root };

    expect((await chooseWorkspaceBackend({ ...engine, isLocal: false }, calm)).backend.name).toBe('tar');
    const none = await chooseWorkspaceBackend({ ...engine, image: 'warroom/none:none' }, calm);
    expect(none.backend.name).toBe('tar');
    expect(none.why).toContain('did not work');
    expect(readdirSync(root)).toEqual([]);
  });
});

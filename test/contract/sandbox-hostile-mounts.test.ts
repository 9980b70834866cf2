import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { imageName } from '../../setup/sandbox-image.mjs';
import {
  createOverlayBackend,
  usualOverlayRoot,
} from '../../src/adapters/docker/sandbox/workspace/overlay-backend.ts';
import { type HostileWorld, openScene, openWorld, type Scene } from '../support/hostile/scene.ts';
import type { Guard } from '../support/hostile/weaken.ts';

const python = process.env['SANDBOX_PYTHON_IMAGE'] || imageName('python');
const overlay = createOverlayBackend({ root: usualOverlayRoot });
let world: HostileWorld;

beforeAll(async () => {
  world = await openWorld();
});

afterAll(async () => {
  await world?.close();
});

/** As if the workspace had been mounted without a care; the mount is the container's own copy. */
async function remountCarelessly({ sandbox }: Scene): Promise<void> {
  const { State } = await world.docker.getContainer(sandbox.id).inspect();
  // MS_BIND and MS_REMOUNT, and nothing that is refused. The image has no program for it.
  const remount = `import ctypes, sys; sys.exit(ctypes.CDLL(None).mount(None, b'/work', None, 0x1020, None))`;
  execFileSync('nsenter', [`--target=${State.Pid}`, '--mount', 'python3', '-c', remount]);
}

async function printedIn(
  without: readonly Guard[],
  isCareless: boolean,
  attack: (scene: Scene) => Promise<{ output: string }>,
): Promise<string> {
  const scene = await openScene(world, without, AbortSignal.timeout(50_000), overlay, python);
  try {
    if (isCareless) await remountCarelessly(scene);
    return (await attack(scene)).output;
  } finally {
    await scene.close();
  }
}

/** Each with the other guards gone, so that it is the mount alone that holds or does not. */
describe('an overlay as workspace', () => {
  async function lend(scene: Scene): Promise<{ output: string }> {
    await scene.shell('cp /usr/bin/id /work/mine && chmod 4755 /work/mine');
    return scene.sandbox.look(['/work/mine', '-u'], { timeoutMs: 5_000, outputBytes: 1_000 }, scene.signal);
  }

  it('lends no rights of its user to who runs a program in it', async () => {
    expect(await printedIn(['no new privileges'], false, lend)).toBe('10001\n');
    expect(await printedIn(['no new privileges'], true, lend)).toMatch(/^101\d\d\n$/);
  });

  const asRoot: readonly Guard[] = ['nobody is root', 'no capabilities', 'no new privileges'];
  const readDevice = (scene: Scene): Promise<{ output: string }> =>
    scene.shell('mknod /work/zero c 1 5 && head -c 3 /work/zero | wc -c');

  it('opens no device', async () => {
    expect(await printedIn(asRoot, false, readDevice)).toMatch(/Permission denied/);
    expect(await printedIn(asRoot, true, readDevice)).toBe('3\n');
  });
});

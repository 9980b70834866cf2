import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createOverlayBackend,
  usualOverlayRoot,
} from '../../src/adapters/docker/sandbox/workspace/overlay-backend.ts';
import { createTarBackend } from '../../src/adapters/docker/sandbox/workspace/tar-backend.ts';
import { attacks, listCommands } from '../support/hostile/attacks.ts';
import { type HostileWorld, openScene, openWorld, type Scene } from '../support/hostile/scene.ts';
import { linkAttack, workspaceAttacks } from '../support/hostile/workspace-attacks.ts';

const secret = 'WARROOM_HOSTILE_SECRET';
const overlay = createOverlayBackend({ root: usualOverlayRoot });
let world: HostileWorld;
let shared: Scene;
let sharedOverlay: Scene;

beforeAll(async () => {
  process.env[secret] = 'must-stay-outside';
  world = await openWorld();
  const signal = AbortSignal.timeout(280_000);
  shared = await openScene(world, [], signal);
  sharedOverlay = await openScene(world, [], signal, overlay);
});

afterAll(async () => {
  await shared?.close();
  await sharedOverlay?.close();
  await world?.close();
  delete process.env[secret];
});

const everywhere = attacks.map((attack) => ({ ...attack, where: 'by tar', backend: createTarBackend() }));
const onOverlay = [...workspaceAttacks, linkAttack].map((attack) => ({
  ...attack,
  where: 'by overlay',
  backend: overlay,
}));

describe.each([...everywhere, ...onOverlay])(
  '$name (workspace $where)',
  ({ attempt, guards, needsOwnCell, backend }) => {
    it('not in a sandbox, which can be used afterwards', async () => {
      const signal = AbortSignal.timeout(50_000);
      const usual = backend === overlay ? sharedOverlay : shared;
      const scene = needsOwnCell ? await openScene(world, [], signal, backend) : usual;
      try {
        const { succeeded, saw } = await attempt(scene);

        expect(succeeded, JSON.stringify(saw)).toBe(false);
        expect(await scene.run(['echo', 'usable'])).toMatchObject({ exitCode: 0, output: 'usable\n' });
      } finally {
        if (scene !== usual) await scene.close();
      }
    });

    it(`but without: ${guards.join(', ')}`, async () => {
      const scene = await openScene(world, guards, AbortSignal.timeout(50_000), backend);
      try {
        const { succeeded, saw } = await attempt(scene);

        expect(succeeded, JSON.stringify(saw)).toBe(true);
      } finally {
        await scene.close();
      }
    });
  },
);

async function isRunning(id: string): Promise<boolean> {
  return world.docker
    .getContainer(id)
    .inspect()
    .then(
      ({ State }) => State.Running,
      () => false,
    );
}

describe('a command that does not end by itself', () => {
  const endless = ['/bin/sh', '-c', 'while :; do echo 0815; done'];

  it('is stopped by its time, and nothing of it is left', async () => {
    const result = await shared.run(['sleep', '8151'], { timeoutMs: 400 });

    expect(result).toMatchObject({ exitCode: null, reason: 'timeout' });
    expect(result.durationMs).toBeLessThan(3_000);
    expect(await listCommands(shared)).not.toContain('sleep 8151');
  });

  it('is stopped by what it prints, of which the first is kept', async () => {
    const result = await shared.run(endless, { outputBytes: 5_000 });

    expect(result).toMatchObject({ exitCode: null, reason: 'output-cap', output: '0815\n'.repeat(1_000) });
    expect(await listCommands(shared)).not.toContain('0815');
  });

  it('takes its sandbox with it where it kills whoever comes to end it', async () => {
    const scene = await openScene(world, [], AbortSignal.timeout(50_000));
    try {
      const result = await scene.script('for (;;) try { process.kill(-1, 9); } catch {}', { timeoutMs: 700 });

      expect(result).toMatchObject({ exitCode: null, reason: 'timeout' });
      // Whether we or it came first: what must not be is that it goes on.
      const left = await listCommands(scene).catch((error: { code: string }) => error.code);
      expect(left).not.toContain('process.kill');
      if (left === 'sandbox_lost') expect(await isRunning(scene.sandbox.id)).toBe(false);
    } finally {
      await scene.close();
    }
  });

  it('would go on if we only stopped listening', async () => {
    const scene = await openScene(world, [], AbortSignal.timeout(50_000));
    const container = world.docker.getContainer(scene.sandbox.id);
    const exec = await container.exec({ Cmd: [...endless], User: '10163:10001', AttachStdout: true });
    const stream = await exec.start({ hijack: true });
    await new Promise((resolve) => stream.once('data', resolve));
    stream.destroy();

    expect(await listCommands(scene)).toContain('0815');
    await scene.close();
  });
});

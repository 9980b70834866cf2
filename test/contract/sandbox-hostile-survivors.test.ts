import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createOverlayBackend,
  usualOverlayRoot,
} from '../../src/adapters/docker/sandbox/workspace/overlay-backend.ts';
import { listCommands } from '../support/hostile/attacks.ts';
import { type HostileWorld, openScene, openWorld, type Scene } from '../support/hostile/scene.ts';
import type { Guard } from '../support/hostile/weaken.ts';

const overlay = createOverlayBackend({ root: usualOverlayRoot });
let world: HostileWorld;

beforeAll(async () => {
  world = await openWorld();
});

afterAll(async () => {
  await world?.close();
});

async function withScene<T>(without: readonly Guard[], work: (scene: Scene) => Promise<T>): Promise<T> {
  const scene = await openScene(world, without, AbortSignal.timeout(55_000), overlay);
  try {
    return await work(scene);
  } finally {
    await scene.close();
  }
}

/** What the sandbox is afterwards: what still runs there, or that it is gone. */
async function leftOf(scene: Scene): Promise<string> {
  return listCommands(scene).catch((error: { code: string }) => error.code);
}

const spoken: readonly Guard[] = ['a killer that nobody speaks for'];
const believed: readonly Guard[] = [...spoken, 'another user looks whether anything is left'];

describe('a process that speaks for whoever comes to kill it', () => {
  const steps: readonly [string, (scene: Scene) => Promise<unknown>][] = [
    [
      'time that is up',
      (scene) => scene.shell('(setsid sleep 4721 >/dev/null 2>&1 &); sleep 1', { timeoutMs: 400 }),
    ],
    [
      'a snapshot',
      async (scene) => {
        await scene.shell('sleep 4721 &');
        await scene.sandbox.snapshot(scene.signal);
      },
    ],
    [
      'a reset',
      async (scene) => {
        await scene.shell('sleep 4721 &');
        await scene.sandbox.reset(null, scene.signal);
      },
    ],
  ];

  it.each(steps)('does not outlive %s: its sandbox goes with it', async (_, step) => {
    const left = await withScene(spoken, async (scene) => {
      await step(scene).catch(() => undefined);
      return leftOf(scene);
    });

    expect(left).toBe('sandbox_lost');
  });

  it.each(steps)('would outlive %s if it were believed', async (_, step) => {
    const left = await withScene(believed, async (scene) => {
      await step(scene).catch(() => undefined);
      return leftOf(scene);
    });

    expect(left).toContain('sleep 4721');
  });
});

describe('what is left of an honest command', () => {
  it('is nothing, and to know that costs little', async () => {
    await withScene([], async (scene) => {
      await scene.shell('sleep 4722 & (sleep 4723 &) ; echo x > /tmp/file');
      await scene.sandbox.snapshot(scene.signal);
      expect(await listCommands(scene)).not.toContain('sleep 472');
      // Nothing has run since: what is left of a snapshot is the look and the copy.
      await scene.sandbox.reset(null, scene.signal);
      expect(await scene.shell('ls -A /tmp /dev/shm | grep -v : ; echo done')).toMatchObject({
        output: expect.stringMatching(/^\s*done\n$/),
      });
    });
  });

  it.each([
    ['of short names', 'dddd', 1_950],
    ['of long names', 'd'.repeat(250), 400],
  ])('a tree in /tmp that is deeper than a path can be long, %s', async (_, name, depth) => {
    await withScene([], async (scene) => {
      const made = await scene.script(
        `const fs = require('fs'); process.chdir('/tmp');
         for (let n = 0; n < ${depth}; n += 1) { fs.mkdirSync('${name}'); process.chdir('${name}'); }
         fs.writeFileSync('last', ''); fs.chmodSync('.', 0); console.log('made');`,
      );
      expect(made.output).toContain('made');

      await scene.sandbox.reset(null, scene.signal);

      expect((await scene.shell('ls -A /tmp')).output).toBe('');
    });
  });
});

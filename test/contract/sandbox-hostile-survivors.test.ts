import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { imageName } from '../../setup/sandbox-image.mjs';
import { CellCommands } from '../../src/adapters/docker/sandbox/exec/cell-commands.ts';
import { FreezeLock } from '../../src/adapters/docker/sandbox/exec/freeze-lock.ts';
import { ResidentRunner } from '../../src/adapters/docker/sandbox/exec/resident-runner.ts';
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

async function withScene<T>(
  without: readonly Guard[],
  work: (scene: Scene) => Promise<T>,
  image?: string,
): Promise<T> {
  const scene = await openScene(world, without, AbortSignal.timeout(55_000), overlay, image);
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

it('what holds up our own work on its files does so for a time of ours, whoever waits for it', async () => {
  await withScene([], async (scene) => {
    const container = world.docker.getContainer(scene.sandbox.id);
    const lock = new FreezeLock();
    const onBroken = async (): Promise<void> => undefined;
    const runner = new ResidentRunner(container, lock, onBroken);
    const user = { uid: 10_163, gid: 10_001 };
    const limits = { mostProcesses: 20, ownWorkTimeoutMs: 300 };
    const commands = new CellCommands(container, { user, runner, lock, onBroken, ...limits });

    const work = commands.exec({ argv: ['sleep', '4724'] }, new AbortController().signal);

    await expect(work).rejects.toMatchObject({ code: 'sandbox_unavailable' });
    expect(await listCommands(scene)).not.toContain('4724');
    runner.close();
  });
});

describe('what belongs to no process', () => {
  const python = process.env['SANDBOX_PYTHON_IMAGE'] || imageName('python');
  // By number and through the C library: no program of an image does such things.
  const call = (code: string): string[] => [
    'python3',
    '-c',
    `import ctypes; c = ctypes.CDLL(None, use_errno=True); ${code}`,
  ];
  const segment = call(
    `n = c.shmget(0, 1 << 20, 0o1600); s = c.semget(0, 1, 0o1600); print('segment', n >= 0, s >= 0)`,
  );
  const typed = call(
    `c.ioctl.argtypes = [ctypes.c_int, ctypes.c_ulong, ctypes.c_long]; c.ioctl(0, 0x100005412, 0); print('refused', ctypes.get_errno() == 1)`,
  );

  it('cannot be made: memory and semaphores of System V, nor is anything typed for a terminal', async () => {
    await withScene(
      [],
      async (scene) => {
        expect((await scene.run(segment)).output).toBe('segment False False\n');
        expect((await scene.run(typed)).output).toBe('refused True\n');
        const workers =
          'import multiprocessing as m; l = m.Lock(); q = m.Queue(); p = m.Process(target=q.put, args=(42,)); p.start(); print(q.get()); p.join()';
        expect((await scene.run(['python3', '-c', workers])).output).toBe('42\n');
      },
      python,
    );
  });

  it('could be without the filter', async () => {
    await withScene(
      ['system call filter'],
      async (scene) => {
        expect((await scene.run(segment)).output).toBe('segment True True\n');
        expect((await scene.run(typed)).output).toBe('refused False\n');
      },
      python,
    );
  });

  it('leaves a cell full where it can be made, and every command is told so', async () => {
    const fill = call(`
c.shmat.restype = ctypes.c_void_p
for n in range(60):
    c.memset(ctypes.c_void_p(c.shmat(c.shmget(0, 10 << 20, 0o1600), None, 0)), 1, 10 << 20)`);
    await withScene(
      ['system call filter'],
      async (scene) => {
        expect(await scene.run(fill)).toMatchObject({ reason: 'out-of-memory' });
        for (let n = 0; n < 3; n += 1) {
          const told = await scene.run(['python3', '-c', "print(len(b'x' * (100 << 20)))"]).then(
            ({ reason }) => reason,
            (error: { code: string }) => error.code,
          );
          expect(['out-of-memory', 'sandbox_lost']).toContain(told);
        }
      },
      python,
    );
  });

  it.each<[string, readonly Guard[], RegExp]>([
    ['cannot be made', [], /^0$/m],
    ['could be made', ['no queues as files'], /^1$/m],
  ])('%s: a queue as a file, which is still there after a reset', async (_, without, left) => {
    await withScene(without, async (scene) => {
      await scene.shell(': > /dev/mqueue/planted');
      await scene.sandbox.reset(null, scene.signal);

      expect((await scene.shell('ls /dev/mqueue | wc -l')).output).toMatch(left);
    });
  });
});

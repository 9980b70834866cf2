import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readOverlayChanges } from '../../../../src/adapters/docker/sandbox/workspace/overlay-changes.ts';
import { StartTree } from '../../../../src/platform/workspace/start-tree.ts';

/** Asked for what was in `box` once the walk has listed that folder, and before it opens anything of it. */
class WatchedTree extends StartTree {
  #swap: (() => void) | null = null;

  swapThen(swap: () => void): void {
    this.#swap = swap;
  }

  override kindOf(path: string): ReturnType<StartTree['kindOf']> {
    if (path.startsWith('box/')) {
      this.#swap?.();
      this.#swap = null;
    }
    return super.kindOf(path);
  }
}

/** Plain folders stand for the overlay here, so that entries can be swapped. A real one is frozen as well. */
describe('a walk through what commands left, while somebody swaps entries', () => {
  let house: string;
  let merged: string;

  beforeEach(() => {
    house = mkdtempSync(path.join(os.tmpdir(), 'warroom-walk-'));
    merged = path.join(house, 'merged');
    for (const folder of ['start', 'merged/box', 'secrets/deep'])
      mkdirSync(path.join(house, folder), { recursive: true });
    writeFileSync(path.join(house, 'secrets/deep/file'), 'secret');
    writeFileSync(path.join(house, 'secrets/file'), 'secret');
    for (let n = 0; n < 200; n += 1) writeFileSync(path.join(merged, 'box', `f${n}`), String(n));
  });
  afterEach(() => rmSync(house, { recursive: true, force: true }));

  async function walkWhile(
    swap: () => void,
  ): Promise<{ paths: string[]; refused: readonly string[]; text: string }> {
    const start = new WatchedTree(path.join(house, 'start'));
    start.swapThen(swap);
    const { changes, refused } = await readOverlayChanges(
      start,
      { merged, layers: [merged] },
      { files: 1000, bytes: 1_000_000 },
      AbortSignal.timeout(5_000),
    );
    const text = changes
      .map((change) => (change.kind === 'written' ? change.content.toString('utf8') : ''))
      .join(' ');
    return { paths: changes.map((change) => change.path), refused, text };
  }

  it('finds all when nobody does', async () => {
    expect((await walkWhile(() => undefined)).paths).toHaveLength(200);
  });

  it('does not enter a folder that became a link', async () => {
    const folders = Array.from({ length: 200 }, (_, n) => path.join(merged, 'box', `d${n}`));
    for (const folder of folders) {
      mkdirSync(folder);
      writeFileSync(path.join(folder, 'file'), 'harmless');
    }
    const swapAll = () => {
      for (const folder of folders) {
        rmSync(folder, { recursive: true });
        symlinkSync(path.join(house, 'secrets/deep'), folder);
      }
    };

    const { text } = await walkWhile(swapAll);

    expect(text).not.toContain('secret');
  });

  it('does not read a file that became a link', async () => {
    const { text, refused } = await walkWhile(() => {
      for (let n = 0; n < 200; n += 1) {
        rmSync(path.join(merged, 'box', `f${n}`));
        symlinkSync(path.join(house, 'secrets/file'), path.join(merged, 'box', `f${n}`));
      }
    });

    expect(text).not.toContain('secret');
    expect(refused.length).toBeGreaterThan(100);
  });

  it('goes on in the folder that it has listed when a parent became a link', async () => {
    const { text, paths } = await walkWhile(() => {
      for (let n = 0; n < 200; n += 1) writeFileSync(path.join(house, 'secrets', `f${n}`), 'secret');
      renameSync(path.join(merged, 'box'), path.join(house, 'moved'));
      symlinkSync(path.join(house, 'secrets'), path.join(merged, 'box'));
    });

    expect(text).not.toContain('secret');
    expect(paths).toHaveLength(200);
  });

  it('neither waits for a pipe nor takes a socket or a device for a file', async () => {
    const { paths, refused } = await walkWhile(() => {
      for (let n = 0; n < 200; n += 1) rmSync(path.join(merged, 'box', `f${n}`));
      const names = Array.from({ length: 200 }, (_, n) => path.join(merged, 'box', `f${n}`));
      execFileSync('/usr/bin/mkfifo', names.slice(0, 199));
      execFileSync('mknod', [names[199] ?? '', 'c', '1', '5']);
    });

    expect(paths.length + refused.length).toBe(200);
    expect(refused.length).toBeGreaterThan(100);
  });

  it('takes what a growing file had when it was opened, and less of one that shrinks', async () => {
    writeFileSync(path.join(merged, 'box/f0'), 'x'.repeat(100));

    const { text } = await walkWhile(() => {
      for (let n = 0; n < 200; n += 1) writeFileSync(path.join(merged, 'box', `f${n}`), '');
    });

    expect(text.length).toBeLessThan(2000);
  });

  it('does not go down for ever', async () => {
    let folder = merged;
    const name = 'd';
    for (let depth = 0; depth < 400; depth += 1) folder = path.join(folder, name);
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, 'file'), 'deep');

    const { refused, text } = await walkWhile(() => undefined);

    expect(refused).toEqual([Array.from({ length: 129 }, () => 'd').join('/')]);
    expect(text).not.toContain('deep');
  });
});

describe('large files that commands replaced by holes of the same size', () => {
  const holeBytes = 50 * 1024 * 1024;
  let house: string;

  beforeEach(() => {
    house = mkdtempSync(path.join(os.tmpdir(), 'warroom-holes-'));
    for (const folder of ['start', 'merged']) {
      mkdirSync(path.join(house, folder));
      for (let n = 0; n < 20; n += 1) hole(path.join(house, folder, `f${n}`), holeBytes);
    }
  });
  afterEach(() => rmSync(house, { recursive: true, force: true }));

  const hole = (file: string, bytes: number): void => {
    writeFileSync(file, '');
    truncateSync(file, bytes);
  };
  const walk = (signal: AbortSignal, comparedBytes?: number) => {
    const merged = path.join(house, 'merged');
    const start = new StartTree(path.join(house, 'start'));
    const most = { files: 200, bytes: 4 * 1024 * 1024 };
    return readOverlayChanges(start, { merged, layers: [merged] }, most, signal, comparedBytes);
  };

  it('are compared up to a bound, and nobody has to wait for it', async () => {
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();

    await expect(walk(AbortSignal.timeout(20_000))).rejects.toMatchObject({ code: 'workspace_too_large' });

    delay.disable();
    expect(delay.max / 1e6).toBeLessThan(250);
  });

  it('are not compared any more once nobody waits for it', async () => {
    const beginMs = performance.now();

    await expect(walk(AbortSignal.timeout(50), 20 * holeBytes)).rejects.toThrow('timeout');

    expect(performance.now() - beginMs).toBeLessThan(1_000);
  });

  it('are compared no further than to the first difference', async () => {
    for (const folder of ['start', 'merged']) {
      for (let n = 0; n < 20; n += 1) rmSync(path.join(house, folder, `f${n}`));
    }
    const content = Buffer.alloc(3_000_000, 'x');
    hole(path.join(house, 'start/f'), content.length);
    writeFileSync(path.join(house, 'merged/f'), content);

    const { changes } = await walk(AbortSignal.timeout(20_000), 300_000);

    expect(changes).toEqual([{ kind: 'written', path: 'f', content, executable: false }]);
  });
});

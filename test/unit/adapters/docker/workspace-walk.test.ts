import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readOverlayChanges } from '../../../../src/adapters/docker/sandbox/workspace/overlay-changes.ts';
import { StartTree } from '../../../../src/platform/workspace/start-tree.ts';

/**
 * Plain folders stand for the overlay here, so that entries can be swapped at the moments at which the walk lets others
 * run: after it has listed a folder, and before it has opened all of it. A real one is frozen as well.
 */
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
    // The walk has its first pause among these, and they come before what is swapped or after it: both are tried.
    for (let n = 0; n < 200; n += 1) writeFileSync(path.join(merged, 'box', `f${n}`), String(n));
  });
  afterEach(() => rmSync(house, { recursive: true, force: true }));

  async function walkWhile(
    swap: () => void,
  ): Promise<{ paths: string[]; refused: readonly string[]; text: string }> {
    const walking = readOverlayChanges(
      new StartTree(path.join(house, 'start')),
      { merged, layers: [merged] },
      { files: 1000, bytes: 1_000_000 },
      AbortSignal.timeout(5_000),
    );
    // The walk has run up to its first pause by now: it has listed `box`, and opened some of it.
    swap();
    const { changes, refused } = await walking;
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

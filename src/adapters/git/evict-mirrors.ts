import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { lstat, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Log } from '../../platform/log.ts';
import { tryFolderLock } from './folder-lock.ts';

/** Whatever reads a mirror is done, or has looked at it again, within this. */
export const usedRecentlyMs = 10 * 60_000;
const usedFile = 'warroom-used';
const leaving = '.evicted.';

/** Says that the mirror is in use from now on; false when it is not there. */
export async function touchMirror(dir: string): Promise<boolean> {
  const file = path.join(dir, usedFile);
  const now = new Date();
  try {
    await utimes(file, now, now);
    return true;
  } catch {
    if (!existsSync(path.join(dir, 'HEAD'))) return false;
    await writeFile(file, '').catch(() => undefined);
    return true;
  }
}

/**
 * Removes the mirrors that were not used for the longest time until all together are small enough; never one that is in
 * use. A mirror is renamed first, in one step and under its lock: nobody ever sees half of one, and what a killed process
 * was removing is removed by the next.
 * @returns how many
 */
export async function evictMirrors(
  cacheDir: string,
  most: { bytes: number; unusedMs: number },
  log: Log,
  signal: AbortSignal,
): Promise<number> {
  const names = await readdir(cacheDir).catch(() => []);
  for (const name of names) if (name.includes(leaving)) await remove(path.join(cacheDir, name));
  const mirrors = await Promise.all(
    names
      .filter((name) => name.endsWith('.git'))
      .map(async (name) => {
        const dir = path.join(cacheDir, name);
        return { dir, usedAtMs: await usedAt(dir), bytes: await sizeOf(dir, signal) };
      }),
  );
  let bytes = mirrors.reduce((sum, mirror) => sum + mirror.bytes, 0);
  let evicted = 0;
  for (const mirror of mirrors.toSorted((a, b) => a.usedAtMs - b.usedAtMs)) {
    if (bytes <= most.bytes) break;
    signal.throwIfAborted();
    if (!(await evict(mirror.dir, most.unusedMs))) continue;
    log.info(
      { mirror: mirror.dir, bytes: mirror.bytes },
      'the mirror cache was over its bound: one is removed',
    );
    bytes -= mirror.bytes;
    evicted += 1;
  }
  return evicted;
}

async function evict(dir: string, unusedMs: number): Promise<boolean> {
  const gone = `${dir}${leaving}${randomBytes(4).toString('hex')}`;
  let isOurs = false;
  // Whoever fetches has the lock; whoever reads has said so.
  await tryFolderLock(`${dir}.lock`, async () => {
    if (Date.now() - (await usedAt(dir)) < unusedMs) return;
    await rename(dir, gone);
    isOurs = true;
  });
  if (isOurs) await remove(gone);
  return isOurs;
}

/** One that was never used since this was written down counts from when it was made. */
async function usedAt(dir: string): Promise<number> {
  for (const file of [usedFile, 'HEAD']) {
    const found = await stat(path.join(dir, file)).catch(() => undefined);
    if (found !== undefined) return found.mtimeMs;
  }
  return 0;
}

/** Of all files in a folder, which may come and go meanwhile. */
export async function sizeOf(dir: string, signal: AbortSignal): Promise<number> {
  let bytes = 0;
  const folders = [dir];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    signal.throwIfAborted();
    // Packs come and go while somebody fetches.
    for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
      const place = path.join(folder, entry.name);
      if (entry.isDirectory()) folders.push(place);
      else bytes += (await lstat(place).catch(() => undefined))?.size ?? 0;
    }
  }
  return bytes;
}

async function remove(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
}

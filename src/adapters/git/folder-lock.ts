import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isRunning, ownProcess } from '../../platform/process-identity.ts';

/** A lock whose owner wrote no name within this time died between the two steps of taking it. */
const namelessMs = 5_000;
const pollMs = 50;

/**
 * Runs `work` while no other process of this machine holds the lock. `mkdir` is atomic; the owner's name inside tells a
 * held lock from one whose owner was killed. `work` is told whether it took the lock from a dead owner.
 */
export async function withFolderLock<T>(
  lockDir: string,
  signal: AbortSignal,
  work: (tookFromDead: boolean) => Promise<T>,
): Promise<T> {
  const tookFromDead = await take(lockDir, signal);
  try {
    return await work(tookFromDead);
  } finally {
    await rm(lockDir, { recursive: true, force: true });
  }
}

/** The same when nobody holds it; else nothing is done. @returns whether it was */
export async function tryFolderLock(lockDir: string, work: () => Promise<void>): Promise<boolean> {
  if (!(await makeLock(lockDir))) return false;
  try {
    await work();
    return true;
  } finally {
    await rm(lockDir, { recursive: true, force: true });
  }
}

async function take(lockDir: string, signal: AbortSignal): Promise<boolean> {
  let tookFromDead = false;
  for (;;) {
    signal.throwIfAborted();
    if (await makeLock(lockDir)) return tookFromDead;
    if (await ownerIsDead(lockDir)) {
      await rm(lockDir, { recursive: true, force: true });
      tookFromDead = true;
      continue;
    }
    await sleep(pollMs, undefined, { signal });
  }
}

async function makeLock(lockDir: string): Promise<boolean> {
  try {
    await mkdir(lockDir);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
  const { pid, startedAt } = ownProcess();
  await writeFile(join(lockDir, 'owner'), `${pid} ${hostname()} ${startedAt}`);
  return true;
}

async function ownerIsDead(lockDir: string): Promise<boolean> {
  try {
    const [pid = '', host = '', startedAt = ''] = (await readFile(join(lockDir, 'owner'), 'utf8')).split(' ');
    return host === hostname() && pid !== '' && !isRunning({ pid: Number(pid), startedAt });
  } catch {
    const made = await stat(lockDir).catch(() => undefined);
    return made !== undefined && Date.now() - made.mtimeMs > namelessMs;
  }
}

import { mkdirSync, rmdirSync } from 'node:fs';
import { chmod, mkdtemp, rm, statfs } from 'node:fs/promises';
import path from 'node:path';
import type { Service } from '../../domain/service.ts';
import { deadProcessFolders, makeProcessRoot, ownProcessFolder } from '../../platform/process-folder.ts';
import { GitFailed } from './errors.ts';
import { measureTree, type TreeBounds } from './measure-tree.ts';
import type { Mirrors } from './mirrors.ts';

export interface Checkouts {
  /** The files at a commit in a fresh folder. @param sha full, of a commit that the mirror has */
  make(
    service: Service,
    sha: string,
    signal: AbortSignal,
  ): Promise<{ path: string; remove: () => Promise<void> }>;
  /** Removes those of dead processes. @returns how many processes had left some */
  sweep(): Promise<number>;
}

/** Of a usual sandbox: what does not fit there need not be made. */
const usualBounds: TreeBounds = { files: 40_000, bytes: 256 * 1024 ** 2 };
const measuredMost = 1000;

const memoryType = 0x01_02_19_94;
/** Work trees are many times faster in memory; but never the last of it. */
const freeBytes = 1024 ** 3;

/**
 * Work trees without a repository: git writes the files of one commit straight out of the mirror, by an index that is
 * thrown away. So nothing of git is in them, and they borrow nothing from the mirror.
 * @param most of one work tree; @throws WorkspaceTooLarge beyond, before anything is made
 * @param roots folders for them; the first that serves is taken, and of those in memory only one with room
 */
export function createCheckouts(
  mirrors: Mirrors,
  roots: readonly string[],
  most: TreeBounds = usualBounds,
): Checkouts {
  /** Commits that are known not to be too large; they do not change. */
  const measured = new Set<string>();

  async function measure(service: Service, sha: string, signal: AbortSignal): Promise<void> {
    if (measured.has(sha)) return;
    const { code, stderr } = await measureTree(mirrors, service, sha, most, signal);
    if (code !== 0) throw noWorkFolder(new Error(stderr.trim()));
    if (measured.size >= measuredMost) measured.clear();
    measured.add(sha);
  }

  async function makeIn(root: string, service: Service, sha: string, signal: AbortSignal) {
    makeProcessRoot(root);
    const own = ownProcessFolder(root);
    mkdirSync(own, { recursive: true, mode: 0o700 });
    const folder = await mkdtemp(path.join(own, `${service.name}-`));
    const index = `${folder}.index`;
    const remove = async (): Promise<void> => {
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
      removeEmpty(own);
    };
    try {
      const done = await mirrors.run(service, ['read-tree', '-u', '--reset', `${sha}^{commit}`], {
        signal,
        indexFile: index,
        workTree: folder,
        timeoutMs: checkoutTimeoutMs,
      });
      if (done.code !== 0) throw noWorkFolder(new Error(done.stderr.trim()));
      // mkdtemp makes it private to us; a sandbox reads it as another user
      await chmod(folder, 0o755);
    } catch (error) {
      await remove();
      throw error;
    } finally {
      await rm(index, { force: true });
      await rm(`${index}.lock`, { force: true });
    }
    return { path: folder, remove };
  }

  return {
    async make(service, sha, signal) {
      await measure(service, sha, signal);
      let failure: unknown = null;
      for (const [place, root] of roots.entries()) {
        if (place < roots.length - 1 && !(await hasRoom(root))) continue;
        try {
          return await makeIn(root, service, sha, signal);
        } catch (error) {
          signal.throwIfAborted();
          failure = error;
        }
      }
      throw failure instanceof GitFailed ? failure : noWorkFolder(failure);
    },

    async sweep() {
      let swept = 0;
      for (const folder of roots.flatMap((root) => deadProcessFolders(root))) {
        await rm(folder, { recursive: true, force: true, maxRetries: 3 });
        swept += 1;
      }
      return swept;
    },
  };
}

const checkoutTimeoutMs = 120_000;

/** Where checkouts are made when nobody says: in memory where there is some, else on the disk of the cache. */
export function usualRoots(cacheDir: string): string[] {
  return [`/dev/shm/warroom-checkouts-${process.getuid?.() ?? 'us'}`, path.join(cacheDir, 'checkouts')];
}

async function hasRoom(root: string): Promise<boolean> {
  try {
    const { type, bavail, bsize } = await statfs(path.dirname(root));
    return type === memoryType && bavail * bsize >= freeBytes;
  } catch {
    return false;
  }
}

function noWorkFolder(cause: unknown): GitFailed {
  return new GitFailed('Git could not make a work folder.', 'Check the free space of the work folder.', {
    cause,
  });
}

function removeEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // In use.
  }
}

import { existsSync, mkdirSync, readdirSync, rmdirSync } from 'node:fs';
import path from 'node:path';
import { deadProcessFolders, ownProcessFolder } from '../../../../platform/process-folder.ts';
import { workFolder } from '../../../../platform/workspace/write-files.ts';
import { listMounts, runScript } from './mounts.ts';
import { OverlayWorkspace } from './overlay-workspace.ts';
import type { CommandUser, WorkspaceBackend, WorkspaceLimits, WorkspaceMount } from './workspace.ts';

/** Ours and everybody else's of this machine: they share it, and sweep each other's leftovers. */
export const usualOverlayRoot = '/run/warroom-sandboxes';

/**
 * Workspaces as overlays that are mounted on the host below a shared mount and appear in containers that run already. Only
 * for root on the engine's own machine.
 * What a process has is in a folder of its own below the root.
 */
export function createOverlayBackend(options: { root: string }): WorkspaceBackend {
  const root = path.resolve(options.root);
  const own = ownProcessFolder(root);
  let opened: Promise<void> | null = null;
  let count = 0;

  /** Once a process, and again when somebody has unmounted it. */
  async function openRoot(): Promise<void> {
    if (opened !== null && listMounts(root).some(({ place }) => place === root)) return opened;
    opened = mountRoot(root);
    return opened;
  }

  return {
    name: 'overlay',

    async prepare(place: string, user: CommandUser, limits: WorkspaceLimits): Promise<WorkspaceMount> {
      await openRoot();
      count += 1;
      const folder = path.join(own, `${place}.${count}`);
      const door = path.join(folder, 'door');
      // In one go, so that nobody removes the empty folder of this process between the two.
      mkdirSync(door, { recursive: true, mode: 0o755 });
      const workspace = new OverlayWorkspace(folder, door, user, limits);
      try {
        await workspace.mountStore();
      } catch (error) {
        await removePlace(folder);
        throw error;
      }
      return {
        hostConfig: {
          Mounts: [
            {
              Type: 'bind',
              Source: door,
              Target: workFolder,
              ReadOnly: false,
              BindOptions: { Propagation: 'rslave' },
            },
          ],
        },
        bind(cell) {
          workspace.bind(cell);
          return workspace;
        },
        async discard() {
          await removePlace(folder);
          removeEmpty(own);
        },
      };
    },

    async sweep(signal) {
      let removed = 0;
      for (const folder of deadProcessFolders(root)) {
        for (const place of entriesOf(folder)) {
          signal.throwIfAborted();
          await removePlace(path.join(folder, place));
          removed += 1;
        }
        removeEmpty(folder);
      }
      return removed;
    },
  };
}

/** Under a lock that the kernel gives back when we die: two mounts over each other would hide what is in the first. */
async function mountRoot(root: string): Promise<void> {
  await runScript(
    `mkdir -p -m 0700 -- "$1"
     exec 9>"$1.lock"
     flock -w 20 9
     mountpoint -q -- "$1" || mount -t tmpfs -o size=16m,nr_inodes=100k,mode=0700,nosuid,nodev warroom "$1"
     mount --make-shared -- "$1"`,
    [root],
  );
}

/** The mounts first, the last one before those below it; lazily, because what has died may still be on its way out. */
async function removePlace(folder: string): Promise<void> {
  const mounts = listMounts(folder).map(({ place }) => place);
  if (mounts.length === 0 && !existsSync(folder)) return;
  await runScript(
    `place="$1"; shift
     for mount in "$@"; do umount -l -- "$mount" || ! mountpoint -q -- "$mount"; done
     rm -rf --one-file-system -- "$place"`,
    [folder, ...mounts.reverse()],
  );
}

function removeEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // In use, or gone.
  }
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

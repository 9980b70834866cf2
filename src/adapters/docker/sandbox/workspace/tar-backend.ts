import { mkdirSync, rmdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {
  deadProcessFolders,
  makeProcessRoot,
  ownProcessFolder,
} from '../../../../platform/process-folder.ts';
import { TarWorkspace } from '../../../../platform/workspace/tar-workspace.ts';
import { workFolder } from '../../../../platform/workspace/write-files.ts';
import type { WorkspaceBackend } from './workspace.ts';

/**
 * Workspaces in a memory file system of the container, filled and read by tar: wherever the engine is, and whatever its
 * runtime. Snapshots are kept here as they came, and never opened.
 */
export function createTarBackend(options: { root?: string } = {}): WorkspaceBackend {
  const root = options.root ?? path.join(os.tmpdir(), `warroom-snapshots-${process.getuid?.() ?? 'us'}`);
  const own = ownProcessFolder(root);
  let count = 0;

  return {
    name: 'tar',

    async prepare(place, { uid, gid }, limits) {
      count += 1;
      const folder = path.join(own, `${place}.${count}`);
      const options = `rw,exec,nosuid,nodev,size=${limits.workBytes},nr_inodes=${limits.workFiles},uid=${uid},gid=${gid},mode=0755`;
      return {
        hostConfig: { Tmpfs: { [workFolder]: options } },
        bind: (cell) =>
          new TarWorkspace(cell, limits, () => {
            makeProcessRoot(root);
            mkdirSync(folder, { recursive: true, mode: 0o700 });
            return folder;
          }),
        async discard() {
          await rm(folder, { recursive: true, force: true });
          removeEmpty(own);
        },
      };
    },

    async sweep(signal) {
      let removed = 0;
      for (const folder of deadProcessFolders(root)) {
        signal.throwIfAborted();
        await rm(folder, { recursive: true, force: true });
        removed += 1;
      }
      return removed;
    },
  };
}

function removeEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // In use, or never made.
  }
}

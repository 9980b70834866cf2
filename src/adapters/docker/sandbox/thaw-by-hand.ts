import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

interface Freezer {
  readonly file: string;
  readonly thawed: string;
}

/** Of a container, as the two layouts of control groups and the engine's two ways to name them have it. */
function freezersOf(id: string, root: string): readonly Freezer[] {
  return [`docker/${id}`, `system.slice/docker-${id}.scope`].flatMap((group) => [
    { file: path.join(root, 'freezer', group, 'freezer.state'), thawed: 'THAWED' },
    { file: path.join(root, group, 'cgroup.freeze'), thawed: '0' },
  ]);
}

/**
 * Lets a container go on whose engine hangs over it: without the engine, by the kernel's own file. Only for root on the
 * engine's own machine; elsewhere there is no such file.
 * @returns whether it was frozen
 */
export async function thawByHand(id: string, root = '/sys/fs/cgroup'): Promise<boolean> {
  for (const { file, thawed } of freezersOf(id, root)) {
    try {
      if ((await readFile(file, 'utf8')).trim() === thawed) continue;
      await writeFile(file, thawed);
      return true;
    } catch {
      // Another layout, another machine, or not ours to write.
    }
  }
  return false;
}

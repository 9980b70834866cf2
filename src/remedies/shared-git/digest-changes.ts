import { createHash } from 'node:crypto';
import type { FileChange } from '../../ports/source-control.ts';

/** One hash for a set of file changes: path, mode and every byte. Lengths are hashed too, so that no two sets collide. */
export function digestChanges(changes: readonly FileChange[]): string {
  const hash = createHash('sha256');
  const sorted = [...changes].sort((a, b) => (a.path < b.path ? -1 : 1));
  for (const { path, mode, content } of sorted) {
    hash.update(
      `${Buffer.byteLength(path)} ${path} ${mode} ${content === null ? 'deleted' : content.length}\n`,
    );
    if (content !== null) hash.update(content);
  }
  return hash.digest('hex');
}

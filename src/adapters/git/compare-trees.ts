import type { Service } from '../../domain/service.ts';
import type { FileChange } from '../../ports/source-control.ts';
import type { Mirrors } from './mirrors.ts';

/**
 * What lies between a commit and a tree, to show and to write. Links and submodules are not written by machine: they
 * come back as `unwritable`.
 */
export async function compareTrees(
  mirrors: Mirrors,
  service: Service,
  { base, tree }: { base: string; tree: string },
  signal: AbortSignal,
): Promise<{ diff: string; changes: FileChange[]; unwritable: string[] }> {
  const diffed = await mirrors.read(
    service,
    ['diff', '--no-color', '--no-ext-diff', '--no-textconv', '--find-renames', base, tree],
    { signal },
  );
  const raw = await mirrors.read(service, ['diff-tree', '-r', '-z', '--no-renames', base, tree], { signal });
  const words = raw.stdout.toString('utf8').split('\0');
  const changes: FileChange[] = [];
  const unwritable: string[] = [];
  for (let at = 0; at + 1 < words.length; at += 2) {
    const [oldMode = '', mode = '', , blob = ''] = (words[at] ?? '').slice(1).split(' ');
    const path = words[at + 1] ?? '';
    if (mode === '000000' && isFileMode(oldMode)) {
      changes.push({ path, content: null, mode: oldMode });
    } else if (isFileMode(mode)) {
      const content = await mirrors.read(service, ['cat-file', 'blob', blob], { signal });
      changes.push({ path, content: new Uint8Array(content.stdout), mode });
    } else {
      unwritable.push(path);
    }
  }
  return { diff: diffed.stdout.toString('utf8'), changes, unwritable };
}

function isFileMode(mode: string): mode is FileChange['mode'] {
  return mode === '100644' || mode === '100755';
}

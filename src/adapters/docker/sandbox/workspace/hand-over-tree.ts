import { lchownSync, lstatSync, readdirSync } from 'node:fs';
import { fromText, join, type RawPath, toSystem } from '../../../../platform/workspace/raw-path.ts';
import { kindOf } from '../../../../platform/workspace/start-tree.ts';
import { oddEntry } from '../../../../platform/workspace/workspace-errors.ts';
import { runScript } from './mounts.ts';
import type { CommandUser } from './workspace.ts';

/** A tree of so many entries is handed over sooner than another process is begun, and without holding anybody up. */
const fewEntries = 250;
const oddCode = 3;

/**
 * Makes a folder and everything in it the user's own, but `.git` at its root: that may be shared with a mirror, so it keeps
 * its owner. So would a file that has another name elsewhere have to.
 * @throws WorkspaceUnfit when there is anything but files with one name, folders and links in it
 */
export async function handOverTree(folder: string, user: CommandUser): Promise<void> {
  const entries = listFew(folder);
  if (entries === null) {
    await handOverMany(folder, user);
    return;
  }
  for (const entry of entries) lchownSync(entry, user.uid, user.gid);
}

/** Null when they are many. */
function listFew(folder: string): Buffer[] | null {
  const root = fromText(folder);
  const entries = [toSystem(root)];
  const folders: RawPath[] = [''];
  for (let below = folders.pop(); below !== undefined; below = folders.pop()) {
    for (const entry of readdirSync(toSystem(join(root, below)), {
      withFileTypes: true,
      encoding: 'latin1',
    })) {
      if (below === '' && entry.name === '.git') continue;
      const path = join(below, entry.name);
      const place = toSystem(join(root, path));
      const kind = kindOf(entry);
      if (kind === 'other' || (kind === 'file' && lstatSync(place).nlink > 1)) throw oddEntry('');
      if (kind === 'folder') folders.push(path);
      entries.push(place);
      if (entries.length > fewEntries) return null;
    }
  }
  return entries;
}

async function handOverMany(folder: string, { uid, gid }: CommandUser): Promise<void> {
  const code = await runScript(
    `cd -- "$1"
     odd=$(find . -path ./.git -prune -o '(' ! -type f ! -type d ! -type l -o -type f -links +1 ')' -printf odd -quit)
     [ -z "$odd" ] || exit ${oddCode}
     chown -h "$2" .
     exec find . -mindepth 1 -maxdepth 1 ! -name .git -exec chown -hR "$2" {} +`,
    [folder, `${uid}:${gid}`],
    [oddCode],
  );
  if (code === oddCode) throw oddEntry('');
}

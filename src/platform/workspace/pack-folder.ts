import { spawn } from 'node:child_process';
import { lstatSync, readdirSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { fromText, join, type RawPath, toSystem, toText } from './raw-path.ts';
import { kindOf } from './start-tree.ts';
import { oddEntry, tooMuchForSandbox } from './workspace-errors.ts';

const atOnce = 256;

/**
 * Every file, folder and link under `root` but `.git` at the root itself: a shared clone's history points at folders that
 * the sandbox does not have.
 * @throws WorkspaceTooLarge, WorkspaceUnfit
 */
export async function listFolder(
  root: string,
  most: { files: number; bytes: number },
  signal: AbortSignal,
): Promise<RawPath[]> {
  const paths: RawPath[] = [];
  const base = fromText(root);
  const folders: RawPath[] = [''];
  let bytes = 0;
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const place = toSystem(join(base, folder));
    for (const entry of readdirSync(place, { withFileTypes: true, encoding: 'latin1' })) {
      if (folder === '' && entry.name === '.git') continue;
      const path = join(folder, entry.name);
      const kind = kindOf(entry);
      if (kind === 'folder') folders.push(path);
      if (kind === 'other') throw oddEntry(toText(path));
      if (kind === 'file') {
        const { size, nlink } = lstatSync(toSystem(join(base, path)));
        if (nlink > 1) throw oddEntry(toText(path));
        bytes += size;
      }
      paths.push(path);
      if (paths.length > most.files || bytes > most.bytes) throw tooMuchForSandbox();
      if (paths.length % atOnce === 0) {
        await nextTurn();
        signal.throwIfAborted();
      }
    }
  }
  return paths;
}

/** Writes a tar of these entries to `target` and ends it. Links are packed as links. */
export async function packFolder(
  root: string,
  paths: readonly RawPath[],
  target: NodeJS.WritableStream,
  signal: AbortSignal,
): Promise<void> {
  const tar = spawn(
    'tar',
    ['--null', '--no-recursion', '--format=gnu', '-C', root, '-c', '-f', '-', '-T', '-'],
    {
      stdio: ['pipe', 'pipe', 'ignore'],
      env: { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C' },
      signal,
    },
  );
  const failed = new Promise<never>((_, reject) => tar.once('error', reject));
  failed.catch(() => undefined);
  // A name that begins with '-' would be read as an option.
  tar.stdin.on('error', () => undefined).end(toSystem(paths.map((path) => `./${path}\0`).join('')));
  await Promise.race([pipeline(tar.stdout, target, { signal }), failed]);
}

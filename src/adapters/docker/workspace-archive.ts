import { spawn } from 'node:child_process';
import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { WorkspaceTooLarge } from './sandbox-errors.ts';

/**
 * Regular files under `root`, as relative paths. Links, sockets and devices are left out, and so is `.git`: a shared
 * clone's history points at folders that the sandbox does not have.
 * @throws WorkspaceTooLarge
 */
export async function listWorkspace(
  root: string,
  most: { files: number; bytes: number },
  signal: AbortSignal,
): Promise<string[]> {
  const files: string[] = [];
  let bytes = 0;
  const folders = [''];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    signal.throwIfAborted();
    for (const entry of await readdir(path.join(root, folder), { withFileTypes: true })) {
      const file = path.join(folder, entry.name);
      if (entry.isDirectory() && file !== '.git') folders.push(file);
      if (!entry.isFile() || file === '.git') continue;
      files.push(file);
      bytes += (await lstat(path.join(root, file))).size;
      if (files.length > most.files || bytes > most.bytes) {
        throw new WorkspaceTooLarge(
          `The workspace has more than ${most.files} files or ${most.bytes} bytes.`,
          'Raise the limits of the sandbox, or leave generated files out of the repository.',
        );
      }
    }
  }
  return files;
}

/** Writes a tar of these files to `target` and ends it. Needs the `tar` of any Unix system. */
export async function packWorkspace(
  root: string,
  files: readonly string[],
  target: NodeJS.WritableStream,
  signal: AbortSignal,
): Promise<void> {
  const tar = spawn('tar', ['--null', '-C', root, '-c', '-f', '-', '-T', '-'], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C' },
    signal,
  });
  const failed = new Promise<never>((_, reject) => tar.once('error', reject));
  failed.catch(() => undefined);
  // A name that begins with '-' would be read as an option.
  tar.stdin.on('error', () => undefined).end(files.map((file) => `./${file}\0`).join(''));
  await Promise.race([pipeline(tar.stdout, target, { signal }), failed]);
}

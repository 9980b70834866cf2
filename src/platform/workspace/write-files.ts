import { pack as createPack } from 'tar-stream';
import { hasGitFolder, isInside } from './raw-path.ts';
import type { TarCell, WorkspaceBounds, WorkspaceFile } from './tar-cell.ts';
import { tooMuchForSandbox, WorkspaceBroken, WorkspaceUnfit } from './workspace-errors.ts';

export const workFolder = '/work';
/** In words that the smallest tar knows as well; as a user that is not root it makes all files its own. */
export const unpack = ['tar', '-x', '-p', '-f', '-', '-C', workFolder];

/**
 * Puts files into the workspace as the commands' user, inside: a link that commands made leads nowhere but where they may
 * write themselves.
 */
export async function writeFiles(
  cell: TarCell,
  files: readonly WorkspaceFile[],
  limits: WorkspaceBounds,
  signal: AbortSignal,
): Promise<void> {
  if (files.length === 0) return;
  let bytes = 0;
  for (const file of files) {
    if (!isInside(file.path) || hasGitFolder(file.path)) {
      throw new WorkspaceUnfit(
        `No file can be written to ${JSON.stringify(file.path.slice(0, 200))}.`,
        'Name a relative path inside the workspace, without ".." and outside of .git.',
      );
    }
    bytes += Buffer.byteLength(file.content);
  }
  if (bytes > limits.workBytes || files.length > limits.workFiles) throw tooMuchForSandbox();
  const { exitCode, errors } = await cell.exec(
    { argv: unpack, writeInput: (input) => pack(files, input, signal) },
    signal,
  );
  if (exitCode === 0) return;
  const cause = new Error(errors.trim());
  if (await isFull(cell, signal)) throw tooMuchForSandbox(cause);
  throw new WorkspaceUnfit(
    'The files could not be written into the workspace.',
    'A folder of the same name, or a file where a folder is needed, may be in the way.',
    { cause },
  );
}

async function pack(
  files: readonly WorkspaceFile[],
  input: NodeJS.WritableStream,
  signal: AbortSignal,
): Promise<void> {
  const tar = createPack();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const give = (): void => {
    signal.removeEventListener('abort', give);
    tar.destroy();
    reject(signal.reason);
  };
  signal.addEventListener('abort', give, { once: true });
  tar.on('error', reject);
  input.on('finish', resolve);
  input.on('close', resolve);
  input.on('error', reject);
  tar.pipe(input);
  const mtime = new Date();
  for (const { path, content, executable } of files) {
    tar.entry({ name: path, mode: executable === true ? 0o755 : 0o644, mtime }, Buffer.from(content));
  }
  tar.finalize();
  try {
    await promise;
  } finally {
    signal.removeEventListener('abort', give);
  }
}

/**
 * As the commands' user, whose files all of them are, after its commands have ended; also what nobody may read or list any
 * more.
 */
export async function emptyFolders(
  cell: TarCell,
  folders: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const script = `
    clear() { find "$1" -mindepth 1 -maxdepth 1 -exec rm -rf -- {} + 2>/dev/null; }
    for folder in "$@"; do
      clear "$folder" && continue
      find "$folder" -mindepth 1 -maxdepth 1 ! -type l -exec chmod -R u+rwX {} + 2>/dev/null
      clear "$folder"
      [ -z "$(find "$folder" -mindepth 1 -maxdepth 1 | head -n 1)" ] || exit 1
    done`;
  const { exitCode, errors } = await cell.exec({ argv: ['/bin/sh', '-c', script, 'sh', ...folders] }, signal);
  if (exitCode === 0) return;
  throw new WorkspaceBroken('A sandbox could not be emptied.', 'It is closed, and another one opened.', {
    cause: new Error(errors.trim()),
  });
}

/** Whether there is room for no other byte or file. */
async function isFull(cell: TarCell, signal: AbortSignal): Promise<boolean> {
  let output = '';
  const onOutput = (chunk: Buffer): void => {
    output += chunk.toString('latin1').slice(0, 100);
  };
  const { exitCode } = await cell.exec({ argv: ['stat', '-f', '-c', '%a %d', workFolder], onOutput }, signal);
  const [blocks = NaN, inodes = NaN] = output.trim().split(' ').map(Number);
  return exitCode === 0 && (blocks === 0 || inodes === 0);
}

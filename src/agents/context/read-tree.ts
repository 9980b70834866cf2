import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { classifyFile, type FileClass } from '../../analysis/culprits/classify-file.ts';
import { compareText, type LeftOut } from './allot.ts';

export interface TreeFile {
  readonly path: string;
  readonly kind: FileClass;
  readonly text: string;
}

export interface Tree {
  /** Text files in order of their paths. */
  readonly files: readonly TreeFile[];
  readonly leftOut: readonly LeftOut[];
}

const foreign = new Set(['.git', 'node_modules', 'vendor', 'third_party', '.venv', '__pycache__']);
const fileBytes = 600_000;
const treeBytes = 150_000_000;
const atOnce = 48;

/** Every text file of a checked-out tree; links are not followed, and what is not read is said. */
export async function readTree(root: string, signal: AbortSignal): Promise<Tree> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name).slice(root.length).replaceAll('\\', '/').replace(/^\/+/, ''),
    )
    .toSorted(compareText);
  const files: TreeFile[] = [];
  const leftOut: LeftOut[] = [];
  const leave = (path: string, why: string): void =>
    void leftOut.push({ key: path, title: path, tokens: 0, why });
  let total = 0;

  async function read(path: string): Promise<TreeFile | string> {
    const part = path.split('/').find((one) => foreign.has(one));
    if (part !== undefined) return `in ${part}: not the service’s own`;
    const kind = classifyFile(path);
    if (kind === 'lockfile') return 'a lockfile: its versions are in the list of libraries';
    const { size } = await lstat(join(root, path));
    if (size > fileBytes) return `larger than ${fileBytes / 1000} kB`;
    const bytes = await readFile(join(root, path));
    if (bytes.includes(0)) return 'not text';
    return { path, kind, text: bytes.toString('utf8') };
  }

  for (let at = 0; at < paths.length; at += atOnce) {
    signal.throwIfAborted();
    const batch = paths.slice(at, at + atOnce);
    const answers = await Promise.all(batch.map(read));
    for (const [index, answer] of answers.entries()) {
      const path = batch[index] ?? '';
      if (typeof answer === 'string') leave(path, answer);
      else if (total + answer.text.length > treeBytes) leave(path, 'the repository is larger than is read');
      else {
        total += answer.text.length;
        files.push(answer);
      }
    }
  }
  return { files, leftOut };
}

/** The few files beside the tree that say which versions are in use. */
export async function readLockfile(root: string): Promise<string | null> {
  try {
    const path = join(root, 'package-lock.json');
    return (await lstat(path)).isFile() ? await readFile(path, 'utf8') : null;
  } catch {
    return null;
  }
}

import { closeSync, constants, fstatSync, lstatSync, openSync, readdirSync, readlinkSync } from 'node:fs';
import { join, type RawPath, toSystem } from './raw-path.ts';
import type { Turns } from './turns.ts';

export type EntryKind = 'file' | 'folder' | 'link' | 'other';

/**
 * The folder that a workspace began with, as commands saw it: without `.git` at its root. No link in it is ever followed:
 * a path that leads through one is not there. Read on demand, each folder once.
 */
export class StartTree {
  readonly #root: RawPath;
  readonly #folders = new Map<RawPath, ReadonlyMap<RawPath, EntryKind>>();

  constructor(folder: string) {
    this.#root = Buffer.from(folder, 'utf8').toString('latin1');
  }

  kindOf(path: RawPath): EntryKind | undefined {
    const cut = path.lastIndexOf('/');
    return this.list(path.slice(0, Math.max(cut, 0)))?.get(path.slice(cut + 1));
  }

  /** Undefined when there is no such folder. */
  list(folder: RawPath): ReadonlyMap<RawPath, EntryKind> | undefined {
    const known = this.#folders.get(folder);
    if (known !== undefined) return known;
    if (folder !== '' && this.kindOf(folder) !== 'folder') return undefined;
    const entries = new Map<RawPath, EntryKind>();
    for (const entry of readdirSync(this.#place(folder), { withFileTypes: true, encoding: 'latin1' })) {
      if (folder === '' && entry.name === '.git') continue;
      entries.set(entry.name, kindOf(entry));
    }
    this.#folders.set(folder, entries);
    return entries;
  }

  /** Every file and link below, and at, a path. */
  async *contentsOf(path: RawPath, turns: Turns): AsyncGenerator<RawPath> {
    const left: { path: RawPath; kind: EntryKind | undefined }[] = [
      { path, kind: path === '' ? 'folder' : this.kindOf(path) },
    ];
    for (let next = left.pop(); next !== undefined; next = left.pop()) {
      if (turns.isOver) await turns.next();
      if (next.kind === 'file' || next.kind === 'link') yield next.path;
      if (next.kind !== 'folder') continue;
      for (const [name, kind] of this.list(next.path) ?? []) left.push({ path: join(next.path, name), kind });
    }
  }

  /** Of a file. */
  stat(path: RawPath): { size: number; executable: boolean } {
    const { size, mode } = lstatSync(this.#place(path));
    return { size, executable: isExecutable(mode) };
  }

  /** A file for reading; the caller closes it. */
  open(path: RawPath): number {
    const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
    const file = openSync(this.#place(path), flags);
    if (fstatSync(file).isFile()) return file;
    closeSync(file);
    throw new TypeError('the folder that was handed over has changed');
  }

  targetOf(link: RawPath): RawPath {
    return readlinkSync(this.#place(link), 'latin1');
  }

  #place(path: RawPath): Buffer {
    return toSystem(join(this.#root, path));
  }
}

export function kindOf(entry: {
  isFile(): boolean;
  isDirectory(): boolean;
  isSymbolicLink(): boolean;
}): EntryKind {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'folder';
  return entry.isSymbolicLink() ? 'link' : 'other';
}

/** As git sees it. */
export function isExecutable(mode: number): boolean {
  return (mode & 0o100) !== 0;
}

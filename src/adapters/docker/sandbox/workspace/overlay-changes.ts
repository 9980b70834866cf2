import { closeSync, constants, fstatSync, openSync, readdirSync, readlinkSync, readSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { ChangeList } from '../../../../platform/workspace/change-list.ts';
import { join, type RawPath, toSystem } from '../../../../platform/workspace/raw-path.ts';
import {
  type EntryKind,
  isExecutable,
  kindOf,
  type StartTree,
} from '../../../../platform/workspace/start-tree.ts';
import type { WorkspaceChanges } from '../../../../ports/sandbox.ts';

/** Folders in folders beyond this are not looked into: each is an open file of ours. */
const depthMost = 128;
/** Entries between two turns of the event loop. */
const atOnce = 64;

interface Level {
  readonly path: RawPath;
  /** The folder as commands see it. */
  readonly merged: number;
  /** The same folder in every layer that has it: what is in none of them is as it was. */
  readonly layers: readonly number[];
  readonly depth: number;
}

/**
 * What the layers above the start changed. Whiteouts and opaque folders need not be told apart: what is missing from the
 * merged folder and was there at the start is gone. Every step is taken from an open folder and never through a link, so
 * that even somebody who swaps entries meanwhile leads us nowhere.
 */
export async function readOverlayChanges(
  start: StartTree,
  folders: { merged: string; layers: readonly string[] },
  most: { files: number; bytes: number },
  signal: AbortSignal,
): Promise<WorkspaceChanges> {
  const list = new ChangeList(start, most);
  let seen = 0;

  async function walk(level: Level): Promise<void> {
    const touched = new Set<RawPath>();
    for (const layer of level.layers) {
      for (const name of readdirSync(inFolder(layer), 'latin1')) touched.add(name);
    }
    const merged = new Map<RawPath, EntryKind>();
    for (const entry of readdirSync(inFolder(level.merged), { withFileTypes: true, encoding: 'latin1' })) {
      merged.set(entry.name, kindOf(entry));
    }
    for (const name of start.list(level.path)?.keys() ?? []) {
      if (!merged.has(name)) list.addMissing(join(level.path, name));
    }
    for (const [name, kind] of merged) {
      if (!touched.has(name)) continue;
      seen += 1;
      if (seen % atOnce === 0) {
        await nextTurn();
        signal.throwIfAborted();
      }
      await look(level, name, kind);
    }
  }

  async function look(level: Level, name: RawPath, kind: EntryKind): Promise<void> {
    const path = join(level.path, name);
    const before = start.kindOf(path);
    switch (kind) {
      case 'file':
        if (before === 'folder') list.addMissing(path);
        addFile(level, name, path);
        break;
      case 'folder':
        if (before !== undefined && before !== 'folder') list.addMissing(path);
        if (level.depth < depthMost) await enter(level, name, path);
        else list.refuseFolder(path);
        break;
      case 'link':
        list.addOther(path, kind, readlinkSync(inFolder(level.merged, name), 'latin1'));
        break;
      case 'other':
        list.addOther(path, kind);
        break;
      default:
        kind satisfies never;
    }
  }

  function addFile(level: Level, name: RawPath, path: RawPath): void {
    const file = open(level.merged, name, constants.O_NONBLOCK);
    if (file === undefined) {
      list.addOther(path, 'other');
      return;
    }
    try {
      const { size, mode } = fstatSync(file);
      if (!fstatSync(file).isFile()) list.addOther(path, 'other');
      else list.addFile(path, { size, executable: isExecutable(mode) }, () => readAll(file, size));
    } finally {
      closeSync(file);
    }
  }

  async function enter(level: Level, name: RawPath, path: RawPath): Promise<void> {
    const merged = open(level.merged, name, constants.O_DIRECTORY);
    if (merged === undefined) {
      list.addOther(path, 'other');
      return;
    }
    const layers: number[] = [];
    try {
      for (const layer of level.layers) {
        const same = open(layer, name, constants.O_DIRECTORY);
        if (same !== undefined) layers.push(same);
      }
      await walk({ path, merged, layers, depth: level.depth + 1 });
    } finally {
      for (const folder of [merged, ...layers]) closeSync(folder);
    }
  }

  const roots: number[] = [];
  try {
    for (const folder of [folders.merged, ...folders.layers]) {
      roots.push(openSync(folder, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW));
    }
    const [merged = -1, ...layers] = roots;
    await walk({ path: '', merged, layers, depth: 0 });
    return list.finish();
  } finally {
    for (const root of roots) closeSync(root);
  }
}

/** A path that begins at an open folder, whatever has become of its name. */
function inFolder(folder: number, name: RawPath = ''): Buffer {
  return toSystem(join(`/proc/self/fd/${folder}`, name === '' ? '.' : name));
}

/** Undefined when it is not there, or not what is asked for; a link is never followed, a pipe never waited for. */
function open(folder: number, name: RawPath, flags: number): number | undefined {
  try {
    return openSync(inFolder(folder, name), constants.O_RDONLY | constants.O_NOFOLLOW | flags);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP' || code === 'ENXIO') return undefined;
    throw error;
  }
}

/** At most what its size was; a file that shrinks meanwhile is shorter. */
function readAll(file: number, size: number): Buffer {
  const content = Buffer.allocUnsafe(size);
  let filled = 0;
  while (filled < size) {
    const count = readSync(file, content, filled, size - filled, filled);
    if (count === 0) break;
    filled += count;
  }
  return content.subarray(0, filled);
}

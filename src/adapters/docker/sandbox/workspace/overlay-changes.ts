import { closeSync, constants, type Dirent, fstatSync, opendirSync, openSync, readlinkSync } from 'node:fs';
import { ChangeList } from '../../../../platform/workspace/change-list.ts';
import { join, type RawPath, toSystem } from '../../../../platform/workspace/raw-path.ts';
import { partsOf } from '../../../../platform/workspace/read-part.ts';
import {
  type EntryKind,
  isExecutable,
  kindOf,
  type StartTree,
} from '../../../../platform/workspace/start-tree.ts';
import { Turns } from '../../../../platform/workspace/turns.ts';
import type { WorkspaceChanges } from '../../../../ports/sandbox.ts';

/** Folders in folders beyond this are not looked into: each is an open file of ours. */
const depthMost = 128;
/** What fits into a layer of a usual sandbox; holes in files take no room there. */
const usualComparedBytes = 256 * 1024 * 1024;

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
 * that even somebody who swaps entries meanwhile leads us nowhere. Commands stand still until it ends, by the bounds or by
 * the signal.
 * @param comparedBytes of all files together that are as large as they were at the start
 * @throws WorkspaceTooLarge
 */
export async function readOverlayChanges(
  start: StartTree,
  folders: { merged: string; layers: readonly string[] },
  most: { files: number; bytes: number },
  signal: AbortSignal,
  comparedBytes = usualComparedBytes,
): Promise<WorkspaceChanges> {
  const turns = new Turns(signal);
  const list = new ChangeList(start, most, { turns, comparedBytes });

  async function eachEntry(folder: number, see: (entry: Dirent) => void): Promise<void> {
    const entries = opendirSync(inFolder(folder).toString('latin1'), { encoding: 'latin1' });
    try {
      for (let entry = entries.readSync(); entry !== null; entry = entries.readSync()) {
        see(entry);
        if (turns.isOver) await turns.next();
      }
    } finally {
      entries.closeSync();
    }
  }

  async function walk(level: Level): Promise<void> {
    const touched = new Set<RawPath>();
    for (const layer of level.layers) {
      await eachEntry(layer, ({ name }) => touched.add(name));
    }
    const merged = new Map<RawPath, EntryKind>();
    await eachEntry(level.merged, (entry) => merged.set(entry.name, kindOf(entry)));
    for (const name of start.list(level.path)?.keys() ?? []) {
      if (!merged.has(name)) await list.addMissing(join(level.path, name));
    }
    for (const [name, kind] of merged) {
      if (!touched.has(name)) continue;
      if (turns.isOver) await turns.next();
      await look(level, name, kind);
    }
  }

  async function look(level: Level, name: RawPath, kind: EntryKind): Promise<void> {
    const path = join(level.path, name);
    const before = start.kindOf(path);
    switch (kind) {
      case 'file':
        if (before === 'folder') await list.addMissing(path);
        await addFile(level, name, path);
        break;
      case 'folder':
        if (before !== undefined && before !== 'folder') await list.addMissing(path);
        if (level.depth < depthMost) await enter(level, name, path);
        else list.refuseFolder(path);
        break;
      case 'link':
        await list.addOther(path, kind, readlinkSync(inFolder(level.merged, name), 'latin1'));
        break;
      case 'other':
        await list.addOther(path, kind);
        break;
      default:
        kind satisfies never;
    }
  }

  async function addFile(level: Level, name: RawPath, path: RawPath): Promise<void> {
    const file = open(level.merged, name, constants.O_NONBLOCK);
    if (file === undefined) {
      await list.addOther(path, 'other');
      return;
    }
    try {
      const { size, mode } = fstatSync(file);
      if (!fstatSync(file).isFile()) await list.addOther(path, 'other');
      else await list.addFile(path, { size, executable: isExecutable(mode) }, partsOf(file, size));
    } finally {
      closeSync(file);
    }
  }

  async function enter(level: Level, name: RawPath, path: RawPath): Promise<void> {
    const merged = open(level.merged, name, constants.O_DIRECTORY);
    if (merged === undefined) {
      await list.addOther(path, 'other');
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

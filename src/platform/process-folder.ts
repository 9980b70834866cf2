import { lstatSync, mkdirSync, readdirSync, readlinkSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { WarroomError } from './errors.ts';
import { isRunning, ownProcess } from './process-identity.ts';

/** Longer than anything is kept: what nobody here can say of whether its owner is alive. */
const strangerMs = 24 * 3600_000;

export class FolderNotOurs extends WarroomError {
  readonly code = 'folder_not_ours';
}

/**
 * A folder below `root` for what this process alone needs, named for the process: so folder and proof of its owner come
 * into being in one step, and any later process can tell what is left of a dead one. It need not exist yet.
 */
export function ownProcessFolder(root: string): string {
  const { pid, startedAt } = ownProcess();
  return path.join(root, [hostname(), processNamespace(), pid, startedAt].join('~'));
}

/**
 * Makes the root that processes put their folders in, for this user alone.
 * @throws FolderNotOurs when somebody else made it first
 */
export function makeProcessRoot(root: string): void {
  mkdirSync(root, { recursive: true, mode: 0o700 });
  const found = lstatSync(root);
  const uid = process.getuid?.() ?? found.uid;
  if (found.isDirectory() && found.uid === uid) return;
  throw new FolderNotOurs(
    `${root} belongs to somebody else.`,
    'Remove it, or find out who made it: another user of this machine could read and change what is kept there.',
  );
}

/** Full paths of the folders whose process is dead. Those of other machines count as such when untouched for a day. */
export function deadProcessFolders(root: string): string[] {
  let names: string[];
  try {
    names = readdirSync(root);
  } catch {
    return [];
  }
  return names.filter((name) => isDead(name, path.join(root, name))).map((name) => path.join(root, name));
}

function isDead(name: string, folder: string): boolean {
  const [host = '', namespace = '', pid = '', startedAt = ''] = name.split('~');
  if (startedAt === '') return false;
  // A process id means something on its machine and in its namespace only.
  if (host === hostname() && namespace === processNamespace()) {
    return !isRunning({ pid: Number(pid), startedAt });
  }
  const touched = statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return Date.now() - touched > strangerMs;
}

function processNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid').replaceAll(/\D/g, '');
  } catch {
    return 'none';
  }
}

import { readFile, statfs } from 'node:fs/promises';

export interface Watermarks {
  /** Free bytes below which nothing new is opened. */
  readonly diskBytes: number;
  /** Available memory below which nothing new is opened. */
  readonly memoryBytes: number;
}

/** What is in the way of a sandbox, and what a person can do. */
export interface Obstacle {
  readonly message: string;
  readonly hint: string;
}

const mib = 1024 * 1024;

/** Below these the machine itself is in danger, and with it whoever else uses it. */
export const defaultWatermarks: Watermarks = { diskBytes: 1024 * mib, memoryBytes: 512 * mib };

/** Folders of this machine that fill up by what sandboxes do, and what a person calls them. */
export type WatchedFolders = Readonly<Record<string, string>>;

/** Why this machine has no room for a sandbox; null when it has. What cannot be read says nothing. */
export async function readShortage(
  folders: WatchedFolders,
  { diskBytes, memoryBytes }: Watermarks,
): Promise<Obstacle | null> {
  for (const [name, folder] of Object.entries(folders)) {
    const free = await freeBytes(folder);
    if (free !== null && free < diskBytes) {
      return {
        message: `The disk of ${name} (${folder}) is nearly full: ${inMegabytes(free)} are free and ${inMegabytes(diskBytes)} are needed, so no code can be run.`,
        hint: 'Make room there: df -h, docker system df.',
      };
    }
  }
  const available = await availableMemory();
  if (available !== null && available < memoryBytes) {
    return {
      message: `The machine is short of memory: ${inMegabytes(available)} are available and ${inMegabytes(memoryBytes)} are needed, so no code can be run.`,
      hint: 'It goes on by itself when there is more: free -m.',
    };
  }
  return null;
}

async function freeBytes(folder: string): Promise<number | null> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch {
    // Another machine's folder, or not made yet.
    return null;
  }
}

/** Null on a system that does not tell. */
export async function availableMemory(): Promise<number | null> {
  const text = await readFile('/proc/meminfo', 'utf8').catch(() => '');
  const kilobytes = /^MemAvailable:\s+(\d+) kB$/m.exec(text)?.[1];
  return kilobytes === undefined ? null : Number(kilobytes) * 1024;
}

function inMegabytes(bytes: number): string {
  return `${Math.floor(bytes / mib)} MB`;
}

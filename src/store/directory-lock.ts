import { randomUUID } from 'node:crypto';
import { linkSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { RecordInUse } from './record-errors.ts';

const Holder = z.object({ pid: z.number().int(), startedAt: z.string() });
type Holder = z.infer<typeof Holder>;

const takeoverMaxMs = 10_000;

/**
 * Takes `file` for this process. PGlite itself lets two processes open one folder, and rows of one of them then vanish.
 * A holder that died (or whose process id now belongs to another process) is replaced.
 * @returns the release
 * @throws RecordInUse while another process, or this one, holds it
 */
export function lockDirectory(file: string): () => void {
  const own: Holder = { pid: process.pid, startedAt: processStart(process.pid) ?? new Date().toISOString() };
  if (!create(file, own)) {
    const guard = `${file}.takeover`;
    // Two processes that both find a dead holder must not both replace it.
    if (!create(guard, own)) {
      if (ageMs(guard) < takeoverMaxMs) throw inUse(read(guard) ?? own, file);
      rmSync(guard, { force: true });
      if (!create(guard, own)) throw inUse(read(guard) ?? own, file);
    }
    try {
      const holder = read(file);
      if (holder !== undefined && isAlive(holder)) throw inUse(holder, file);
      rmSync(file, { force: true });
      if (!create(file, own)) throw inUse(read(file) ?? own, file);
    } finally {
      rmSync(guard, { force: true });
    }
  }
  return () => {
    const holder = read(file);
    if (holder?.pid === own.pid && holder.startedAt === own.startedAt) rmSync(file, { force: true });
  };
}

function inUse(holder: Holder, file: string): RecordInUse {
  return new RecordInUse(
    holder.pid === process.pid
      ? 'This process has already opened the embedded database.'
      : `Process ${holder.pid} has the embedded database open.`,
    `Stop it first (${file} names it), or set DATABASE_URL: only a PostgreSQL server can be shared by several processes.`,
  );
}

/** Content and name appear at once, so nobody ever reads half a lock. */
function create(file: string, holder: Holder): boolean {
  const draft = `${file}.${randomUUID()}`;
  writeFileSync(draft, JSON.stringify(holder));
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

function read(file: string): Holder | undefined {
  try {
    return Holder.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return undefined; // gone, or not ours: nobody alive wrote it
  }
}

function ageMs(file: string): number {
  return Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0);
}

function isAlive(holder: Holder): boolean {
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false;
  }
  // The system gives ids of dead processes to new ones; a container's first process always has the same id.
  const startedAt = processStart(holder.pid);
  return startedAt === undefined || startedAt === holder.startedAt;
}

/** When a process began, in the system's own ticks after boot plus the boot's id; undefined where the system does not tell. */
function processStart(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command in brackets may itself contain spaces and brackets; field 22 counts from the last one.
    const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${ticks}`;
  } catch {
    return undefined;
  }
}

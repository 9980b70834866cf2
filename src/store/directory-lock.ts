import { randomUUID } from 'node:crypto';
import { linkSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { isRunning, ownProcess, type ProcessIdentity } from '../platform/process-identity.ts';
import { RecordInUse } from './record-errors.ts';

const Holder = z.object({ pid: z.number().int(), startedAt: z.string() });

const takeoverMaxMs = 10_000;

/**
 * Takes `file` for this process. PGlite itself lets two processes open one folder, and rows of one of them then vanish.
 * A holder that died (or whose process id now belongs to another process) is replaced.
 * @returns the release
 * @throws RecordInUse while another process, or this one, holds it
 */
export function lockDirectory(file: string): () => void {
  const own = ownProcess();
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
      if (holder !== undefined && isRunning(holder)) throw inUse(holder, file);
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

/** The process that has `file` now, if one does. */
export function runningHolder(file: string): ProcessIdentity | undefined {
  const holder = read(file);
  return holder !== undefined && isRunning(holder) ? holder : undefined;
}

function inUse(holder: ProcessIdentity, file: string): RecordInUse {
  return new RecordInUse(
    holder.pid === process.pid
      ? 'This process has already opened the embedded database.'
      : `Process ${holder.pid} has the embedded database open.`,
    `Stop it first (${file} names it), or set DATABASE_URL: only a PostgreSQL server can be shared by several processes.`,
  );
}

/** Content and name appear at once, so nobody ever reads half a lock. */
function create(file: string, holder: ProcessIdentity): boolean {
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

function read(file: string): ProcessIdentity | undefined {
  try {
    return Holder.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return undefined; // gone, or not ours: nobody alive wrote it
  }
}

function ageMs(file: string): number {
  return Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0);
}

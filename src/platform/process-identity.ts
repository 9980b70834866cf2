import { readFileSync } from 'node:fs';

/** A process that other processes of this machine can tell from a later one with the same id. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Opaque; compared only with what the same machine says later. */
  readonly startedAt: string;
}

export function ownProcess(): ProcessIdentity {
  return { pid: process.pid, startedAt: startOf(process.pid) ?? 'unknown' };
}

/**
 * The system gives ids of dead processes to new ones, and a container's first process always has the same id; so the
 * moment of the start must agree too. Where the system does not tell it, the id alone decides.
 */
export function isRunning(identity: ProcessIdentity): boolean {
  try {
    process.kill(identity.pid, 0);
  } catch (error) {
    // EPERM: it runs, as somebody else.
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false;
  }
  const startedAt = startOf(identity.pid);
  return startedAt === undefined || startedAt === identity.startedAt;
}

/** The boot's id and the clock ticks since then, or undefined on a system without /proc. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command in brackets may itself contain spaces and brackets; the start is field 22.
    const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}-${ticks}`;
  } catch {
    return undefined;
  }
}

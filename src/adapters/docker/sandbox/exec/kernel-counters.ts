import type { ResidentRunner } from './resident-runner.ts';

/** What the kernel has counted in a container since it was made. */
export interface KernelCounters {
  /** Processes that were killed for want of memory. */
  readonly oomKills: number;
  /** Processes that were refused because the container had its most. */
  readonly pidsRefused: number;
  /** The most that there ever were at once; 0 where the kernel does not say (before 6.11). */
  readonly pidsPeak: number;
  /** Processes and threads right now. */
  readonly pidsNow: number;
}

export const noCounters: KernelCounters = { oomKills: 0, pidsRefused: 0, pidsPeak: 0, pidsNow: 0 };

/** Of both layouts, version 1 first; what is not there is passed over. Nothing but what the shell has in itself. */
const script = `
for file in memory/memory.oom_control memory.events pids/pids.events pids.events pids/pids.peak pids.peak \\
  pids/pids.current pids.current; do
  [ -r "/sys/fs/cgroup/$file" ] && while read -r key value; do echo "$file $key $value"; done < "/sys/fs/cgroup/$file"
done`;

/** @throws SandboxLost, SandboxUnavailable */
export async function readKernelCounters(
  runner: ResidentRunner,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<KernelCounters | null> {
  const { reason, output } = await runner.run(script, { timeoutMs, outputBytes: 4096 }, signal);
  return reason === 'exit' ? parseKernelCounters(output) : null;
}

/** Exported for its test: no machine has both layouts. */
export function parseKernelCounters(output: string): KernelCounters {
  const read = (pattern: RegExp): number => Number(pattern.exec(output)?.[1] ?? 0);
  return {
    oomKills: read(/^memory\S* oom_kill (\d+)/m),
    pidsRefused: read(/^(?:pids\/)?pids\.events max (\d+)/m),
    pidsPeak: read(/^(?:pids\/)?pids\.peak (\d+)/m),
    pidsNow: read(/^(?:pids\/)?pids\.current (\d+)/m),
  };
}

/** What the kernel has counted in a container since it was made. */
export interface KernelCounters {
  /** Processes that were killed for want of memory. */
  readonly oomKills: number;
  /** Processes that were refused because the pod had its most. */
  readonly pidsRefused: number;
  /** The most that there ever were at once; 0 where the kernel does not say (before 6.11). */
  readonly pidsPeak: number;
  /** Processes and threads right now. */
  readonly pidsNow: number;
}

/** Of both layouts, version 1 first; what is not there is passed over. Nothing but what the shell has in itself. */
export const countersScript = `
for file in memory/memory.oom_control memory.events pids/pids.events pids.events pids/pids.peak \\
  pids.peak pids/pids.current pids.current; do
  [ -r "/sys/fs/cgroup/$file" ] && while read -r key value; do echo "$file $key $value"; done < "/sys/fs/cgroup/$file"
done; exit 0`;

export function parseKernelCounters(output: string): KernelCounters {
  const read = (pattern: RegExp): number => Number(pattern.exec(output)?.[1] ?? 0);
  return {
    oomKills: read(/^memory\S* oom_kill (\d+)/m),
    pidsRefused: read(/^(?:pids\/)?pids\.events max (\d+)/m),
    pidsPeak: read(/^(?:pids\/)?pids\.peak (\d+)/m),
    pidsNow: read(/^(?:pids\/)?pids\.current (\d+)/m),
  };
}

export const noCounters: KernelCounters = { oomKills: 0, pidsRefused: 0, pidsPeak: 0, pidsNow: 0 };

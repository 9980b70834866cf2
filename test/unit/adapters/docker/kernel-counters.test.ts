import { describe, expect, it } from 'vitest';
import { parseKernelCounters } from '../../../../src/adapters/docker/sandbox/exec/kernel-counters.ts';

describe('what the kernel has counted', () => {
  it('is read in the first layout', () => {
    const output = `memory/memory.oom_control oom_kill_disable 0
memory/memory.oom_control under_oom 0
memory/memory.oom_control oom_kill 3
pids/pids.events max 7
pids/pids.peak 96\u0020
pids/pids.current 12\u0020
`;

    expect(parseKernelCounters(output)).toEqual({ oomKills: 3, pidsRefused: 7, pidsPeak: 96, pidsNow: 12 });
  });

  it('is read in the second layout', () => {
    const output = `memory.events low 0
memory.events max 40
memory.events oom 2
memory.events oom_kill 2
memory.events oom_group_kill 0
pids.events max 5
pids.peak 64
pids.current 4
`;

    expect(parseKernelCounters(output)).toEqual({ oomKills: 2, pidsRefused: 5, pidsPeak: 64, pidsNow: 4 });
  });

  it('is nothing where the kernel does not say', () => {
    expect(parseKernelCounters('')).toEqual({ oomKills: 0, pidsRefused: 0, pidsPeak: 0, pidsNow: 0 });
  });
});

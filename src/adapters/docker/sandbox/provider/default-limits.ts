import type { SandboxLimits } from '../limits.ts';

const mib = 1024 * 1024;

/** Both tmpfs count as the container's memory, so they stay well under it. */
export const defaultLimits: SandboxLimits = {
  memoryBytes: 768 * mib,
  cpus: 1,
  pids: 256,
  commandPids: 224,
  workBytes: 256 * mib,
  workFiles: 40_000,
  tmpBytes: 128 * mib,
  tmpFiles: 10_000,
  fileBytes: 128 * mib,
  openFiles: 1024,
  lifetimeMs: 30 * 60_000,
};

/** For a PostgreSQL with some hundred megabytes of made-up rows, which are in memory too: its files are of 1 GB at most. */
export const replicaLimits: SandboxLimits = {
  memoryBytes: 1536 * mib,
  cpus: 2,
  pids: 128,
  commandPids: 96,
  workBytes: 1024 * mib,
  workFiles: 20_000,
  tmpBytes: 32 * mib,
  tmpFiles: 1_000,
  fileBytes: 1024 * mib,
  openFiles: 1024,
  lifetimeMs: 5 * 60_000,
};

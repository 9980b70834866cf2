export interface PodLimits {
  /** Limit and request. What is in the workspace and in /tmp counts as well. */
  readonly memoryBytes: number;
  readonly cpus: number;
  /**
   * Processes and threads of one command together (RLIMIT_NPROC of the pod's user). Must be below the kubelet's
   * `podPidsLimit`, which no pod can set for itself, or a fork flood takes the whole pod down.
   */
  readonly commandPids: number;
  readonly workBytes: number;
  /** Of the folder that is handed over. Kubernetes cannot bound how many files commands make. */
  readonly workFiles: number;
  readonly tmpBytes: number;
  readonly fileBytes: number;
  readonly openFiles: number;
  /** After this the cluster itself ends the pod, whoever has forgotten it. */
  readonly lifetimeMs: number;
}

const mib = 1024 * 1024;

export const defaultPodLimits: PodLimits = {
  memoryBytes: 768 * mib,
  cpus: 1,
  commandPids: 256,
  workBytes: 256 * mib,
  workFiles: 40_000,
  tmpBytes: 128 * mib,
  fileBytes: 128 * mib,
  openFiles: 1024,
  lifetimeMs: 30 * 60_000,
};

/** For a PostgreSQL with some hundred megabytes of made-up rows, which are in memory too: its files are of 1 GB at most. */
export const replicaPodLimits: PodLimits = {
  memoryBytes: 1536 * mib,
  cpus: 2,
  commandPids: 112,
  workBytes: 1024 * mib,
  workFiles: 20_000,
  tmpBytes: 32 * mib,
  fileBytes: 1024 * mib,
  openFiles: 1024,
  lifetimeMs: 5 * 60_000,
};

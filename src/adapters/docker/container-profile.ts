import type { ContainerCreateOptions } from 'dockerode';
import type { SandboxSpec } from '../../ports/sandbox.ts';

/** Keeps the container alive and sweeps inside it. */
export const keeperUser = '10000:10001';
/** Runs what nobody trusts. Another user than the keeper, so that all its processes can be killed at once and the container lives. */
export const commandUser = '10001:10001';
export const workFolder = '/work';

export interface SandboxLimits {
  readonly memoryBytes: number;
  readonly cpus: number;
  /** Processes and threads together; one Node process has about eleven. */
  readonly pids: number;
  readonly workBytes: number;
  readonly workFiles: number;
  readonly tmpBytes: number;
  readonly tmpFiles: number;
  readonly fileBytes: number;
  readonly openFiles: number;
  /** After this the container ends by itself, whoever has forgotten it. */
  readonly lifetimeMs: number;
}

const mib = 1024 * 1024;

/** Both tmpfs count as the container's memory, so they stay well under it. */
export const defaultLimits: SandboxLimits = {
  memoryBytes: 768 * mib,
  cpus: 1,
  pids: 256,
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
  workBytes: 1024 * mib,
  workFiles: 20_000,
  tmpBytes: 32 * mib,
  tmpFiles: 1_000,
  fileBytes: 1024 * mib,
  openFiles: 1024,
  lifetimeMs: 5 * 60_000,
};

/** Nothing of the host's environment goes in. */
export const commandEnvironment = [
  'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  'HOME=/tmp',
  'TMPDIR=/tmp',
  'LANG=C.UTF-8',
  'CI=1',
  'NODE_ENV=test',
];

/** What the container may do: as little as code and its tests can run with. */
export function containerProfile(request: {
  image: string;
  limits: SandboxLimits;
  labels: Readonly<Record<string, string>>;
  runtime: string | undefined;
}): ContainerCreateOptions {
  const { image, limits, labels, runtime } = request;
  return {
    Image: image,
    User: keeperUser,
    Entrypoint: [],
    Cmd: ['sleep', String(Math.ceil(limits.lifetimeMs / 1000))],
    Env: [],
    WorkingDir: workFolder,
    Hostname: 'sandbox',
    Labels: { ...labels },
    NetworkDisabled: true,
    HostConfig: {
      NetworkMode: 'none',
      ReadonlyRootfs: true,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      Privileged: false,
      PidsLimit: limits.pids,
      Memory: limits.memoryBytes,
      MemorySwap: limits.memoryBytes,
      NanoCpus: Math.round(limits.cpus * 1e9),
      Ulimits: [
        { Name: 'nofile', Soft: limits.openFiles, Hard: limits.openFiles },
        { Name: 'core', Soft: 0, Hard: 0 },
        { Name: 'fsize', Soft: limits.fileBytes, Hard: limits.fileBytes },
      ],
      Tmpfs: {
        [workFolder]: tmpfs(limits.workBytes, limits.workFiles, 'exec,mode=0750'),
        '/tmp': tmpfs(limits.tmpBytes, limits.tmpFiles, 'exec,mode=0770'),
      },
      IpcMode: 'none',
      Init: true,
      AutoRemove: true,
      LogConfig: { Type: 'none', Config: {} },
      RestartPolicy: { Name: 'no' },
      ...(runtime === undefined ? {} : { Runtime: runtime }),
    },
  };
}

function tmpfs(bytes: number, files: number, more: string): string {
  return `rw,nosuid,nodev,size=${bytes},nr_inodes=${files},uid=10001,gid=10001,${more}`;
}

const prefix = 'dev.warroom.sandbox';

export const sandboxLabels = {
  mark: prefix,
  ownerHost: `${prefix}.owner-host`,
  ownerPid: `${prefix}.owner-pid`,
  ownerStart: `${prefix}.owner-start`,
  expires: `${prefix}.expires`,
  incident: `${prefix}.incident`,
  service: `${prefix}.service`,
} as const;

export function labelsFor(
  spec: SandboxSpec,
  owner: { host: string; pid: number; startedAt: string },
  expires: Date,
): Record<string, string> {
  return {
    [sandboxLabels.mark]: '1',
    [sandboxLabels.ownerHost]: owner.host,
    [sandboxLabels.ownerPid]: String(owner.pid),
    [sandboxLabels.ownerStart]: owner.startedAt,
    [sandboxLabels.expires]: expires.toISOString(),
    [sandboxLabels.incident]: spec.incidentId,
    [sandboxLabels.service]: spec.service,
  };
}

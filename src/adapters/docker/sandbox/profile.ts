import type { ContainerCreateOptions, HostConfig } from 'dockerode';
import type { SandboxLimits } from './limits.ts';
import { type SeccompChoice, seccompProfile } from './seccomp.ts';
import { keeperUser, writeUser } from './users.ts';
import type { CommandUser, WorkspaceMount } from './workspace/workspace.ts';

/** The part of the limits that holds a container down whatever it is for. */
export type ContainerLimits = Pick<
  SandboxLimits,
  'memoryBytes' | 'cpus' | 'pids' | 'tmpBytes' | 'tmpFiles' | 'fileBytes' | 'openFiles'
>;

export interface CellProfileRequest {
  readonly image: string;
  readonly limits: SandboxLimits;
  readonly labels: Readonly<Record<string, string>>;
  readonly runtime: string | undefined;
  readonly user: CommandUser;
  readonly workspace: WorkspaceMount['hostConfig'];
  readonly systemVMemory?: boolean;
}

/** For semaphores and the like (Python's worker processes), not for data. The container's own would have no end to its files. */
const sharedMemory = { bytes: 16 * 1024 * 1024, files: 256 };

/** What a cell may do: as little as code and its tests can run with. */
export function cellProfile(request: CellProfileRequest): ContainerCreateOptions {
  const { image, limits, labels, runtime, user, workspace, systemVMemory = false } = request;
  const hardened = hardenedHost(limits, runtime, user, { systemVMemory });
  return {
    Image: image,
    User: writeUser(keeperUser),
    Entrypoint: [],
    Cmd: ['sleep', String(Math.ceil(limits.lifetimeMs / 1000))],
    Env: [],
    WorkingDir: '/',
    Hostname: 'sandbox',
    Labels: { ...labels },
    HostConfig: {
      ...hardened,
      NetworkMode: 'none',
      Tmpfs: {
        ...hardened.Tmpfs,
        '/dev/shm': writeTmpfs(sharedMemory.bytes, sharedMemory.files, user, 'noexec'),
        ...workspace.Tmpfs,
      },
      ...(workspace.Mounts === undefined ? {} : { Mounts: workspace.Mounts }),
    },
  };
}

/**
 * Holds for cells and for their side-cars; only the network is not in it.
 *
 * The number of processes of the commands' user is not limited here but where a command begins: a limit of the container
 * would also be one of its keeper, whose processes the system counts over all containers.
 */
export function hardenedHost(
  limits: ContainerLimits,
  runtime: string | undefined,
  tmpUser: CommandUser,
  choice: SeccompChoice,
): HostConfig & { Tmpfs: Record<string, string> } {
  return {
    ReadonlyRootfs: true,
    CapDrop: ['ALL'],
    SecurityOpt: ['no-new-privileges', `seccomp=${JSON.stringify(seccompProfile(choice))}`],
    Privileged: false,
    PidsLimit: limits.pids,
    Memory: limits.memoryBytes,
    MemorySwap: limits.memoryBytes,
    // When the machine itself is out of memory, this goes before anything that serves people.
    OomScoreAdj: 500,
    NanoCpus: Math.round(limits.cpus * 1e9),
    Ulimits: [
      { Name: 'nofile', Soft: limits.openFiles, Hard: limits.openFiles },
      { Name: 'core', Soft: 0, Hard: 0 },
      { Name: 'fsize', Soft: limits.fileBytes, Hard: limits.fileBytes },
    ],
    Tmpfs: {
      '/tmp': writeTmpfs(limits.tmpBytes, limits.tmpFiles, tmpUser),
      // The container's own queues could be made as files, without a call of theirs, and would outlive who made them.
      '/dev/mqueue': 'ro,noexec,nosuid,nodev,size=4096,nr_inodes=2,mode=0555',
    },
    IpcMode: 'none',
    Init: true,
    AutoRemove: true,
    LogConfig: { Type: 'none', Config: {} },
    RestartPolicy: { Name: 'no' },
    ...(runtime === undefined ? {} : { Runtime: runtime }),
  };
}

/** Options of a tmpfs that `user` owns and that everybody may read. */
export function writeTmpfs(
  bytes: number,
  files: number,
  { uid, gid }: CommandUser,
  programs: 'exec' | 'noexec' = 'exec',
): string {
  return `rw,${programs},nosuid,nodev,size=${bytes},nr_inodes=${files},uid=${uid},gid=${gid},mode=0755`;
}

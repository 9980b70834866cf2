import type { HostConfig } from 'dockerode';
import type { WorkspaceChanges, WorkspaceFile } from '../../../../ports/sandbox.ts';
import type { SandboxLimits } from '../limits.ts';

/** The user that commands of one sandbox run as; no two open sandboxes of an engine have the same. */
export interface CommandUser {
  readonly uid: number;
  readonly gid: number;
}

/** What bounds a workspace. */
export type WorkspaceLimits = Pick<SandboxLimits, 'workBytes' | 'workFiles'>;

/** What a workspace asks of the container that it is in. */
export interface CellAccess {
  /** Runs a command of ours as the commands' user, standard input from `writeInput`, output to `onOutput`. */
  exec(
    request: {
      readonly argv: readonly string[];
      readonly writeInput?: (input: NodeJS.WritableStream) => Promise<void>;
      readonly onOutput?: (chunk: Buffer) => void;
    },
    signal: AbortSignal,
  ): Promise<{ exitCode: number | null; errors: string }>;
  /** Ends everything that commands started; nothing of the commands' user runs when it resolves. */
  killCommands(): Promise<void>;
  /** No process of the container runs between the two: nothing can be swapped under our hands. */
  freeze(): Promise<void>;
  thaw(): Promise<void>;
}

/** The files of one sandbox. Methods are called one at a time. */
export interface Workspace {
  /** Makes `folder` the start. It is handed over until `discard`: it may change owner, never content. */
  fill(folder: string, signal: AbortSignal): Promise<void>;
  write(files: readonly WorkspaceFile[], signal: AbortSignal): Promise<void>;
  changes(most: { files: number; bytes: number }, signal: AbortSignal): Promise<WorkspaceChanges>;
  snapshot(signal: AbortSignal): Promise<string>;
  reset(snapshot: string | null, signal: AbortSignal): Promise<void>;
}

/** Made before its container, so that one can wait warm with an empty workspace. */
export interface WorkspaceMount {
  /** What of it goes into the container's profile. */
  readonly hostConfig: Pick<HostConfig, 'Tmpfs' | 'Mounts'>;
  /** Once the container runs. */
  bind(cell: CellAccess): Workspace;
  /** After the container is gone, or never came. Never throws for what is gone already. */
  discard(): Promise<void>;
}

/** Where workspaces live: `overlay` where we are root on the engine's own machine, else `tar`. */
export interface WorkspaceBackend {
  readonly name: 'overlay' | 'tar';
  /** @param place a name that is unique on this engine and safe in a path */
  prepare(place: string, user: CommandUser, limits: WorkspaceLimits): Promise<WorkspaceMount>;
  /** Removes mounts and folders of dead owners. @returns how many */
  sweep(signal: AbortSignal): Promise<number>;
}

/** A service that code under test talks to. It lives and dies with the sandbox and is reached on its loopback alone. */
export type SideCar =
  /**
   * Listens on 127.0.0.1:5432, user `postgres`, database `postgres`; `seed` is SQL that is run before it is handed over, by a
   * superuser. Afterwards `postgres` owns all of it and may make databases, but is no superuser: it runs no programs and reads no files.
   */
  | { readonly kind: 'postgres'; readonly seed: string }
  /** Listens on 127.0.0.1:6379; empty. */
  | { readonly kind: 'redis' };

export interface SandboxSpec {
  /** Whose turn it is is decided between incidents. */
  readonly incidentId: string;
  readonly service: string;
  /** Image by language of the service. */
  readonly language: string;
  /**
   * Host folder that becomes the workspace. It is handed over: nobody changes or removes it until the sandbox is closed,
   * and its files may change owner. Commands see it without `.git` at its root; what they change never reaches it.
   */
  readonly workspace: string;
  /** Only what the service's catalogue entry opts in to. Without any there is no network at all. */
  readonly sideCars?: readonly SideCar[];
}

export type ExitReason = 'exit' | 'signal' | 'timeout' | 'output-cap' | 'out-of-memory' | 'pids';

export interface CommandResult {
  /** Null when the command was ended by us. */
  readonly exitCode: number | null;
  readonly reason: ExitReason;
  /** Standard output and error together, at most the cap. */
  readonly output: string;
  readonly durationMs: number;
}

export interface CommandOptions {
  readonly timeoutMs: number;
  readonly outputBytes: number;
  /** Gets output as it arrives, at most the cap altogether; a character may be cut between two calls. */
  readonly onOutput?: (chunk: Buffer) => void;
}

/** One file that commands changed, relative to the workspace. */
export type WorkspaceChange =
  | {
      readonly kind: 'written';
      readonly path: string;
      readonly content: Buffer;
      readonly executable: boolean;
    }
  | { readonly kind: 'deleted'; readonly path: string };

export interface WorkspaceChanges {
  /** Regular files only, by path. */
  readonly changes: readonly WorkspaceChange[];
  /** Paths of links, devices, pipes and sockets that were made: they are never brought out. */
  readonly refused: readonly string[];
}

export interface WorkspaceFile {
  /** Relative, without `..`. */
  readonly path: string;
  readonly content: string | Uint8Array;
  readonly executable?: boolean;
}

export interface Sandbox {
  readonly id: string;
  /**
   * Runs one command as the untrusted user and, when it is stopped (time, output, `signal`), everything that it started.
   * @throws SandboxLost when the sandbox is gone
   */
  run(argv: readonly string[], options: CommandOptions, signal: AbortSignal): Promise<CommandResult>;
  /**
   * Runs a command of our own that only reads, as a user that cannot write to the workspace, in milliseconds. Never for
   * anything that came out of the repository or the model but as an argument.
   */
  look(argv: readonly string[], options: CommandOptions, signal: AbortSignal): Promise<CommandResult>;
  /** Adds or replaces files. @throws WorkspaceTooLarge */
  write(files: readonly WorkspaceFile[], signal: AbortSignal): Promise<void>;
  /**
   * What differs from the folder that the sandbox was opened with.
   * @throws WorkspaceTooLarge when it is more than `most`: nothing is brought out then
   */
  changes(most: { files: number; bytes: number }, signal: AbortSignal): Promise<WorkspaceChanges>;
  /** Remembers the workspace as it is now, for `reset`; the name is of this sandbox alone. */
  snapshot(signal: AbortSignal): Promise<string>;
  /**
   * Ends all commands and puts the workspace back: to a snapshot, or to how it was opened. /tmp is emptied. Side-cars are
   * made anew as they were opened, also where the workspace goes back to a snapshot: what commands wrote to them is gone.
   * @throws SandboxLost, SandboxUnavailable when that could not be done: the sandbox is gone then
   */
  reset(snapshot: string | null, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** An isolated place to run code: no network, no capabilities, read-only root, bounded in everything. */
export interface SandboxProvider {
  /** Why there is none right now, in words for the thread; null when there is. */
  unavailable(signal: AbortSignal): Promise<string | null>;
  /**
   * Waits for its turn where all places are taken: incidents take turns, whoever of them asks most.
   * @throws SandboxUnavailable, WorkspaceTooLarge
   */
  open(spec: SandboxSpec, signal: AbortSignal): Promise<Sandbox>;
  /** Removes what dead owners left behind: containers, mounts, folders. @returns how many of them */
  sweep(signal: AbortSignal): Promise<number>;
  /** Gives back what waits warm for the next one. */
  close(): Promise<void>;
}

/** What a workspace that comes and goes by tar asks of the container that it is in. */
export interface TarCell {
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
}

export interface WorkspaceBounds {
  readonly workBytes: number;
  readonly workFiles: number;
}

export interface WorkspaceFile {
  /** Relative, without `..`. */
  readonly path: string;
  readonly content: string | Uint8Array;
  readonly executable?: boolean;
}

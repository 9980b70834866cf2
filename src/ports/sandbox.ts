export interface SandboxSpec {
  /** Who it is for; becomes labels. */
  readonly incidentId: string;
  readonly service: string;
  /** Image by language of the service. */
  readonly language: string;
  /** Host folder copied in as the workspace; regular files only. */
  readonly workspace: string;
}

export type ExitReason = 'exit' | 'signal' | 'timeout' | 'output-cap' | 'out-of-memory';

export interface CommandResult {
  readonly exitCode: number | null;
  readonly reason: ExitReason;
  /** Standard output and error together, at most the cap. */
  readonly output: string;
  readonly durationMs: number;
}

export interface Sandbox {
  readonly id: string;
  run(
    argv: readonly string[],
    limits: { timeoutMs: number; outputBytes: number },
    signal: AbortSignal,
  ): Promise<CommandResult>;
  close(): Promise<void>;
}

/** An isolated place to run code: no network, no capabilities, read-only root, bounded in everything. */
export interface SandboxProvider {
  /** Why there is none right now, in words for the thread; null when there is. */
  unavailable(signal: AbortSignal): Promise<string | null>;
  open(spec: SandboxSpec, signal: AbortSignal): Promise<Sandbox>;
  /** Removes what dead owners left behind. */
  sweep(signal: AbortSignal): Promise<number>;
}

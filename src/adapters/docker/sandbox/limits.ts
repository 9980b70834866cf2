export interface SandboxLimits {
  readonly memoryBytes: number;
  readonly cpus: number;
  /** Processes and threads together; one Node process has about eleven. */
  readonly pids: number;
  /** Of the commands' user alone, so that the keeper always has room to end them; below `pids`. */
  readonly commandPids: number;
  readonly workBytes: number;
  readonly workFiles: number;
  readonly tmpBytes: number;
  readonly tmpFiles: number;
  readonly fileBytes: number;
  readonly openFiles: number;
  /** After this the container ends by itself, whoever has forgotten it. */
  readonly lifetimeMs: number;
}

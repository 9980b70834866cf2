import { type ChildProcess, spawn } from 'node:child_process';
import { readLogLines } from './log-lines.ts';

const KILL_AFTER_MS = 6_000;

export interface ServiceProcess {
  readonly pid: number;
  readonly startedAt: number;
  /** Resolves when the process says "ready"; `false` when it ends before. */
  readonly ready: Promise<boolean>;
  readonly exited: Promise<void>;
  hasExited(): boolean;
  reload(): void;
  /** SIGTERM, and SIGKILL when draining takes too long. */
  stop(): Promise<void>;
}

export interface ServiceProcessOptions {
  service: string;
  workDir: string;
  env: Record<string, string>;
  onLine: (line: string) => void;
}

/**
 * Starts `node src/server.js` in its own process group, so that Ctrl-C in the terminal reaches only us.
 * The IPC channel carries "ready", and its end tells the service that its supervisor is gone.
 */
export function startServiceProcess(options: ServiceProcessOptions): ServiceProcess {
  const { service, workDir, env, onLine } = options;
  const child: ChildProcess = spawn(process.execPath, ['--max-semi-space-size=4', 'src/server.js'], {
    cwd: workDir,
    env: { PATH: process.env['PATH'] ?? '', NODE_ENV: 'production', ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    detached: true,
  });
  if (child.stdout && child.stderr) readLogLines(service, child.stdout, child.stderr, onLine);

  let gone = false;
  const exited = new Promise<void>((resolve) => {
    const end = () => {
      gone = true;
      resolve();
    };
    child.once('exit', end);
    child.once('error', end);
  });
  const ready = Promise.race([
    new Promise<boolean>((resolve) => child.on('message', (word) => word === 'ready' && resolve(true))),
    exited.then(() => false),
  ]);

  return {
    pid: child.pid ?? -1,
    startedAt: Date.now(),
    ready,
    exited,
    hasExited: () => gone,
    reload: () => void child.kill('SIGHUP'),
    async stop() {
      if (gone) return;
      child.kill('SIGTERM');
      const kill = setTimeout(() => child.kill('SIGKILL'), KILL_AFTER_MS);
      await exited;
      clearTimeout(kill);
    },
  };
}

import { spawn } from 'node:child_process';
import { DemoError } from '../shop/demo-error.ts';

const KILL_AFTER_MS = 5_000;
const KEPT_OUTPUT = 4_000;

/**
 * A shell that runs the program and ends it when its own stdin closes. Closing is what the kernel does when
 * we die, however we die, so nothing is left behind even after `kill -9`.
 */
const LEASH = `
exec 3<&0
"$@" </dev/null 3<&- &
program=$!
trap 'kill -TERM $program 2>/dev/null' TERM INT
( read -r _ <&3; kill -TERM $program ) 2>/dev/null &
watcher=$!
wait $program
status=$?
kill $watcher 2>/dev/null
exit $status
`;

export interface LeashedProcess {
  readonly pid: number;
  hasExited(): boolean;
  /** The last of what it wrote, for error messages. */
  output(): string;
  stop(): Promise<void>;
}

export interface LeashOptions {
  cwd?: string;
  /** Whole environment of the program; by default ours. */
  env?: Readonly<Record<string, string>>;
  onOutput?: (chunk: Buffer) => void;
  /** How long it may take to end by itself; default 5 s. */
  killAfterMs?: number;
}

export function startLeashed(
  command: string,
  args: readonly string[],
  options: LeashOptions = {},
): LeashedProcess {
  const child = spawn('/bin/sh', ['-c', LEASH, 'leash', command, ...args], {
    cwd: options.cwd,
    env: options.env ?? process.env,
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  });
  let gone = false;
  let output = '';
  const keep = (chunk: Buffer) => {
    output = (output + chunk.toString('utf8')).slice(-KEPT_OUTPUT);
    options.onOutput?.(chunk);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  child.stdin.on('error', () => {});
  const exited = new Promise<void>((resolve) => {
    const end = () => {
      gone = true;
      child.stdin.destroy();
      resolve();
    };
    child.once('exit', end);
    child.once('error', end);
  });

  return {
    pid: child.pid ?? -1,
    hasExited: () => gone,
    output: () => output.trim(),
    async stop() {
      if (gone) return;
      child.stdin.end();
      const kill = setTimeout(() => killGroup(child.pid), options.killAfterMs ?? KILL_AFTER_MS);
      await exited;
      clearTimeout(kill);
    },
  };
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Gone between the deadline and the signal.
  }
}

/** Waits until the address answers 2xx. Throws `not_ready` with the program's last words. */
export async function waitUntilReady(name: string, url: string, program: LeashedProcess): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (Date.now() < deadline && !program.hasExited()) {
    const answer = await fetch(url, { signal: AbortSignal.timeout(1_000) }).catch(() => undefined);
    await answer?.arrayBuffer();
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const words = program.output() || 'it said nothing';
  throw new DemoError(
    'not_ready',
    `${name} did not become ready: ${words}`,
    `Check that ${name} is installed.`,
  );
}

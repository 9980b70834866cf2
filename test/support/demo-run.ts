import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { sandboxLabels } from '../../src/adapters/docker/sandbox/provider/owner.ts';

/** One run of the demo as a person starts it, watched for what it starts. */
export interface DemoRun {
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Resolves with the exit code, or the signal that ended it, once nobody holds its output any more. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
  /** Ctrl-C in the terminal: every process of the foreground group gets it. */
  interrupt(): void;
  /** What it started and left: processes, sockets that listen, containers, folders. */
  leftovers(): Promise<string[]>;
}

const project = resolve(import.meta.dirname, '../..');
const lookEveryMs = 1_000;

export function startDemo(options: readonly string[], npmOptions: readonly string[] = ['--silent']): DemoRun {
  const child = spawn('npm', ['run', ...npmOptions, 'demo', '--', ...options], {
    cwd: project,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString('utf8');
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString('utf8');
  });
  const killAtExit = () => signalGroup(child, 'SIGKILL');
  process.once('exit', killAtExit);
  const seen = watchTree(child.pid ?? -1);
  const ended = new Promise<number | NodeJS.Signals | null>((done) =>
    child.once('close', (code, signal) => done(code ?? signal)),
  ).finally(() => {
    seen.stop();
    process.off('exit', killAtExit);
  });
  return {
    stdout: () => stdout,
    stderr: () => stderr,
    ended,
    interrupt: () => signalGroup(child, 'SIGINT'),
    leftovers: async () => [
      ...(await seen.alive()),
      ...(await listening(seen.sockets)),
      ...(await containersOf(seen.pids())),
      ...seen
        .pids()
        .map((pid) => resolve(project, '.warroom/demo', String(pid)))
        .filter(existsSync),
    ],
  };
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined || child.exitCode !== null) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // It ended in between.
  }
}

interface Watched {
  readonly name: string;
  /** Ticks since boot: tells a process from a later one with the same number. */
  readonly started: string;
}

/** Remembers every descendant and every socket it listens on, as long as the watch runs. */
function watchTree(root: number) {
  const family = new Map<number, Watched>();
  const sockets = new Set<string>();
  let looking: Promise<void> = Promise.resolve();
  const look = async () => {
    const all = await readProcesses();
    const mine = new Set([
      root,
      ...[...family].filter(([pid, was]) => all.get(pid)?.started === was.started).map(([pid]) => pid),
    ]);
    for (let before = 0; before !== mine.size; ) {
      before = mine.size;
      for (const [pid, { parent }] of all) if (mine.has(parent)) mine.add(pid);
    }
    const listens = await listeningInodes();
    for (const pid of mine) {
      const found = all.get(pid);
      if (found === undefined) continue;
      family.set(pid, found);
      for (const inode of await inodesOf(pid)) if (listens.has(inode)) sockets.add(inode);
    }
  };
  const timer = setInterval(() => {
    looking = looking.then(look).catch(() => undefined);
  }, lookEveryMs);
  return {
    sockets,
    pids: () => [...family.keys()],
    stop: () => clearInterval(timer),
    async alive(): Promise<string[]> {
      await looking;
      const all = await readProcesses();
      return [...family]
        .filter(([pid, was]) => all.get(pid)?.started === was.started)
        .map(([pid, { name }]) => `process ${pid} ${name}`);
    },
  };
}

async function readProcesses(): Promise<Map<number, Watched & { parent: number }>> {
  const found = new Map<number, Watched & { parent: number }>();
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const stat = await readFile(`/proc/${entry}/stat`, 'utf8').catch(() => '');
    const name = /\((.*)\)/s.exec(stat)?.[1] ?? '';
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === undefined || fields[0] === 'Z' || stat === '') continue;
    found.set(Number(entry), { name, parent: Number(fields[1]), started: fields[19] ?? '' });
  }
  return found;
}

async function listeningInodes(): Promise<Set<string>> {
  const inodes = new Set<string>();
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of (await readFile(table, 'utf8').catch(() => '')).split('\n')) {
      const fields = line.trim().split(/\s+/);
      if (fields[3] === '0A' && fields[9] !== undefined) inodes.add(fields[9]);
    }
  }
  return inodes;
}

async function inodesOf(pid: number): Promise<string[]> {
  const descriptors = await readdir(`/proc/${pid}/fd`).catch(() => []);
  const targets = await Promise.all(
    descriptors.map((each) => readlink(`/proc/${pid}/fd/${each}`).catch(() => '')),
  );
  return targets.flatMap((target) => /^socket:\[(\d+)\]$/.exec(target)?.[1] ?? []);
}

async function listening(sockets: ReadonlySet<string>): Promise<string[]> {
  const now = await listeningInodes();
  return [...sockets].filter((inode) => now.has(inode)).map((inode) => `listening socket ${inode}`);
}

/** Sandboxes name the process that owns them. */
async function containersOf(pids: readonly number[]): Promise<string[]> {
  const owner = sandboxLabels.ownerPid;
  const format = `{{.ID}} {{.Label "${owner}"}}`;
  const list = ['ps', '--all', '--filter', `label=${owner}`, '--format', format];
  const { stdout } = await promisify(execFile)('docker', list);
  return stdout
    .split('\n')
    .filter((line) => pids.includes(Number(line.split(' ')[1] || Number.NaN)))
    .map((line) => `container ${line}`);
}

/** Waits until a condition of the run holds; the run's own words are the error when it ends or takes too long. */
export async function untilDemo(run: DemoRun, what: RegExp, timeoutMs: number): Promise<void> {
  const deadlineMs = Date.now() + timeoutMs;
  let over = false;
  void run.ended.then(() => {
    over = true;
  });
  while (!what.test(run.stderr())) {
    if (over || Date.now() > deadlineMs) throw new Error(`never said ${String(what)}:\n${run.stderr()}`);
    await sleep(100);
  }
}

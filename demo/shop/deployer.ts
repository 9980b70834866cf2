import { rm } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { DemoError } from './demo-error.ts';
import { readBranch, runGit } from './git.ts';
import { type ServiceProcess, startServiceProcess } from './service-process.ts';

export type DeployKind = 'start' | 'rolling' | 'reload' | 'files-only';

export interface DeployerOptions {
  service: string;
  /** Bare repository whose main branch is followed. */
  repository: string;
  /** Checkout of the running release. */
  workDir: string;
  env: Record<string, string>;
  onLine: (line: string) => void;
  pollMs?: number;
  /** How long a release may take to become ready before it replaces the running one anyway. */
  readyDeadlineMs?: number;
}

export interface Deployer {
  deployedCommit(): string;
  lastDeploy(): DeployKind;
  pid(): number | undefined;
  stop(): Promise<void>;
}

const BRANCH = 'main';
const RESTART_BACKOFF_MS = { first: 500, most: 5_000 };
const SETTLED_AFTER_MS = 10_000;

/** What a change asks for: code needs a new process, configuration a reload, documents and tests nothing. */
export function planDeploy(changedPaths: readonly string[]): Exclude<DeployKind, 'start'> {
  if (changedPaths.some((path) => path.startsWith('src/') || path === 'package.json')) return 'rolling';
  return changedPaths.some((path) => path.startsWith('config/')) ? 'reload' : 'files-only';
}

/**
 * Keeps one service running from its repository's main branch. A new release listens on the same port
 * before the old one leaves. A release that never becomes ready replaces the old one all the same: a
 * broken deploy is then visible from outside, as it would be where nobody built a safety net.
 */
export async function startDeployer(options: DeployerOptions): Promise<Deployer> {
  const { service, repository, workDir, pollMs = 300, readyDeadlineMs = 5_000 } = options;
  const stopping = new AbortController();
  let current: ServiceProcess | undefined;
  let commit = await checkOut(repository, workDir);
  let lastDeploy: DeployKind = 'start';
  let restartDelayMs = RESTART_BACKOFF_MS.first;
  let generation = 0;

  function say(level: 'info' | 'warn' | 'error', msg: string, fields: object): void {
    options.onLine(JSON.stringify({ ts: new Date().toISOString(), level, service, msg, ...fields }));
  }

  function launch(): ServiceProcess {
    const env = { ...options.env, SERVICE_VERSION: commit.slice(0, 12) };
    return startServiceProcess({ service, workDir, env, onLine: options.onLine });
  }

  /** Makes it the running release and starts it again whenever it ends by itself. */
  function supervise(process: ServiceProcess): void {
    current = process;
    generation += 1;
    const mine = generation;
    void process.exited.then(async () => {
      if (mine !== generation || stopping.signal.aborted) return;
      if (Date.now() - process.startedAt > SETTLED_AFTER_MS) restartDelayMs = RESTART_BACKOFF_MS.first;
      say('warn', 'process ended, restarting', { delay_ms: restartDelayMs, commit });
      await pause(restartDelayMs, undefined, { signal: stopping.signal }).catch(() => {});
      restartDelayMs = Math.min(restartDelayMs * 2, RESTART_BACKOFF_MS.most);
      if (mine === generation && !stopping.signal.aborted) supervise(launch());
    });
  }

  async function becomesReady(process: ServiceProcess): Promise<boolean> {
    const late = pause(readyDeadlineMs, false, { signal: stopping.signal }).catch(() => false);
    return await Promise.race([process.ready, late]);
  }

  async function roll(): Promise<void> {
    const old = current;
    restartDelayMs = RESTART_BACKOFF_MS.first;
    let next = launch();
    if (!(await becomesReady(next)) && next.hasExited() && !stopping.signal.aborted) {
      next = launch();
      await becomesReady(next);
    }
    if (next.hasExited()) say('error', 'release does not start', { commit });
    supervise(next);
    await old?.stop();
  }

  async function deploy(target: string): Promise<void> {
    const previous = commit;
    const changed = await runGit(['diff', '--name-only', previous, target], { cwd: repository });
    await moveTo(workDir, target);
    commit = target;
    const kind = planDeploy(changed.split('\n').filter((path) => path !== ''));
    if (kind === 'reload') current?.reload();
    if (kind === 'rolling') await roll();
    lastDeploy = kind;
    say('info', 'deployed', { commit: target, previous_commit: previous, how: kind });
  }

  async function follow(): Promise<void> {
    while (!stopping.signal.aborted) {
      await pause(pollMs, undefined, { signal: stopping.signal }).catch(() => {});
      if (stopping.signal.aborted) return;
      const head = await readBranch(repository, BRANCH);
      if (!head || head === commit) continue;
      await deploy(head).catch((error: unknown) => {
        say('error', 'deploy failed', {
          commit: head,
          error: error instanceof Error ? error.message : String(error),
        });
      });
    }
  }

  const first = launch();
  supervise(first);
  if (!(await becomesReady(first))) {
    stopping.abort();
    await first.stop();
    throw new DemoError(
      'service_not_ready',
      `${service} did not start`,
      'Run it by hand: node src/server.js.',
    );
  }
  say('info', 'deployed', { commit, how: 'start' });
  const following = follow();

  return {
    deployedCommit: () => commit,
    lastDeploy: () => lastDeploy,
    pid: () => (current && !current.hasExited() ? current.pid : undefined),
    async stop() {
      stopping.abort();
      await following;
      await current?.stop();
    },
  };
}

async function checkOut(repository: string, workDir: string): Promise<string> {
  const head = await readBranch(repository, BRANCH);
  if (!head) {
    throw new DemoError(
      'no_branch',
      `${repository} has no branch ${BRANCH}`,
      'Create the repositories first.',
    );
  }
  await rm(workDir, { recursive: true, force: true });
  await runGit(['clone', '--quiet', '--shared', '--branch', BRANCH, repository, workDir]);
  await moveTo(workDir, head);
  return head;
}

async function moveTo(workDir: string, commit: string): Promise<void> {
  await runGit(['fetch', '--quiet', 'origin', BRANCH], { cwd: workDir });
  await runGit(['reset', '--quiet', '--hard', commit], { cwd: workDir });
}

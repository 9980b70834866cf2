import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';

export type GitRun = { code: number; stdout: Buffer; stderr: string };

export type GitRunOptions = { input?: string | Buffer; env?: Record<string, string> };

/** Real git on one bare repository. Every answer about commits, trees and refs is git's own. */
export type BareGit = {
  readonly dir: string;
  /** Runs git and reports its exit code; throws only when git cannot be started. */
  run: (args: readonly string[], options?: GitRunOptions) => Promise<GitRun>;
  /** Standard output as text, or a `GitFailed` when the exit code is not 0. */
  text: (args: readonly string[], options?: GitRunOptions) => Promise<string>;
  /** The full object id that a revision names, or undefined. */
  resolve: (revision: string) => Promise<string | undefined>;
  defaultBranch: () => Promise<string>;
  /** Runs `use` with a throw-away index, so that trees are written without a work tree. */
  withIndex: <T>(use: (env: Record<string, string>) => Promise<T>) => Promise<T>;
};

export class GitFailed extends Error {
  readonly run: GitRun;

  constructor(args: readonly string[], run: GitRun) {
    super(`git ${args[0] ?? ''} ended with ${run.code}: ${run.stderr.trim()}`);
    this.run = run;
  }
}

export const noCommit = '0000000000000000000000000000000000000000';
export const emptyTree = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

export function gitEnvironment(extra: Record<string, string> = {}): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '/usr/bin:/bin',
    HOME: '/nonexistent',
    LC_ALL: 'C.UTF-8',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
    ...extra,
  };
}

export function openBareGit(dir: string): BareGit {
  const run = (args: readonly string[], options: GitRunOptions = {}): Promise<GitRun> =>
    runGit(['-c', 'safe.directory=*', '-c', 'core.quotePath=false', '--git-dir', dir, ...args], options);

  const text = async (args: readonly string[], options: GitRunOptions = {}): Promise<string> => {
    const done = await run(args, options);
    if (done.code !== 0) throw new GitFailed(args, done);
    return done.stdout.toString('utf8');
  };

  return {
    dir,
    run,
    text,
    async resolve(revision) {
      const done = await run(['rev-parse', '--verify', '--quiet', '--end-of-options', revision]);
      return done.code === 0 ? done.stdout.toString('utf8').trim() : undefined;
    },
    async defaultBranch() {
      return (await text(['symbolic-ref', '--short', 'HEAD'])).trim();
    },
    async withIndex(use) {
      const indexFile = join(dir, `index-${randomUUID()}`);
      try {
        return await use({ GIT_INDEX_FILE: indexFile });
      } finally {
        await rm(indexFile, { force: true });
      }
    },
  };
}

export function bareRepositoryExists(repositoriesDir: string, name: string): boolean {
  return /^[A-Za-z0-9._-]+$/.test(name) && existsSync(join(repositoriesDir, `${name}.git`, 'HEAD'));
}

/** `merge-tree --write-tree`, which mergeability is computed with, came in git 2.38. */
export async function requireMergeTree(): Promise<void> {
  const version = (await runGit(['--version'], {})).stdout.toString('utf8');
  const [major = 0, minor = 0] = /(\d+)\.(\d+)/.exec(version)?.slice(1).map(Number) ?? [];
  if (major < 2 || (major === 2 && minor < 38)) {
    throw new Error(`${version.trim()} is too old: the local GitHub needs git 2.38 or later. Update git.`);
  }
}

function runGit(args: readonly string[], options: GitRunOptions): Promise<GitRun> {
  return new Promise((resolve, reject) => {
    const child = spawn('git', args, { env: gitEnvironment(options.env), stdio: ['pipe', 'pipe', 'pipe'] });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    child.on('error', reject);
    child.on('close', (code) => {
      resolve({ code: code ?? 1, stdout: Buffer.concat(out), stderr: Buffer.concat(err).toString('utf8') });
    });
    // git may end before it has read everything; its exit code tells the story then
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input ?? '');
  });
}

import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DemoError } from './demo-error.ts';

const DEADLINE_MS = 30_000;

export interface GitOptions {
  cwd?: string;
  input?: string;
  env?: Record<string, string>;
}

/** Runs git without the machine's own git settings and gives its stdout. Throws `git_failed` with git's words. */
export async function runGit(args: readonly string[], options: GitOptions = {}): Promise<string> {
  const child = spawn('git', args, {
    cwd: options.cwd,
    env: { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1', ...options.env },
    signal: AbortSignal.timeout(DEADLINE_MS),
  });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
  child.stdin.on('error', () => {});
  child.stdin.end(options.input ?? '');
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  }).catch((cause: unknown) => {
    throw new DemoError('git_failed', `git ${args[0]} did not run`, 'Check that git is installed.', {
      cause,
    });
  });
  if (code !== 0) {
    const said = Buffer.concat(err).toString('utf8').trim();
    throw new DemoError(
      'git_failed',
      `git ${args.join(' ')} ended with ${code}: ${said}`,
      'Read what git says.',
    );
  }
  return Buffer.concat(out).toString('utf8');
}

/** The commit of a branch in a bare repository, read without starting a process; `undefined` when there is none. */
export async function readBranch(repository: string, branch: string): Promise<string | undefined> {
  const loose = await readFile(join(repository, 'refs/heads', branch), 'utf8').catch(() => '');
  if (loose.trim() !== '') return loose.trim();
  const packed = await readFile(join(repository, 'packed-refs'), 'utf8').catch(() => '');
  return packed
    .split('\n')
    .find((line) => line.endsWith(` refs/heads/${branch}`))
    ?.split(' ')[0];
}

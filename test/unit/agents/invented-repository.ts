import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A commit of an invented history: whole files by path. */
export interface InventedCommit {
  readonly subject: string;
  readonly files: Readonly<Record<string, string>>;
  readonly minutesAgo: number;
}

/** Makes a real repository with this history; gives the shas in order. */
export function createRepository(path: string, commits: readonly InventedCommit[], nowMs: number): string[] {
  mkdirSync(path, { recursive: true });
  const git = (args: string[], env: Record<string, string> = {}): string =>
    execFileSync('git', args, { cwd: path, env: { ...process.env, ...env }, encoding: 'utf8' }).trim();
  git(['init', '--quiet', '--initial-branch', 'main']);
  return commits.map((commit) => {
    for (const [file, text] of Object.entries(commit.files)) {
      mkdirSync(dirname(join(path, file)), { recursive: true });
      writeFileSync(join(path, file), text);
    }
    const date = `${Math.floor(nowMs / 1000 - commit.minutesAgo * 60)} +0000`;
    git(['add', '--all']);
    git(['-c', 'commit.gpgsign=false', 'commit', '--quiet', '--allow-empty', '-m', commit.subject], {
      GIT_AUTHOR_NAME: 'Ada Test',
      GIT_AUTHOR_EMAIL: 'ada@example.com',
      GIT_AUTHOR_DATE: date,
      GIT_COMMITTER_NAME: 'Ada Test',
      GIT_COMMITTER_EMAIL: 'ada@example.com',
      GIT_COMMITTER_DATE: date,
    });
    return git(['rev-parse', 'HEAD']);
  });
}

import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { type LocalGithub, startLocalGithub } from '../../demo/local-github/local-github.ts';
import type { Service } from '../../src/domain/service.ts';
import { makeService } from './github-service.ts';

const execute = promisify(execFile);

/** A local GitHub over bare repositories in a throw-away folder. */
export type Scratch = {
  dir: string;
  repositoriesDir: string;
  github: LocalGithub;
  /** Runs git with a fixed identity and returns its output. */
  git: (cwd: string, ...args: string[]) => Promise<string>;
  /** A bare repository with `commits` on main, oldest first; null content deletes. Returns their shas. */
  makeRepository: (name: string, commits: readonly ScratchCommit[]) => Promise<string[]>;
  /** Adds commits to main from the side, as a developer who pushes. */
  pushCommits: (name: string, commits: readonly ScratchCommit[]) => Promise<string[]>;
  /** A file of main as the bare repository has it now. */
  fileOnMain: (name: string, path: string) => Promise<string>;
  mainSha: (name: string) => Promise<string>;
  remove: () => Promise<void>;
};

export type ScratchCommit = {
  message: string;
  files: Record<string, string | null>;
  author?: string;
};

export const scratchToken = 'scratch-token-0123456789';
export const scratchOwner = 'acme';

const environment = {
  PATH: process.env['PATH'] ?? '',
  HOME: '/nonexistent',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_TERMINAL_PROMPT: '0',
  GIT_COMMITTER_NAME: 'Ada',
  GIT_COMMITTER_EMAIL: 'ada@example.com',
};

export async function startScratch(): Promise<Scratch> {
  const dir = await mkdtemp(join(tmpdir(), 'warroom-github-'));
  const repositoriesDir = join(dir, 'repositories');
  await mkdir(repositoriesDir);
  const github = await startLocalGithub({ repositoriesDir, owner: scratchOwner, token: scratchToken });

  const git = async (cwd: string, ...args: string[]): Promise<string> => {
    const { stdout } = await execute('git', args, { cwd, env: environment });
    return stdout.trim();
  };
  const bare = (name: string): string => join(repositoriesDir, `${name}.git`);
  const commitAll = async (work: string, commits: readonly ScratchCommit[]): Promise<string[]> => {
    const shas: string[] = [];
    for (const commit of commits) {
      for (const [path, content] of Object.entries(commit.files)) {
        await mkdir(dirname(join(work, path)), { recursive: true });
        if (content === null) await rm(join(work, path));
        else await writeFile(join(work, path), content);
      }
      await git(work, 'add', '--all');
      const author = commit.author ?? 'Ada <ada@example.com>';
      await git(work, 'commit', '--quiet', '--allow-empty', `--author=${author}`, '-m', commit.message);
      shas.push(await git(work, 'rev-parse', 'HEAD'));
    }
    return shas;
  };

  return {
    dir,
    repositoriesDir,
    github,
    git,
    async makeRepository(name, commits) {
      await git(dir, 'init', '--quiet', '--bare', '--initial-branch=main', bare(name));
      const work = await mkdtemp(join(dir, 'work-'));
      await git(work, 'init', '--quiet', '--initial-branch=main');
      const shas = await commitAll(work, commits);
      await git(work, 'push', '--quiet', bare(name), 'main');
      await github.sync(name);
      return shas;
    },
    async pushCommits(name, commits) {
      const work = await mkdtemp(join(dir, 'work-'));
      await git(dir, 'clone', '--quiet', bare(name), work);
      const shas = await commitAll(work, commits);
      await git(work, 'push', '--quiet', 'origin', 'main');
      await github.sync(name);
      return shas;
    },
    fileOnMain: (name, path) => git(bare(name), 'show', `main:${path}`),
    mainSha: (name) => git(bare(name), 'rev-parse', 'main'),
    async remove() {
      await github.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

export function scratchService(scratch: Scratch, name: string): Service {
  const url = scratch.github.gitUrl(name);
  return makeService(name, { url, slug: `${scratchOwner}/${name}`, branch: 'main' });
}

import { existsSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Service } from '../../domain/service.ts';
import { sha256 } from '../../platform/canonical-json.ts';
import type { Log } from '../../platform/log.ts';
import { boundGrowth } from './bound-growth.ts';
import { fetchTooLarge, GitFailed, missingBranch, NoSuchCommit, remoteFailure } from './errors.ts';
import { touchMirror } from './evict-mirrors.ts';
import { withFolderLock } from './folder-lock.ts';
import { type GitCommand, type GitResult, runGit } from './git-process.ts';

/** User name and password (or token) for an address; null to ask without any. */
export type GitCredentials = (
  url: string,
  signal: AbortSignal,
) => Promise<{ username: string; password: string } | null>;

type RunOptions = Pick<
  GitCommand,
  'signal' | 'input' | 'maxBytes' | 'onOutput' | 'indexFile' | 'workTree'
> & {
  timeoutMs?: number;
};

export type Mirrors = {
  /** Brings the mirror up to date and returns the head of the service's branch. */
  fetch: (service: Service, signal: AbortSignal) => Promise<string>;
  /** Runs git in the service's mirror; reads need no lock. Makes the mirror first if there is none. */
  run: (service: Service, args: readonly string[], options: RunOptions) => Promise<GitResult>;
  /** Like `run`; a code other than 0 is a `GitFailed`. */
  read: (service: Service, args: readonly string[], options: RunOptions) => Promise<GitResult>;
  /** The full sha of a commit that the mirror has. */
  requireCommit: (service: Service, sha: string, signal: AbortSignal) => Promise<string>;
};

const fetchTimeoutMs = 120_000;
const usualFetchBytes = 5e9;
const readTimeoutMs = 30_000;
/** How often a mirror that is read again and again is said to be in use. */
const touchEveryMs = 30_000;
const shaPattern = /^[0-9a-f]{7,64}$/;

/**
 * Bare mirrors under `cacheDir`, one a repository, shared by every process of this machine.
 * @param fetchBytes that one fetch may bring; @throws RepositoryTooLarge beyond
 */
export function createMirrors(
  cacheDir: string,
  credentials: GitCredentials,
  log: Log,
  fetchBytes: number = usualFetchBytes,
): Mirrors {
  const home = join(cacheDir, 'home');
  const touchedAtMs = new Map<string, number>();

  const pathOf = (service: Service): string => {
    const name = service.repository.slug.replaceAll(/[^A-Za-z0-9]+/g, '-').slice(-60);
    return join(cacheDir, `${name}-${sha256(service.repository.url).slice(0, 12)}.git`);
  };

  const start = (
    command: Omit<GitCommand, 'home' | 'timeoutMs'> & { timeoutMs?: number },
  ): Promise<GitResult> => runGit({ timeoutMs: readTimeoutMs, ...command, home });

  const fetch = async (service: Service, signal: AbortSignal): Promise<string> => {
    const dir = pathOf(service);
    await mkdir(home, { recursive: true, mode: 0o700 });
    await withFolderLock(`${dir}.lock`, signal, async (tookFromDead) => {
      if (tookFromDead) {
        log.warn({ mirror: dir }, 'took over the mirror of a process that died in mid-fetch');
        await removeStaleLocks(dir);
      }
      await refresh(service, dir, signal);
      await touchMirror(dir);
    });
    touchedAtMs.set(dir, Date.now());
    return branchHead(service, signal);
  };

  const refresh = async (service: Service, dir: string, signal: AbortSignal): Promise<void> => {
    if (!existsSync(join(dir, 'HEAD'))) {
      const made = await start({ cwd: cacheDir, args: ['init', '--quiet', '--bare', '--', dir], signal });
      if (made.code !== 0) throw brokenMirror(dir, made);
    }
    const { url } = service.repository;
    const credential = await headerFor(url, credentials, signal);
    const args = ['fetch', '--quiet', '--prune', '--no-tags', '--no-write-fetch-head', '--', url];
    const fetched = await boundGrowth(
      dir,
      fetchBytes,
      () => fetchTooLarge(showUrl(url), fetchBytes),
      signal,
      (signal) =>
        start({
          cwd: dir,
          args: [...args, '+refs/heads/*:refs/heads/*'],
          signal,
          timeoutMs: fetchTimeoutMs,
          ...(credential === undefined ? {} : { credential }),
        }),
    ).catch(async (error: unknown) => {
      // A killed git leaves behind what had come by then; nobody else fetches into it while we hold its lock.
      await removePartial(dir);
      throw error;
    });
    if (fetched.code !== 0) {
      const stderr = withoutSecrets(fetched.stderr, credential?.header);
      throw remoteFailure(showUrl(url), stderr, credential !== undefined);
    }
  };

  /** Once this has resolved, nobody removes the mirror for some minutes. */
  const ensure = async (service: Service, signal: AbortSignal): Promise<string> => {
    const dir = pathOf(service);
    if (Date.now() - (touchedAtMs.get(dir) ?? 0) > touchEveryMs && (await touchMirror(dir))) {
      touchedAtMs.set(dir, Date.now());
    }
    if (!existsSync(join(dir, 'HEAD'))) await fetch(service, signal);
    return dir;
  };

  const run: Mirrors['run'] = async (service, args, options) => {
    const cwd = await ensure(service, options.signal);
    const command = { cwd, args, ...options };
    try {
      const done = await start(command);
      if (done.code === 0 || existsSync(join(cwd, 'HEAD'))) return done;
    } catch (error) {
      if (existsSync(join(cwd, 'HEAD'))) throw error;
    }
    // It was removed between the two steps: the cache was over its bound, or somebody cleaned up.
    await fetch(service, options.signal);
    return start(command);
  };

  const read: Mirrors['read'] = async (service, args, options) => {
    const done = await run(service, args, options);
    if (done.code !== 0) throw brokenMirror(pathOf(service), done);
    return done;
  };

  const branchHead = async (service: Service, signal: AbortSignal): Promise<string> => {
    const ref = `refs/heads/${service.repository.branch}^{commit}`;
    const found = await run(service, ['rev-parse', '--verify', '--quiet', '--end-of-options', ref], {
      signal,
    });
    if (found.code !== 0) throw missingBranch(service, showUrl(service.repository.url));
    return found.stdout.toString('utf8').trim();
  };

  return {
    fetch,
    run,
    read,
    async requireCommit(service, sha, signal) {
      if (shaPattern.test(sha)) {
        const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${sha}^{commit}`];
        const found = await run(service, args, { signal });
        if (found.code === 0) return found.stdout.toString('utf8').trim();
      }
      throw new NoSuchCommit(
        `${service.repository.slug} has no commit ${sha.slice(0, 64)}.`,
        'It may have been rewritten, or be newer than the last fetch.',
      );
    },
  };
}

function brokenMirror(dir: string, done: GitResult): GitFailed {
  return new GitFailed(
    'Git could not read its mirror of the repository.',
    `Remove ${dir}; it is made again at the next look.`,
    { cause: new Error(done.stderr.trim()) },
  );
}

export async function headerFor(
  url: string,
  credentials: GitCredentials,
  signal: AbortSignal,
): Promise<{ origin: string; header: string } | undefined> {
  if (!/^https?:\/\//.test(url)) return undefined;
  const found = await credentials(url, signal);
  if (found === null) return undefined;
  const basic = Buffer.from(`${found.username}:${found.password}`).toString('base64');
  return { origin: new URL(url).origin, header: `Authorization: Basic ${basic}` };
}

export function showUrl(url: string): string {
  return url.replace(/^(\w+:\/\/)[^/@]*@/, '$1');
}

export function withoutSecrets(stderr: string, header: string | undefined): string {
  return (header === undefined ? stderr : stderr.replaceAll(header, '[credentials]')).replaceAll(
    /(\w+:\/\/)[^/@\s]*@/g,
    '$1',
  );
}

async function removePartial(dir: string): Promise<void> {
  for (const entry of await readdir(join(dir, 'objects'), { recursive: true }).catch(() => [])) {
    if (/(^|\/)tmp_\w+$/.test(entry)) await rm(join(dir, 'objects', entry), { recursive: true, force: true });
  }
}

/** A killed fetch leaves git's own lock files behind; nobody else writes to a mirror while we hold its lock. */
async function removeStaleLocks(dir: string): Promise<void> {
  if (!existsSync(dir)) return;
  for (const entry of await readdir(dir, { recursive: true })) {
    if (entry.endsWith('.lock') && !entry.startsWith('objects')) await rm(join(dir, entry), { force: true });
  }
}

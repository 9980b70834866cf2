import { resolve } from 'node:path';
import type { Log } from '../../platform/log.ts';
import type { SourceControl } from '../../ports/source-control.ts';
import { createCheckouts, usualRoots } from './checkouts.ts';
import { computePatch, computeRestore } from './compute-change.ts';
import { computeRevert } from './compute-revert.ts';
import { evictMirrors, usedRecentlyMs } from './evict-mirrors.ts';
import { blameLines, compareCommits, cutText, diffArgs, listTree } from './look-at-source.ts';
import type { TreeBounds } from './measure-tree.ts';
import { createMirrors, type GitCredentials } from './mirrors.ts';
import { logFormat, parseLog } from './parse-log.ts';
import { searchTree } from './search-tree.ts';

/** Names of files; a repository of kilobytes may have files without end. */
const listingMaxBytes = 16 * 1024 * 1024;
const logArgs = ['-z', '--numstat', '--no-renames', '--diff-merges=first-parent', logFormat];
/** No line of a diff begins with it: those begin with a sign, a space, `@@` or a header word. */
const diffMark = '\u0001commit ';

const fullSha = /^[0-9a-f]{40}([0-9a-f]{24})?$/;
const defaultCacheBytes = 20e9;
const sweepEveryMs = 60_000;

export interface GitCache extends SourceControl {
  /** Makes room and removes what dead processes left; every fetch does so now and then. @returns how much of it */
  sweep(signal: AbortSignal): Promise<number>;
}

/**
 * Git by bare mirrors. Everything runs on clones that Warroom made itself and that no sandbox can write to; a merge
 * commit counts as what it brought to its first parent.
 */
export function createGit(options: {
  /** Mirrors are kept here. */
  cacheDir: string;
  /** Fresh folders for checkouts are made here. Unless told in memory where there is room, else in `cacheDir`. */
  workDir?: string;
  /** What all mirrors together may take; those that were not used for the longest time go. Default 20 GB. */
  cacheBytes?: number;
  /** What one checkout may take. Default: what a usual sandbox takes, 40,000 files and folders and 256 MiB. */
  checkoutMost?: TreeBounds;
  credentials: GitCredentials;
  log: Log;
}): GitCache {
  const cacheDir = resolve(options.cacheDir);
  const mirrors = createMirrors(cacheDir, options.credentials, options.log);
  const roots = options.workDir === undefined ? usualRoots(cacheDir) : [resolve(options.workDir)];
  const checkouts = createCheckouts(mirrors, roots, options.checkoutMost);
  let sweptAtMs = 0;

  async function sweep(signal: AbortSignal): Promise<number> {
    sweptAtMs = Date.now();
    const most = { bytes: options.cacheBytes ?? defaultCacheBytes, unusedMs: usedRecentlyMs };
    return (await evictMirrors(cacheDir, most, options.log, signal)) + (await checkouts.sweep());
  }

  return {
    sweep,

    async fetch(service, signal) {
      const head = await mirrors.fetch(service, signal);
      // What makes the cache grow also makes room; and no caller fails because there was none to make.
      if (Date.now() - sweptAtMs > sweepEveryMs) {
        await sweep(signal).catch((error: unknown) => {
          options.log.warn({ err: error }, 'the mirror cache could not be swept');
        });
      }
      return { head };
    },

    async log(service, { at, except, since, path, text, limit }, signal) {
      const sha = await mirrors.requireCommit(service, at, signal);
      const args = ['log', '--date-order', ...logArgs];
      if (since !== undefined) args.push(`--since=${since.toISOString()}`);
      if (text !== undefined && text !== '') args.push('--fixed-strings', '-i', `--grep=${text}`);
      const range =
        except === undefined ? [sha] : [sha, `^${await mirrors.requireCommit(service, except, signal)}`];
      const paths = path === undefined ? [] : [`:(literal)${path}`];
      const done = await mirrors.read(service, [...args, `--max-count=${limit}`, ...range, '--', ...paths], {
        signal,
      });
      return parseLog(done.stdout.toString('utf8'));
    },

    async diff(service, sha, maxBytes, signal) {
      const commit = await mirrors.requireCommit(service, sha, signal);
      const done = await mirrors.read(service, ['show', '--format=', ...diffArgs, commit, '--'], {
        signal,
        maxBytes,
      });
      return cutText(done.stdout, done.cut, 'the diff goes on');
    },

    async diffs(service, shas, maxBytes, signal) {
      const known = shas.filter((sha) => /^[0-9a-f]{40,64}$/.test(sha));
      if (known.length === 0) return new Map();
      await mirrors.requireCommit(service, known[0] ?? '', signal);
      const args = ['show', `--format=${diffMark}%H`, ...diffArgs, ...known, '--'];
      const done = await mirrors.read(service, args, { signal, maxBytes: known.length * maxBytes });
      return splitDiffs(done.stdout.toString('utf8'), done.cut, maxBytes);
    },

    async files(service, at, signal) {
      const sha = await mirrors.requireCommit(service, at, signal);
      const done = await mirrors.read(service, ['ls-tree', '-r', '-z', '--name-only', sha], {
        signal,
        maxBytes: listingMaxBytes,
      });
      return words(done.cut ? done.stdout.subarray(0, done.stdout.lastIndexOf(0)) : done.stdout);
    },

    async read(service, at, path, maxBytes, signal) {
      const sha = await mirrors.requireCommit(service, at, signal);
      const blob = `${sha}:${path}`;
      const type = await mirrors.run(service, ['cat-file', '-t', blob], { signal });
      if (type.code !== 0 || type.stdout.toString('utf8').trim() !== 'blob') return undefined;
      const done = await mirrors.read(service, ['cat-file', 'blob', blob], { signal, maxBytes });
      return cutText(done.stdout, done.cut, 'the file goes on');
    },

    search: (service, query, signal) => searchTree(mirrors, service, query, signal),
    tree: (service, query, signal) => listTree(mirrors, service, query, signal),
    blame: (service, query, signal) => blameLines(mirrors, service, query, signal),
    compare: (service, query, signal) => compareCommits(mirrors, service, query, signal),

    async checkout(service, at, signal) {
      if (!fullSha.test(at)) {
        return checkouts.make(service, await mirrors.requireCommit(service, at, signal), signal);
      }
      try {
        return await checkouts.make(service, at, signal);
      } catch (error) {
        // A process less when all is well; when not, it may be that there is no such commit.
        signal.throwIfAborted();
        await mirrors.requireCommit(service, at, signal);
        throw error;
      }
    },

    async contains(service, { head, sha }, signal) {
      const known = await mirrors.run(
        service,
        ['merge-base', '--is-ancestor', '--end-of-options', sha, head],
        {
          signal,
        },
      );
      return known.code === 0;
    },

    async history(service, { at, path, limit }, signal) {
      const sha = await mirrors.requireCommit(service, at, signal);
      const args = [
        'log',
        '--first-parent',
        ...logArgs,
        `--max-count=${limit}`,
        sha,
        '--',
        `:(literal)${path}`,
      ];
      const done = await mirrors.read(service, args, { signal });
      return parseLog(done.stdout.toString('utf8'));
    },

    patch: (service, query, signal) => computePatch(mirrors, service, query, signal),
    restore: (service, query, signal) => computeRestore(mirrors, service, query, signal),
    revert: (service, query, signal) => computeRevert(mirrors, service, query, signal),
  };
}

/** What `show` printed of several commits, taken apart; the last one is dropped where the reading was cut inside it. */
function splitDiffs(text: string, cut: boolean, maxBytes: number): Map<string, string> {
  const diffs = new Map<string, string>();
  const parts = text.split(diffMark).slice(1);
  for (const [place, part] of parts.entries()) {
    const end = part.indexOf('\n');
    const sha = end === -1 ? part : part.slice(0, end);
    const diff = end === -1 ? '' : part.slice(end + 1).replace(/^\n/, '');
    if (cut && place === parts.length - 1) break;
    const bytes = Buffer.from(diff, 'utf8');
    diffs.set(
      sha.trim(),
      bytes.length <= maxBytes ? diff : cutText(bytes.subarray(0, maxBytes), true, 'the diff goes on'),
    );
  }
  return diffs;
}

function words(output: Buffer): string[] {
  return output
    .toString('utf8')
    .split('\0')
    .filter((word) => word !== '');
}

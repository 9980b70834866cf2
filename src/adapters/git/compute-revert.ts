import type { Service } from '../../domain/service.ts';
import type { RevertOutcome } from '../../ports/source-control.ts';
import { compareTrees } from './compare-trees.ts';
import { GitFailed, NoSuchCommit } from './errors.ts';
import type { Mirrors } from './mirrors.ts';

const emptyTree = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

/**
 * What `git revert` would do, without a work tree. A revert is a three-way merge: from the commit's tree, one side went
 * to `base` and the other goes back to the commit's first parent. Three throw-away commits say exactly that to
 * `git merge-tree`, so the answer is git's own merge, renames included.
 */
export async function computeRevert(
  mirrors: Mirrors,
  service: Service,
  query: { base: string; sha: string },
  signal: AbortSignal,
): Promise<RevertOutcome> {
  const base = await mirrors.requireCommit(service, query.base, signal);
  const sha = await mirrors.requireCommit(service, query.sha, signal);
  const contained = await mirrors.run(service, ['merge-base', '--is-ancestor', sha, base], { signal });
  if (contained.code !== 0) {
    throw new NoSuchCommit(
      `Commit ${sha.slice(0, 12)} is not part of ${service.repository.branch} at ${base.slice(0, 12)}.`,
      'It may have been rewritten or never merged; there is nothing to undo.',
    );
  }
  const read = async (args: readonly string[], input?: string): Promise<string> =>
    (
      await mirrors.read(service, args, { signal, ...(input === undefined ? {} : { input }) })
    ).stdout.toString('utf8');
  const commit = async (tree: string, parents: readonly string[]): Promise<string> =>
    (
      await read(['commit-tree', ...parents.flatMap((parent) => ['-p', parent]), '-F', '-', tree], 'revert')
    ).trim();

  const parent = await mirrors.run(service, ['rev-parse', '--verify', '--quiet', `${sha}^1^{tree}`], {
    signal,
  });
  const before = parent.code === 0 ? parent.stdout.toString('utf8').trim() : await writeEmptyTree(read);
  const start = await commit(`${sha}^{tree}`, []);
  const ours = await commit(`${base}^{tree}`, [start]);
  const theirs = await commit(before, [start]);
  const args = ['merge-tree', '--write-tree', '--name-only', '--no-messages', '-z', ours, theirs];
  const merged = await mirrors.run(service, args, { signal });
  if (merged.code > 1) {
    throw new GitFailed('Git could not compute the revert.', 'It needs git 2.38 or later; update git.', {
      cause: new Error(merged.stderr.trim()),
    });
  }
  const [tree = '', ...conflicts] = merged.stdout
    .toString('utf8')
    .split('\0')
    .filter((word) => word !== '');
  if (merged.code === 1) return { kind: 'conflict', base, files: [...new Set(conflicts)] };
  if (tree === (await read(['rev-parse', '--verify', `${base}^{tree}`])).trim())
    return { kind: 'already-undone', base };

  const { diff, changes, unwritable } = await compareTrees(mirrors, service, { base, tree }, signal);
  if (unwritable.length > 0) return { kind: 'conflict', base, files: unwritable };
  return { kind: 'clean', base, diff, changes };
}

/** The empty tree is known to git but not stored; commits need it stored. */
async function writeEmptyTree(
  read: (args: readonly string[], input?: string) => Promise<string>,
): Promise<string> {
  await read(['hash-object', '-w', '-t', 'tree', '/dev/null']);
  return emptyTree;
}

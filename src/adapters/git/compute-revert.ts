import type { Service } from '../../domain/service.ts';
import type { FileChange, RevertOutcome } from '../../ports/source-control.ts';
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

  const { changes, unwritable } = await listChanges(mirrors, service, { base, tree }, signal);
  if (unwritable.length > 0) return { kind: 'conflict', base, files: unwritable };
  const diff = await read([
    'diff',
    '--no-color',
    '--no-ext-diff',
    '--no-textconv',
    '--find-renames',
    base,
    tree,
  ]);
  return { kind: 'clean', base, diff, changes };
}

/** The empty tree is known to git but not stored; commits need it stored. */
async function writeEmptyTree(
  read: (args: readonly string[], input?: string) => Promise<string>,
): Promise<string> {
  await read(['hash-object', '-w', '-t', 'tree', '/dev/null']);
  return emptyTree;
}

/** Links and submodules are not written by machine: they come back as `unwritable`. */
async function listChanges(
  mirrors: Mirrors,
  service: Service,
  { base, tree }: { base: string; tree: string },
  signal: AbortSignal,
): Promise<{ changes: FileChange[]; unwritable: string[] }> {
  const raw = await mirrors.read(service, ['diff-tree', '-r', '-z', '--no-renames', base, tree], { signal });
  const words = raw.stdout.toString('utf8').split('\0');
  const changes: FileChange[] = [];
  const unwritable: string[] = [];
  for (let at = 0; at + 1 < words.length; at += 2) {
    const [oldMode = '', mode = '', , blob = ''] = (words[at] ?? '').slice(1).split(' ');
    const path = words[at + 1] ?? '';
    if (mode === '000000' && isFileMode(oldMode)) {
      changes.push({ path, content: null, mode: oldMode });
    } else if (isFileMode(mode)) {
      const content = await mirrors.read(service, ['cat-file', 'blob', blob], { signal });
      changes.push({ path, content: new Uint8Array(content.stdout), mode });
    } else {
      unwritable.push(path);
    }
  }
  return { changes, unwritable };
}

function isFileMode(mode: string): mode is FileChange['mode'] {
  return mode === '100644' || mode === '100755';
}

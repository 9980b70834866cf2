import { type BareGit, emptyTree } from './bare-git.ts';

export type CommitRow = {
  sha: string;
  tree: string;
  parents: string[];
  author: { name: string; email: string; date: string };
  committer: { name: string; email: string; date: string };
  message: string;
};

export type FileChange = {
  sha: string;
  filename: string;
  previousFilename?: string;
  status: 'added' | 'removed' | 'modified' | 'renamed' | 'changed';
  additions: number;
  deletions: number;
  /** Hunks only; absent for binary files. */
  patch?: string;
};

const fields = ['%H', '%T', '%P', '%an', '%ae', '%aI', '%cn', '%ce', '%cI', '%B'].join('%x1f');

/** Commits as `git log` lists them for `args` (revisions, limits, paths). */
export async function listCommits(git: BareGit, args: readonly string[]): Promise<CommitRow[]> {
  const out = await git.text(['log', '-z', `--format=${fields}`, ...args]);
  return out
    .split('\0')
    .filter((record) => record !== '')
    .map(parseCommit);
}

export async function readCommit(git: BareGit, revision: string): Promise<CommitRow | undefined> {
  const sha = await git.resolve(`${revision}^{commit}`);
  if (sha === undefined) return undefined;
  return (await listCommits(git, ['-1', sha]))[0];
}

function parseCommit(record: string): CommitRow {
  const [
    sha = '',
    tree = '',
    parents = '',
    an = '',
    ae = '',
    ad = '',
    cn = '',
    ce = '',
    cd = '',
    ...message
  ] = record.split('\x1f');
  return {
    sha,
    tree,
    parents: parents.split(' ').filter((parent) => parent !== ''),
    author: { name: an, email: ae, date: utcSeconds(ad) },
    committer: { name: cn, email: ce, date: utcSeconds(cd) },
    message: message.join('\x1f').trimEnd(),
  };
}

function utcSeconds(date: string): string {
  return new Date(date).toISOString().replace('.000Z', 'Z');
}

export function firstParentOf(commit: CommitRow): string {
  return commit.parents[0] ?? emptyTree;
}

export async function readDiff(git: BareGit, from: string, to: string): Promise<string> {
  return git.text(['diff', '--no-color', '--no-ext-diff', '--find-renames', from, to]);
}

/** What changed between two trees, file by file, by `git diff`. */
export async function listFileChanges(git: BareGit, from: string, to: string): Promise<FileChange[]> {
  const [raw, diff] = await Promise.all([
    git.text([
      'diff',
      '--raw',
      '--numstat',
      '-z',
      '--no-abbrev',
      '--no-ext-diff',
      '--find-renames',
      from,
      to,
    ]),
    readDiff(git, from, to),
  ]);
  const sections = diff.split(/^(?=diff --git )/m).filter((section) => section.startsWith('diff --git '));
  const words = raw.split('\0');
  const changes: FileChange[] = [];
  let at = 0;
  while (words[at]?.startsWith(':')) {
    const [, , oldSha = '', newSha = '', letter = ''] = (words[at] ?? '').split(' ');
    const moved = letter.startsWith('R') || letter.startsWith('C');
    const previous = words[at + 1] ?? '';
    const filename = moved ? (words[at + 2] ?? '') : previous;
    at += moved ? 3 : 2;
    changes.push({
      sha: letter === 'D' ? oldSha : newSha,
      filename,
      ...(moved ? { previousFilename: previous } : {}),
      status: statusWord(letter),
      additions: 0,
      deletions: 0,
      ...patchOf(letter, sections),
    });
  }
  for (const change of changes) {
    const [added = '0', removed = '0', path] = (words[at] ?? '').split('\t');
    at += path === '' ? 3 : 1;
    change.additions = Number.parseInt(added, 10) || 0;
    change.deletions = Number.parseInt(removed, 10) || 0;
  }
  return changes;
}

function statusWord(letter: string): FileChange['status'] {
  switch (letter[0]) {
    case 'A':
      return 'added';
    case 'D':
      return 'removed';
    case 'R':
      return 'renamed';
    case 'T':
      return 'changed';
    default:
      return 'modified';
  }
}

/** Sections come in the order of the raw listing; a change of file type has two (removal, addition). */
function patchOf(letter: string, sections: string[]): { patch?: string } {
  const section = sections.shift() ?? '';
  if (letter === 'T') sections.shift();
  const hunks = section.indexOf('\n@@ ');
  return hunks === -1 ? {} : { patch: section.slice(hunks + 1).trimEnd() };
}

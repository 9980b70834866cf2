import type { Commit } from '../../ports/source-control.ts';

const fieldSeparator = '\x1f';
const recordSeparator = '\x1e';

/** For `git log -z --numstat`: what `parseLog` reads. */
export const logFormat = `--format=${['%x1e%H', '%P', '%an', '%aI', '%cI', '%s', '%b', ''].join('%x1f')}`;

export function parseLog(output: string): Commit[] {
  return output
    .split(recordSeparator)
    .filter((record) => record.includes(fieldSeparator))
    .map(parseRecord);
}

function parseRecord(record: string): Commit {
  const [sha = '', parents = '', author = '', authoredAt = '', committedAt = '', subject = '', ...rest] =
    record.split(fieldSeparator);
  const files = rest.at(-1) ?? '';
  const body = rest.slice(0, -1).join(fieldSeparator);
  return {
    sha,
    subject,
    body: body.trim(),
    author,
    authoredAt: new Date(authoredAt),
    committedAt: new Date(committedAt),
    parents: parents.split(' ').filter((parent) => parent !== ''),
    files: files
      .split('\0')
      .map((line) => /^\n?(\d+|-)\t(\d+|-)\t(.+)$/s.exec(line))
      .filter((match) => match !== null)
      // binary files have "-" for both numbers
      .map(([, added = '', removed = '', path = '']) => ({
        path,
        added: Number(added) || 0,
        removed: Number(removed) || 0,
      })),
  };
}

import type { Service } from '../../domain/service.ts';
import type { BlamedLines, Comparison, SourceControl } from '../../ports/source-control.ts';
import type { Mirrors } from './mirrors.ts';

export const diffArgs = [
  '--diff-merges=first-parent',
  '--no-color',
  '--no-ext-diff',
  '--no-textconv',
  '--find-renames',
];

/** Names of files; a repository of kilobytes may have files without end. */
const listingMaxBytes = 16 * 1024 * 1024;
const blameMaxBytes = 2 * 1024 * 1024;

export async function listTree(
  mirrors: Mirrors,
  service: Service,
  { at, folder }: Parameters<SourceControl['tree']>[1],
  signal: AbortSignal,
): Promise<{ path: string; bytes: number }[]> {
  const sha = await mirrors.requireCommit(service, at, signal);
  const under = folder === '' ? [] : [folder];
  // `ls-tree` takes no patterns: a folder named `*` is a folder.
  const done = await mirrors.read(
    service,
    ['ls-tree', '-r', '-l', '-z', '--full-tree', sha, '--', ...under],
    {
      signal,
      maxBytes: listingMaxBytes,
    },
  );
  const whole = done.cut ? done.stdout.subarray(0, done.stdout.lastIndexOf(0)) : done.stdout;
  return whole
    .toString('utf8')
    .split('\0')
    .flatMap((line) => {
      const [, type, bytes, path] = /^\d+ (\w+) [0-9a-f]+ +(\d+|-)\t(.+)$/s.exec(line) ?? [];
      return type === 'blob' && path !== undefined ? [{ path, bytes: Number(bytes) || 0 }] : [];
    });
}

export async function compareCommits(
  mirrors: Mirrors,
  service: Service,
  { from, to, path, maxBytes }: Parameters<SourceControl['compare']>[1],
  signal: AbortSignal,
): Promise<Comparison> {
  const [before, after] = [
    await mirrors.requireCommit(service, from, signal),
    await mirrors.requireCommit(service, to, signal),
  ];
  const where = path === undefined ? [] : [`:(literal)${path}`];
  const counted = await mirrors.read(
    service,
    ['diff', '--numstat', '--no-renames', '-z', before, after, '--', ...where],
    { signal, maxBytes: listingMaxBytes },
  );
  const done = await mirrors.read(service, ['diff', ...diffArgs.slice(1), before, after, '--', ...where], {
    signal,
    maxBytes,
  });
  return {
    files: counted.stdout
      .toString('utf8')
      .split('\0')
      .flatMap((line) => {
        const [, added, removed, name] = /^(\d+|-)\t(\d+|-)\t(.+)$/s.exec(line) ?? [];
        return name === undefined
          ? []
          : [{ path: name, added: Number(added) || 0, removed: Number(removed) || 0 }];
      }),
    diff: cutText(done.stdout, done.cut, 'the diff goes on'),
  };
}

export async function blameLines(
  mirrors: Mirrors,
  service: Service,
  { at, path, fromLine, lines }: Parameters<SourceControl['blame']>[1],
  signal: AbortSignal,
): Promise<BlamedLines[] | undefined> {
  const sha = await mirrors.requireCommit(service, at, signal);
  const type = await mirrors.run(service, ['cat-file', '-t', `${sha}:${path}`], { signal });
  if (type.code !== 0 || type.stdout.toString('utf8').trim() !== 'blob') return undefined;
  const range = `${fromLine},${fromLine + lines - 1}`;
  const done = await mirrors.run(service, ['blame', '--porcelain', '-w', '-L', range, sha, '--', path], {
    signal,
    maxBytes: blameMaxBytes,
  });
  // Git refuses a range that begins behind the end; there are no lines then.
  return done.code === 0 ? parseBlame(done.stdout.toString('utf8')) : [];
}

/** Details of a commit come with the first of its lines only. */
function parseBlame(output: string): BlamedLines[] {
  const details = new Map<string, { author: string; committedAt: Date; subject: string }>();
  const found: (Omit<BlamedLines, 'lines'> & { lines: string[] })[] = [];
  let sha = '';
  let line = 0;
  for (const text of output.split('\n')) {
    const [, began, at] = /^([0-9a-f]{40,64}) \d+ (\d+)/.exec(text) ?? [];
    if (began !== undefined) {
      [sha, line] = [began, Number(at)];
      if (!details.has(sha)) details.set(sha, { author: '', committedAt: new Date(0), subject: '' });
      continue;
    }
    const known = details.get(sha);
    if (known === undefined) continue;
    if (text.startsWith('author ')) known.author = text.slice(7);
    else if (text.startsWith('committer-time ')) known.committedAt = new Date(Number(text.slice(15)) * 1000);
    else if (text.startsWith('summary ')) known.subject = text.slice(8);
    else if (text.startsWith('\t')) {
      const last = found.at(-1);
      if (last?.sha === sha && last.fromLine + last.lines.length === line) last.lines.push(text.slice(1));
      else found.push({ sha, ...known, fromLine: line, lines: [text.slice(1)] });
    }
  }
  return found;
}

export function cutText(output: Buffer, cut: boolean, mark: string): string {
  const text = output.toString('utf8');
  return cut ? `${text.replace(/\uFFFD+$/, '')}\n[… cut at ${output.length} bytes: ${mark}]\n` : text;
}

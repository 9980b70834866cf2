import type { Service } from '../../domain/service.ts';
import { SourceRefused, SourceUnreachable } from '../../platform/errors.ts';
import type { SourceControl } from '../../ports/source-control.ts';
import { GitFailed } from './errors.ts';
import type { Mirrors } from './mirrors.ts';

/** Lines of one search hit are cut here; minified files have lines of megabytes. */
const maxLineChars = 400;
const searchMaxBytes = 2 * 1024 * 1024;
const expressionTimeoutMs = 8_000;

type Query = Parameters<SourceControl['search']>[1];

/** By `git grep` over the mirror: there is no work tree to search, and none is made (docs/decisions/0009). */
export async function searchTree(
  mirrors: Mirrors,
  service: Service,
  { at, text, is = 'text', ignoreCase = false, under, limit }: Query,
  signal: AbortSignal,
): Promise<{ path: string; line: number; text: string }[]> {
  if (text === '' || /[\n\0]/.test(text)) return [];
  const sha = await mirrors.requireCommit(service, at, signal);
  const args = [
    'grep',
    is === 'text' ? '--fixed-strings' : '--perl-regexp',
    ...(ignoreCase ? ['--ignore-case'] : []),
    '--line-number',
    '--full-name',
    '-z',
    '-I',
    '--no-color',
    '-e',
    text,
    sha,
    '--',
    ...(under === undefined || under === '' ? [] : [`:(literal)${under}`]),
  ];
  const done = await mirrors
    .run(service, args, {
      signal,
      maxBytes: searchMaxBytes,
      ...(is === 'text' ? {} : { timeoutMs: expressionTimeoutMs }),
    })
    .catch((error: unknown) => {
      if (is === 'expression' && error instanceof SourceUnreachable)
        throw refused('takes too long on this source', error);
      throw error;
    });
  if (done.code > 1) {
    const said = done.stderr.trim();
    if (is === 'expression') throw refused('is none that git can search with', new Error(said));
    throw new GitFailed(
      `Git could not search ${service.repository.slug}.`,
      'See the log for what git said.',
      {
        cause: new Error(said),
      },
    );
  }
  return parseHits(done.stdout.toString('utf8'), sha, limit);
}

function refused(why: string, cause: Error): SourceRefused {
  return new SourceRefused(
    `The regular expression ${why}.`,
    'Write it in Perl’s syntax without nested repeats such as (a+)+, name a folder to search in, or search for a fixed text.',
    { cause },
  );
}

/** Lines are `sha:path NUL line NUL text`. */
function parseHits(
  output: string,
  sha: string,
  limit: number,
): { path: string; line: number; text: string }[] {
  const hits: { path: string; line: number; text: string }[] = [];
  for (const record of output.split('\n')) {
    if (hits.length >= limit) break;
    const [place = '', line = '', ...text] = record.split('\0');
    if (!place.startsWith(`${sha}:`) || text.length === 0) continue;
    hits.push({
      path: place.slice(sha.length + 1),
      line: Number(line),
      text: text.join('\0').slice(0, maxLineChars),
    });
  }
  return hits;
}

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Service } from '../../domain/service.ts';
import type { ChangeOutcome } from '../../ports/source-control.ts';
import { compareTrees } from './compare-trees.ts';
import type { Mirrors } from './mirrors.ts';

/** Of what git says about a patch; its text is the patch's own in part. */
const reasonMaxChars = 300;

type Stage = (run: (args: readonly string[], input?: string) => ReturnType<Mirrors['run']>) => Promise<
  /** Why it cannot be had; null when the index has it. */
  string | null
>;

/**
 * A unified diff on top of `base`, applied to an index of its own: there is no work tree that a hostile path or link could
 * lead out of, and git refuses paths outside the repository and inside `.git` by itself.
 */
export function computePatch(
  mirrors: Mirrors,
  service: Service,
  query: { base: string; patch: string },
  signal: AbortSignal,
): Promise<ChangeOutcome> {
  return computeChange(mirrors, service, query.base, signal, async (run) => {
    const applied = await run(['apply', '--cached', '--whitespace=nowarn', '-'], query.patch);
    return applied.code === 0 ? null : saidBy(applied.stderr);
  });
}

/** One file as it was at `from`. */
export function computeRestore(
  mirrors: Mirrors,
  service: Service,
  query: { base: string; path: string; from: string },
  signal: AbortSignal,
): Promise<ChangeOutcome> {
  return computeChange(mirrors, service, query.base, signal, async (run) => {
    const from = await mirrors.requireCommit(service, query.from, signal);
    const listed = await run(['ls-tree', '-z', '--full-tree', from, '--', `:(literal)${query.path}`]);
    const [entry = ''] = listed.stdout.toString('utf8').split('\0');
    const [mode = '', type = '', blob = ''] = entry.split(/[ \t]/);
    if (type !== 'blob') return `there is no file ${query.path} at ${from.slice(0, 7)}`;
    const staged = await run(['update-index', '--add', '--cacheinfo', `${mode},${blob},${query.path}`]);
    return staged.code === 0 ? null : saidBy(staged.stderr);
  });
}

async function computeChange(
  mirrors: Mirrors,
  service: Service,
  at: string,
  signal: AbortSignal,
  stage: Stage,
): Promise<ChangeOutcome> {
  const base = await mirrors.requireCommit(service, at, signal);
  const folder = await mkdtemp(join(tmpdir(), 'warroom-index-'));
  const indexFile = join(folder, 'index');
  try {
    await mirrors.read(service, ['read-tree', base], { signal, indexFile });
    const refused = await stage((args, input) =>
      mirrors.run(service, args, { signal, indexFile, ...(input === undefined ? {} : { input }) }),
    );
    if (refused !== null) return { kind: 'refused', base, reason: refused };
    const read = async (args: readonly string[], input?: string): Promise<string> =>
      (
        await mirrors.read(service, args, { signal, indexFile, ...(input === undefined ? {} : { input }) })
      ).stdout
        .toString('utf8')
        .trim();
    const tree = await read(['write-tree']);
    if (tree === (await read(['rev-parse', '--verify', `${base}^{tree}`])))
      return { kind: 'no-change', base };
    const { diff, changes, unwritable } = await compareTrees(mirrors, service, { base, tree }, signal);
    if (unwritable.length > 0) {
      return { kind: 'refused', base, reason: `${unwritable.join(', ')} would be a link or a submodule` };
    }
    const commit = await read(['commit-tree', '-p', base, '-F', '-', tree], 'to be tried');
    return { kind: 'clean', base, diff, changes, commit };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Git's first complaint, without its prefix. */
function saidBy(stderr: string): string {
  const [first = 'git refuses it'] = stderr.split('\n').filter((line) => line.trim() !== '');
  return first
    .replace(/^(error|fatal): /, '')
    .replace(/\p{Cc}+/gu, ' ')
    .slice(0, reasonMaxChars);
}

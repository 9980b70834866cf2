import type { Json } from '../platform/canonical-json.ts';
import { type Evidence, isRanking } from './evidence.ts';

/** Of the best of its service: below this, code itself says that another commit explains the failure better. */
const contends = 0.4;
/** Whatever the others are: nothing ties it to what goes wrong. */
const least = 0.05;

interface RankedRow {
  readonly sha: string;
  readonly service: string;
  /** Null in rows that say only how far it leads. */
  readonly score: number | null;
}

/**
 * Whether code, reading diffs against symptoms, finds that this commit may explain the failure about as well as any other of
 * its service. A name that a model gives is no ground to undo anything: somebody may have put it into its mouth.
 */
export function isRankedByCode(sha: string, service: string, evidence: readonly Evidence[]): boolean {
  const rows = evidence.flatMap(rankedRow).filter((row) => row.service === service);
  const best = Math.max(0, ...rows.map((row) => row.score ?? 0));
  return rows.some(
    (row) => row.sha.startsWith(sha) && (row.score === null || row.score >= Math.max(least, contends * best)),
  );
}

/** Rows that a ranking left; those of a mere look at a commit have no margin. */
function rankedRow(row: Evidence): RankedRow[] {
  if (!isRanking(row)) return [];
  const sha = field(field(row.data, 'commit'), 'sha');
  const score = field(row.data, 'score');
  if (typeof sha !== 'string') return [];
  return [{ sha, service: row.service, score: typeof score === 'number' ? score : null }];
}

function field(data: Json | undefined, key: string): Json | undefined {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return undefined;
  return (data as { readonly [key: string]: Json })[key];
}

import { sql } from 'kysely';
import { type Anchor, digestAnchor } from '../domain/audit-anchor.ts';
import type { AuditProblem } from '../domain/audit-report.ts';
import { chainStart } from '../domain/timeline.ts';
import type { Db } from './session.ts';

const anchorsPerPage = 200;

/** The chain of anchors, each recomputed from the ends that it lists; the first break is reported. */
export async function verifyAnchors(
  db: Db,
  report: (problem: AuditProblem) => void,
): Promise<{ readonly byDigest: ReadonlyMap<string, Anchor>; readonly newest: Anchor | null }> {
  const byDigest = new Map<string, Anchor>();
  let newest: Anchor | null = null;
  let broken: string | null = null;
  for (;;) {
    const page: Anchor[] = await db
      .selectFrom('auditAnchors')
      .selectAll()
      .where('number', '>', newest?.number ?? 0)
      .orderBy('number')
      .limit(anchorsPerPage)
      .execute();
    if (page.length === 0) break;
    const heads = await db
      .selectFrom('auditAnchorHeads')
      .selectAll()
      .where('anchor', '>=', page[0]?.number ?? 0)
      .where('anchor', '<=', page.at(-1)?.number ?? 0)
      .execute();
    const listed = Map.groupBy(heads, (head) => head.anchor);
    for (const anchor of page) {
      broken ??= whyBroken(anchor, listed.get(anchor.number) ?? [], newest);
      byDigest.set(anchor.digest, anchor);
      newest = anchor;
    }
  }
  const { rows } = await sql<{ anchor: number }>`
    select anchor from audit_anchor_heads h
    where not exists (select from audit_anchors a where a.number = h.anchor) limit 1`.execute(db);
  const [stray] = rows;
  if (stray !== undefined) broken ??= `anchor ${stray.anchor} is gone, and what it listed is still there.`;
  if (broken !== null) report({ stream: null, seq: null, fault: 'anchor', text: broken });
  return { byDigest, newest };
}

function whyBroken(
  anchor: Anchor,
  heads: readonly { readonly stream: string; readonly seq: number; readonly hash: string }[],
  before: Anchor | null,
): string | null {
  const expected = (before?.number ?? 0) + 1;
  if (anchor.number !== expected) return `anchor ${expected} is missing.`;
  if (anchor.previous !== (before?.digest ?? chainStart)) {
    return `anchor ${anchor.number} does not follow from the one before it.`;
  }
  return digestAnchor(anchor, heads) === anchor.digest
    ? null
    : `anchor ${anchor.number} does not have the digest of what it lists: it was edited.`;
}

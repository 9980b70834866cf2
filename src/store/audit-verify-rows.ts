import type { AuditCounts, AuditProblem } from '../domain/audit-report.ts';
import type { AuditKey } from '../domain/audit-seal.ts';
import { sha256 } from '../platform/canonical-json.ts';
import { readSealed, type SealedRelation, sealedColumns } from './audit-seals.ts';
import type { Db } from './session.ts';

const rowsPerPage = 500;
/** Plans carry whole diffs. */
const plansPerPage = 50;

/** Rows that change: each must be what it was when Warroom last wrote it. */
export async function verifySealedRows(
  db: Db,
  auditKey: AuditKey,
  checked: AuditCounts,
  report: (problem: AuditProblem) => void,
): Promise<void> {
  const changed = (text: string) => report({ stream: null, seq: null, fault: 'row', text });
  for (const relation of Object.keys(sealedColumns) as SealedRelation[]) {
    for (let after = ''; ; ) {
      const page = await readSealed(db, auditKey, relation, { after, limit: rowsPerPage });
      const last = page.at(-1);
      if (last === undefined) break;
      checked[relation] += page.length;
      for (const row of page) {
        if (!row.sealed) changed(`row ${row.id} of ${relation} is not as Warroom wrote it.`);
      }
      after = last.id;
    }
  }
  for (let after = ''; ; ) {
    const page = await db
      .selectFrom('plans')
      .select(['id', 'canonical', 'digest'])
      .where('id', '>', after)
      .orderBy('id')
      .limit(plansPerPage)
      .execute();
    const last = page.at(-1);
    if (last === undefined) break;
    for (const plan of page) {
      if (sha256(plan.canonical) !== plan.digest)
        changed(`plan ${plan.id} does not have the digest of its text.`);
    }
    after = last.id;
  }
}

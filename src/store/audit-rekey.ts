import { type Kysely, sql } from 'kysely';
import { type AuditKey, markKey, sameSeal, sealHead } from '../domain/audit-seal.ts';
import { systemStream } from '../ports/record.ts';
import { demandKey } from './audit-adopt.ts';
import { readSealed, type SealedRelation, sealedColumns, sealRows } from './audit-seals.ts';
import type { Database } from './schema.ts';
import type { Session } from './session.ts';
import { createTimeline } from './timeline.ts';

const rowsPerPage = 500;

/** All or nothing. Only what holds under the old key is sealed anew, so that a change of keys covers nothing up. */
export async function rekeyRecord(db: Kysely<Database>, oldKey: AuditKey, newKey: AuditKey): Promise<void> {
  await db.transaction().execute(async (all) => {
    await sql`lock table timeline_heads, row_seals, audit_key in exclusive mode`.execute(all);
    await demandKey(all, oldKey);
    const heads = await all.selectFrom('timelineHeads').selectAll().execute();
    for (const { mac, ...head } of heads) {
      if (!sameSeal(sealHead(oldKey, head), mac)) continue;
      await all
        .updateTable('timelineHeads')
        .set({ mac: sealHead(newKey, head) })
        .where('stream', '=', head.stream)
        .execute();
    }
    for (const relation of Object.keys(sealedColumns) as SealedRelation[]) {
      for (let after = ''; ; ) {
        const page = await readSealed(all, oldKey, relation, { after, limit: rowsPerPage });
        const last = page.at(-1);
        if (last === undefined) break;
        const intact = page.filter((row) => row.sealed).map((row) => row.id);
        await sealRows(all, newKey, relation, intact);
        after = last.id;
      }
    }
    await all
      .updateTable('auditKey')
      .set({ mark: markKey(newKey) })
      .execute();
    const session: Session = {
      db: all,
      auditKey: newKey,
      now: () => sql<Date>`clock_timestamp()`,
      atomic: (work) => work(all),
    };
    await createTimeline(session).append(systemStream, {
      kind: 'audit.rekeyed',
      actor: 'warroom',
      text: 'An operator gave the record another secret.',
      data: {},
    });
  });
}

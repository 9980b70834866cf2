import { gunzipSync } from 'node:zlib';
import { type Selectable, sql } from 'kysely';
import type { Evidence } from '../domain/evidence.ts';
import type { EvidenceRows } from '../ports/record.ts';
import { packOutput } from './pack-output.ts';
import type { EvidenceRow } from './schema.ts';
import { type Db, lockIncident, type Session } from './session.ts';
import { storableText, toJsonb } from './storable.ts';

export function createEvidenceRows(session: Session): EvidenceRows {
  return {
    async keep(incidentId, investigationId, key, seen) {
      const before = await byKey(session.db, incidentId, key);
      if (before !== undefined) return before;
      return await session.atomic(async (db) => {
        await lockIncident(db, incidentId);
        const meanwhile = await byKey(db, incidentId, key);
        if (meanwhile !== undefined) return meanwhile;
        const output = await packOutput(seen, () => keptOutputs(db, incidentId));
        const { evidenceCount } = await db
          .updateTable('incidents')
          .set({ evidenceCount: sql`evidence_count + 1` })
          .where('id', '=', incidentId)
          .returning('evidenceCount')
          .executeTakeFirstOrThrow();
        const row = await db
          .insertInto('evidence')
          .values({
            incidentId,
            investigationId,
            number: evidenceCount,
            key,
            kind: seen.kind,
            service: seen.service,
            title: seen.title,
            summary: output.summary,
            query: seen.query,
            data: toJsonb(seen.data),
            empty: seen.empty,
            at: session.now(),
          })
          .returningAll()
          .executeTakeFirstOrThrow();
        if (output.body !== null)
          await db
            .insertInto('toolOutputs')
            .values({ incidentId, number: evidenceCount, body: output.body })
            .execute();
        return toEvidence(row);
      });
    },

    async output(incidentId, number) {
      const row = await session.db
        .selectFrom('toolOutputs')
        .select('body')
        .where('incidentId', '=', incidentId)
        .where('number', '=', number)
        .executeTakeFirst();
      return row && gunzipSync(row.body).toString('utf8');
    },

    async ofIncident(incidentId) {
      const rows = await session.db
        .selectFrom('evidence')
        .selectAll()
        .where('incidentId', '=', incidentId)
        .orderBy('number')
        .execute();
      return rows.map(toEvidence);
    },

    async get(incidentId, number) {
      const row = await session.db
        .selectFrom('evidence')
        .selectAll()
        .where('incidentId', '=', incidentId)
        .where('number', '=', number)
        .executeTakeFirst();
      return row && toEvidence(row);
    },
  };
}

/** Bytes, compressed. */
async function keptOutputs(db: Db, incidentId: string): Promise<number> {
  const { bytes } = await db
    .selectFrom('toolOutputs')
    .select(sql<number>`coalesce(sum(octet_length(body)), 0)::float8`.as('bytes'))
    .where('incidentId', '=', incidentId)
    .executeTakeFirstOrThrow();
  return bytes;
}

async function byKey(db: Db, incidentId: string, key: string): Promise<Evidence | undefined> {
  const row = await db
    .selectFrom('evidence')
    .selectAll()
    .where('incidentId', '=', incidentId)
    .where('key', '=', storableText(key))
    .executeTakeFirst();
  return row && toEvidence(row);
}

function toEvidence(row: Selectable<EvidenceRow>): Evidence {
  const { key: _key, ...evidence } = row;
  return evidence;
}

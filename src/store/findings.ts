import type { Selectable } from 'kysely';
import type { Finding } from '../domain/finding.ts';
import { newId } from '../platform/ids.ts';
import type { Findings } from '../ports/record.ts';
import type { FindingRow } from './schema.ts';
import { lockIncident, type Session } from './session.ts';
import { toJsonb } from './storable.ts';

export function createFindings(session: Session): Findings {
  return {
    state: (incidentId, investigationId, service, claims) =>
      session.atomic(async (db) => {
        // Two runs of one investigation may overlap after a crash; one replaces the other, they never mix.
        await lockIncident(db, incidentId);
        await db.deleteFrom('findings').where('investigationId', '=', investigationId).execute();
        if (claims.length === 0) return [];
        const rows = await db
          .insertInto('findings')
          .values(
            claims.map((claim, index) => ({
              id: newId(),
              incidentId,
              investigationId,
              place: index + 1,
              service,
              kind: claim.kind,
              text: claim.text,
              evidence: toJsonb(claim.evidence),
              blames: claim.blames === undefined ? null : toJsonb(claim.blames),
              proposes: claim.proposes === undefined ? null : toJsonb(claim.proposes),
              confidence: claim.confidence,
              at: session.now(),
            })),
          )
          .returningAll()
          .execute();
        return rows.sort((a, b) => a.place - b.place).map(toFinding);
      }),

    async ofIncident(incidentId) {
      const rows = await session.db
        .selectFrom('findings')
        .selectAll()
        .where('incidentId', '=', incidentId)
        .orderBy('at')
        .orderBy('investigationId')
        .orderBy('place')
        .execute();
      return rows.map(toFinding);
    },
  };
}

function toFinding(row: Selectable<FindingRow>): Finding {
  const { place: _place, blames, proposes, ...finding } = row;
  return { ...finding, ...(blames == null ? {} : { blames }), ...(proposes == null ? {} : { proposes }) };
}

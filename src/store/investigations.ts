import type { Investigation } from '../domain/investigation.ts';
import type { Investigations } from '../ports/record.ts';
import type { Session } from './session.ts';
import { storableText, toJsonb, toNullableJsonb } from './storable.ts';

export function createInvestigations(session: Session): Investigations {
  const rows = () => session.db.selectFrom('investigations').selectAll();

  return {
    async ensure(investigation) {
      const inserted = await session.db
        .insertInto('investigations')
        .values({
          ...investigation,
          reasons: toJsonb(investigation.reasons),
          steps: toJsonb(investigation.steps),
          limits: toJsonb(investigation.limits),
          ruledOut: toJsonb(investigation.ruledOut),
          nextChecks: toJsonb(investigation.nextChecks),
          reasoning: toNullableJsonb(investigation.reasoning ?? null),
        })
        .onConflict((conflict) => conflict.columns(['incidentId', 'service']).doNothing())
        .returningAll()
        .executeTakeFirst();
      if (inserted !== undefined) return inserted;
      return await rows()
        .where('incidentId', '=', investigation.incidentId)
        .where('service', '=', storableText(investigation.service))
        .executeTakeFirstOrThrow();
    },

    async get(id) {
      return await rows().where('id', '=', id).executeTakeFirst();
    },

    async ofIncident(incidentId): Promise<Investigation[]> {
      return await rows()
        .where('incidentId', '=', incidentId)
        .orderBy('score', 'desc')
        .orderBy('service')
        .execute();
    },

    async update(id, change) {
      const { reasons, steps, limits, ruledOut, nextChecks, reasoning, ...plain } = change;
      const values = {
        ...plain,
        ...(reasons === undefined ? {} : { reasons: toJsonb(reasons) }),
        ...(steps === undefined ? {} : { steps: toJsonb(steps) }),
        ...(limits === undefined ? {} : { limits: toJsonb(limits) }),
        ...(ruledOut === undefined ? {} : { ruledOut: toJsonb(ruledOut) }),
        ...(nextChecks === undefined ? {} : { nextChecks: toJsonb(nextChecks) }),
        ...(reasoning === undefined ? {} : { reasoning: toNullableJsonb(reasoning) }),
      };
      if (Object.keys(values).length === 0) return;
      await session.db.updateTable('investigations').set(values).where('id', '=', id).execute();
    },
  };
}

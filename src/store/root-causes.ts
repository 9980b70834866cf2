import type { RootCauses } from '../ports/record.ts';
import type { Session } from './session.ts';
import { toJsonb, toNullableJsonb } from './storable.ts';

export function createRootCauses(session: Session): RootCauses {
  return {
    async put(rootCause) {
      const { incidentId, ...rest } = rootCause;
      const values = {
        ...rest,
        commit: toNullableJsonb(rest.commit),
        proposes: toJsonb(rest.proposes),
        path: toJsonb(rest.path),
        evidence: toJsonb(rest.evidence),
        ruledOut: toJsonb(rest.ruledOut),
        nextChecks: toJsonb(rest.nextChecks),
        open: toJsonb(rest.open ?? []),
      };
      await session.db
        .insertInto('rootCauses')
        .values({ incidentId, ...values })
        .onConflict((conflict) => conflict.column('incidentId').doUpdateSet(values))
        .execute();
    },

    async get(incidentId) {
      return await session.db
        .selectFrom('rootCauses')
        .selectAll()
        .where('incidentId', '=', incidentId)
        .executeTakeFirst();
    },
  };
}

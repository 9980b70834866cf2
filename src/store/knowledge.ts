import type { Knowledge } from '../ports/record.ts';
import type { Session } from './session.ts';

export function createKnowledge(session: Session): Knowledge {
  return {
    async put({ incidentId, ...entry }) {
      await session.db
        .insertInto('knowledge')
        .values({ incidentId, ...entry })
        .onConflict((conflict) => conflict.column('incidentId').doUpdateSet(entry))
        .execute();
    },

    async get(incidentId) {
      return await session.db
        .selectFrom('knowledge')
        .selectAll()
        .where('incidentId', '=', incidentId)
        .executeTakeFirst();
    },
  };
}

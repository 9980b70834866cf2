import type { Steers } from '../ports/record.ts';
import type { Session } from './session.ts';

export function createSteers(session: Session): Steers {
  return {
    async ensure(steer) {
      const inserted = await session.db
        .insertInto('steers')
        .values(steer)
        .onConflict((conflict) => conflict.column('id').doNothing())
        .executeTakeFirst();
      return (inserted.numInsertedOrUpdatedRows ?? 0n) === 1n;
    },

    ofInvestigation: (investigationId) =>
      session.db
        .selectFrom('steers')
        .selectAll()
        .where('investigationId', '=', investigationId)
        .orderBy('at')
        .orderBy('id')
        .execute(),
  };
}

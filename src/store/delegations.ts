import type { Delegations } from '../ports/record.ts';
import type { Session } from './session.ts';

export function createDelegations(session: Session): Delegations {
  return {
    async insert(delegation) {
      await session.db.insertInto('delegations').values(delegation).execute();
    },

    active: () =>
      session.db
        .selectFrom('delegations')
        .selectAll()
        .where('revokedAt', 'is', null)
        .where('until', '>', session.now())
        .orderBy('at')
        .orderBy('id')
        .execute(),

    async revokeFrom(userId) {
      const ended = await session.db
        .updateTable('delegations')
        .set({ revokedAt: session.now() })
        .where('from', '=', userId)
        .where('revokedAt', 'is', null)
        .where('until', '>', session.now())
        .executeTakeFirst();
      return Number(ended.numUpdatedRows);
    },
  };
}

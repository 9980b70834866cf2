import type { Halts } from '../ports/record.ts';
import { lockAdvisory, type Session } from './session.ts';

export function createHalts(session: Session): Halts {
  const inForce = () =>
    session.db.selectFrom('halts').selectAll().where('liftedAt', 'is', null).executeTakeFirst();

  return {
    active: inForce,

    async holdOff() {
      await lockAdvisory(session.db, 'halts');
      return await inForce();
    },

    raise: (halt) =>
      session.atomic(async (db) => {
        await lockAdvisory(db, 'halts');
        const existing = await db
          .selectFrom('halts')
          .selectAll()
          .where('liftedAt', 'is', null)
          .executeTakeFirst();
        if (existing !== undefined) return existing;
        return await db
          .insertInto('halts')
          .values({ ...halt, at: session.now(), liftedBy: null, liftedAt: null, liftReason: null })
          .returningAll()
          .executeTakeFirstOrThrow();
      }),

    async lift(by, reason) {
      const lifted = await session.db
        .updateTable('halts')
        .set({ liftedBy: by, liftedAt: session.now(), liftReason: reason })
        .where('liftedAt', 'is', null)
        .executeTakeFirst();
      return lifted.numUpdatedRows > 0n;
    },
  };
}

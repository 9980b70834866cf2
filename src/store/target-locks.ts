import { sql } from 'kysely';
import type { TargetLocks } from '../ports/record.ts';
import { lockAdvisory, type Session } from './session.ts';

export function createTargetLocks(session: Session): TargetLocks {
  const inMs = (leaseMs: number) =>
    sql<Date>`${session.now()} + ${leaseMs}::float8 * interval '1 millisecond'`;

  return {
    acquire: (targets, { executionId, incidentId, owner, leaseMs }) =>
      session.atomic(async (db) => {
        // One at a time: two that take parts of each other's targets would wait for ever.
        await lockAdvisory(db, 'targets');
        const held = await db
          .selectFrom('targetLocks')
          .select([
            'executionId',
            'incidentId',
            'owner',
            sql<boolean>`leased_until > ${session.now()}`.as('alive'),
          ])
          .where((row) => row.or([row('target', 'in', [...targets]), row('executionId', '=', executionId)]))
          .execute();
        const other = held.find(
          (one) => one.executionId !== executionId || (one.owner !== owner && one.alive),
        );
        if (other !== undefined) return { heldBy: other.incidentId };
        for (const target of targets) {
          const values = { executionId, incidentId, owner, leasedUntil: inMs(leaseMs) };
          await db
            .insertInto('targetLocks')
            .values({ target, ...values })
            .onConflict((conflict) => conflict.column('target').doUpdateSet(values))
            .execute();
        }
        return null;
      }),

    async renew(executionId, owner, leaseMs) {
      const renewed = await session.db
        .updateTable('targetLocks')
        .set({ leasedUntil: inMs(leaseMs) })
        .where('executionId', '=', executionId)
        .where('owner', '=', owner)
        .executeTakeFirst();
      return renewed.numUpdatedRows > 0n;
    },

    async yield(executionId, owner) {
      await session.db
        .updateTable('targetLocks')
        // Nobody's from now on: a renewal that is still on its way must not lengthen what was given up.
        .set({ leasedUntil: session.now(), owner: '' })
        .where('executionId', '=', executionId)
        .where('owner', '=', owner)
        .execute();
    },

    async release(executionId) {
      await session.db.deleteFrom('targetLocks').where('executionId', '=', executionId).execute();
    },
  };
}

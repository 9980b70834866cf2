import { newId } from '../platform/ids.ts';
import type { Deliveries } from '../ports/record.ts';
import type { Session } from './session.ts';

export function createDeliveries(session: Session): Deliveries {
  return {
    async quarantine(source, body, reason) {
      const id = newId();
      await session.db
        .insertInto('deliveries')
        .values({ id, source, body, reason, receivedAt: session.now() })
        .execute();
      return id;
    },

    async countQuarantined() {
      const { count } = await session.db
        .selectFrom('deliveries')
        .select((row) => row.fn.countAll().as('count'))
        .executeTakeFirstOrThrow();
      return Number(count);
    },
  };
}

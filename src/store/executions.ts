import type { Selectable } from 'kysely';
import type { Execution, Reading } from '../domain/execution.ts';
import type { Executions } from '../ports/record.ts';
import type { ExecutionRow, StoredReading } from './schema.ts';
import type { Session } from './session.ts';
import { toJsonb, toNullableJsonb } from './storable.ts';

export function createExecutions(session: Session): Executions {
  const rows = () => session.db.selectFrom('executions').selectAll();

  return {
    async ensure(execution) {
      const { steps, before, after, ...plain } = execution;
      const inserted = await session.db
        .insertInto('executions')
        .values({
          ...plain,
          steps: toJsonb(steps),
          before: toNullableJsonb(before),
          after: toNullableJsonb(after),
        })
        .onConflict((conflict) => conflict.column('planId').doNothing())
        .returningAll()
        .executeTakeFirst();
      return toExecution(
        inserted ?? (await rows().where('planId', '=', execution.planId).executeTakeFirstOrThrow()),
      );
    },

    async get(id) {
      const row = await rows().where('id', '=', id).executeTakeFirst();
      return row && toExecution(row);
    },

    async ofPlan(planId) {
      const row = await rows().where('planId', '=', planId).executeTakeFirst();
      return row && toExecution(row);
    },

    async ofIncident(incidentId) {
      const found = await rows()
        .where('incidentId', '=', incidentId)
        .orderBy('startedAt')
        .orderBy('id')
        .execute();
      return found.map(toExecution);
    },

    async update(id, change) {
      const { steps, before, after, ...plain } = change;
      const values = {
        ...plain,
        ...(steps === undefined ? {} : { steps: toJsonb(steps) }),
        ...(before === undefined ? {} : { before: toNullableJsonb(before) }),
        ...(after === undefined ? {} : { after: toNullableJsonb(after) }),
      };
      if (Object.keys(values).length === 0) return;
      await session.db.updateTable('executions').set(values).where('id', '=', id).execute();
    },
  };
}

function toExecution(row: Selectable<ExecutionRow>): Execution {
  return { ...row, before: toReading(row.before), after: toReading(row.after) };
}

function toReading(stored: StoredReading | null): Reading | null {
  return stored === null ? null : { at: new Date(stored.at), value: stored.value };
}

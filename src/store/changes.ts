import { canonicalJson, sha256 } from '../platform/canonical-json.ts';
import type { Change, ChangeSource } from '../ports/change-source.ts';
import type { TelemetryStore } from '../ports/telemetry-store.ts';
import type { RootSession } from './session.ts';
import { storableJson } from './storable.ts';

const rowsPerInsert = 200;
/** What was changed last week may only begin to hurt today; changes are few. */
const keptLongerMs = 30 * 86_400_000;

/** Told changes in the record's database. */
export function createChanges(
  session: RootSession,
): ChangeSource & Pick<TelemetryStore, 'appendChanges'> & { trimChanges(olderThan: Date): Promise<void> } {
  return {
    async appendChanges(changes) {
      for (let start = 0; start < changes.length; start += rowsPerInsert)
        await session.db
          .insertInto('changes')
          .values(changes.slice(start, start + rowsPerInsert).map(rowOf))
          .onConflict((conflict) => conflict.column('digest').doNothing())
          .execute();
    },

    async changes({ service, from, to, limit }, signal) {
      const rows = await session.db
        .selectFrom('changes')
        .selectAll()
        .where('at', '>=', from)
        .where('at', '<', to)
        .where((where) => where.or([where('service', '=', service), where('service', 'is', null)]))
        .orderBy('at', 'desc')
        .orderBy('digest')
        .limit(limit)
        .execute({ signal });
      return rows.map(({ digest: _digest, ...change }) => change).reverse();
    },

    async trimChanges(olderThan) {
      await session.db
        .deleteFrom('changes')
        .where('at', '<', new Date(olderThan.getTime() - keptLongerMs))
        .execute();
    },
  };
}

function rowOf(change: Change) {
  const { at, service, kind, actor, summary, before, after, url } = change;
  const row = storableJson({ service, kind, actor, summary, before, after, url });
  return { ...row, at, digest: sha256(canonicalJson({ ...row, at: at.toISOString() })) };
}

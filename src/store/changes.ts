import { sql } from 'kysely';
import { canonicalJson, sha256 } from '../platform/canonical-json.ts';
import type { ChangeSource, PushedChange } from '../ports/change-source.ts';
import type { TelemetryStore } from '../ports/telemetry-store.ts';
import type { RootSession } from './session.ts';
import { storableJson } from './storable.ts';

const rowsPerInsert = 200;
/** What was changed last week may only begin to hurt today; changes are few. */
const keptLongerMs = 30 * 86_400_000;
/** Within this, what comes without a time and says the same is a delivery repeated. */
const sameWithinMs = 5 * 60_000;

/** Told changes in the record's database. */
export function createChanges(
  session: RootSession,
): ChangeSource & Pick<TelemetryStore, 'appendChanges'> & { trimChanges(olderThan: Date): Promise<void> } {
  /** Digests, in the span before, of what came there less than `sameWithinMs` before it is sent again. */
  async function repeatedOf(changes: readonly PushedChange[]): Promise<Set<string>> {
    const undated = changes.filter((change) => change.undated === true);
    if (undated.length === 0) return new Set();
    const earliest = Math.min(...undated.map((change) => change.at.getTime()));
    const rows = await session.db
      .selectFrom('changes')
      .select('digest')
      .where('digest', 'in', undated.map(digestBefore))
      .where('at', '>', new Date(earliest - sameWithinMs))
      .execute();
    return new Set(rows.map((one) => one.digest));
  }

  return {
    async appendChanges(changes) {
      for (let start = 0; start < changes.length; start += rowsPerInsert) {
        const part = changes.slice(start, start + rowsPerInsert);
        const repeated = await repeatedOf(part);
        const fresh = part.filter((change) => change.undated !== true || !repeated.has(digestBefore(change)));
        if (fresh.length === 0) continue;
        await session.db
          .insertInto('changes')
          .values(fresh.map((change) => ({ ...rowOf(change), at: change.at, digest: digestOf(change) })))
          .onConflict((conflict) => conflict.column('digest').doNothing())
          .execute();
      }
    },

    async changes({ service, from, to, limit, kind, around }, signal) {
      const found = session.db
        .selectFrom('changes')
        .selectAll()
        .where('at', '>=', from)
        .where('at', '<', to)
        .where((where) => where.or([where('service', '=', service), where('service', 'is', null)]))
        .$if(kind !== undefined, (query) => query.where('kind', '=', kind ?? 'config'));
      const ordered =
        around === undefined
          ? found.orderBy('at', 'desc')
          : found
              .orderBy(sql`service is null`)
              .orderBy(sql`abs(extract(epoch from at) - ${around.getTime() / 1000}::float8)`);
      const rows = await ordered.orderBy('digest').limit(limit).execute({ signal });
      const changes = rows.map(({ digest: _digest, ...change }) => change);
      return around === undefined ? changes.reverse() : changes;
    },

    async trimChanges(olderThan) {
      await session.db
        .deleteFrom('changes')
        .where('at', '<', new Date(olderThan.getTime() - keptLongerMs))
        .execute();
    },
  };
}

function rowOf({ service, kind, actor, summary, before, after, url }: PushedChange) {
  return storableJson({ service, kind, actor, summary, before, after, url });
}

/**
 * What was pushed without a time is told apart by the span of time that it came in: of two at once, one is stored. The span
 * before is asked for, too, since a repetition may come just after its end.
 */
function digestOf(change: PushedChange, spansBack = 0): string {
  const when =
    change.undated === true
      ? { span: Math.floor(change.at.getTime() / sameWithinMs) - spansBack }
      : { at: change.at.toISOString() };
  return sha256(canonicalJson({ ...rowOf(change), ...when }));
}

function digestBefore(change: PushedChange): string {
  return digestOf(change, 1);
}

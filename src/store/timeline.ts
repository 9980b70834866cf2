import { sql } from 'kysely';
import { chainStart, hashEntry, type TimelineEntry, type TimelineEvent } from '../domain/timeline.ts';
import type { Timeline } from '../ports/record.ts';
import { type Db, lockIncident, type Session } from './session.ts';
import { storableJson, storableText, toJsonb } from './storable.ts';

export function createTimeline(session: Session): Timeline {
  return {
    append: (incidentId, event) =>
      session.atomic(async (db) => {
        await lockIncident(db, incidentId);
        return await appendLocked(db, session, incidentId, event);
      }),

    ofIncident: (incidentId) =>
      session.db
        .selectFrom('timeline')
        .selectAll()
        .where('incidentId', '=', incidentId)
        .orderBy('seq')
        .execute(),
  };
}

async function appendLocked(
  db: Db,
  session: Session,
  incidentId: string,
  event: TimelineEvent,
): Promise<TimelineEntry> {
  const last = db.selectFrom('timeline').where('incidentId', '=', incidentId).orderBy('seq', 'desc').limit(1);
  // Milliseconds, as a JavaScript date has them: the hash must come out the same when the row is read again.
  const { at, seq, hash } = await db
    .selectNoFrom([
      sql<Date>`date_trunc('milliseconds', ${session.now()})`.as('at'),
      last.select('seq').as('seq'),
      last.select('hash').as('hash'),
    ])
    .executeTakeFirstOrThrow();
  const unhashed = {
    incidentId,
    seq: (seq ?? 0) + 1,
    at,
    kind: storableText(event.kind),
    actor: storableText(event.actor),
    text: storableText(event.text),
    data: storableJson(event.data),
    previousHash: hash ?? chainStart,
  };
  const entry: TimelineEntry = { ...unhashed, hash: hashEntry(unhashed) };
  await db
    .insertInto('timeline')
    .values({ ...entry, data: toJsonb(entry.data) })
    .execute();
  return entry;
}

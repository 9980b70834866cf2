import { sql } from 'kysely';
import { hashEntry, nextLink, type TimelineEntry, type TimelineEvent } from '../domain/timeline.ts';
import { canonicalJson, type Json } from '../platform/canonical-json.ts';
import type { Timeline } from '../ports/record.ts';
import { readHead, writeHead } from './audit-heads.ts';
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

/** The entry and the sealed end that it makes; the caller holds the stream's lock. */
async function appendLocked(
  db: Db,
  session: Session,
  incidentId: string,
  event: TimelineEvent,
): Promise<TimelineEntry> {
  const head = await readHead(db, session.auditKey, incidentId);
  // Milliseconds, as a JavaScript date has them: the hash must come out the same when the row is read again.
  const { at, lastSeq } = await db
    .selectNoFrom([
      sql<Date>`date_trunc('milliseconds', ${session.now()})`.as('at'),
      db
        .selectFrom('timeline')
        .where('incidentId', '=', incidentId)
        .orderBy('seq', 'desc')
        .limit(1)
        .select('seq')
        .as('lastSeq'),
    ])
    .executeTakeFirstOrThrow();
  const unhashed = {
    incidentId,
    ...nextLink(head, lastSeq),
    at,
    kind: composed(event.kind),
    actor: composed(event.actor),
    text: composed(event.text),
    data: composedJson(event.data),
  };
  const entry: TimelineEntry = { ...unhashed, hash: hashEntry(unhashed) };
  await db
    .insertInto('timeline')
    .values({ ...entry, data: toJsonb(entry.data) })
    .execute();
  await writeHead(db, session.auditKey, { stream: incidentId, seq: entry.seq, hash: entry.hash });
  return entry;
}

/** Hashes are taken of the composed form, so only that is stored: no other spelling can hide behind the same hash. */
function composed(text: string): string {
  return storableText(text).normalize('NFC');
}

function composedJson(data: Json): Json {
  const storable = storableJson(data);
  const text = JSON.stringify(storable);
  return text === text.normalize('NFC') ? storable : (JSON.parse(canonicalJson(storable)) as Json);
}

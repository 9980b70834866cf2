import { type ExpressionBuilder, type Selectable, sql } from 'kysely';
import type { OutboxEntry } from '../domain/room.ts';
import { canonicalJson, type Json } from '../platform/canonical-json.ts';
import { newId } from '../platform/ids.ts';
import type { Outbox } from '../ports/record.ts';
import type { Database, OutboxRow } from './schema.ts';
import { type Db, lockAdvisory, lockIncident, type Session } from './session.ts';
import { storableJson, storableText, toJsonb } from './storable.ts';

/** A fresh place at the end of the queue. */
const nextTurn = sql<never>`nextval('outbox_turn')`;

/**
 * Within an incident, entries are delivered in the order in which they became undelivered: first posts therefore in the
 * order in which their keys appeared, while a card that is edited all the time cannot hold up the messages behind it.
 * Edits of plan cards go first.
 */
export function createOutbox(session: Session): Outbox {
  return {
    put: (incidentId, key, item) =>
      session.atomic(async (db) => {
        await lockIncident(db, incidentId);
        const before = await db
          .selectFrom('outbox')
          .select(['id', 'item', 'version', 'deliveredVersion', 'givenUp'])
          .where('incidentId', '=', incidentId)
          .where('key', '=', storableText(key))
          .executeTakeFirst();
        if (before === undefined) {
          await db
            .insertInto('outbox')
            .values({ id: newId(), incidentId, key, item: toJsonb(item), dueAt: session.now() })
            .execute();
          return;
        }
        if (canonical(before.item) === canonical(item)) return;
        const waits = before.deliveredVersion < before.version && !before.givenUp;
        await db
          .updateTable('outbox')
          .set({ item: toJsonb(item), version: sql`version + 1` })
          // A new version deserves new tries, also where the one before was given up.
          .$if(!waits, (update) =>
            update.set({
              turn: nextTurn,
              dueAt: session.now(),
              attempts: 0,
              givenUp: false,
              lastError: null,
            }),
          )
          .where('id', '=', before.id)
          .execute();
      }),

    async claim(owner, leaseMs) {
      // Most looks find nothing; they should cost one statement.
      if ((await dueEntry(session.db, session).executeTakeFirst()) === undefined) return undefined;
      return await session.atomic(async (db) => {
        // One claim at a time over all processes: two that each see the other's incident free would take two of its entries.
        await lockAdvisory(db, 'outboxClaim');
        const row = await db
          .updateTable('outbox')
          .set({
            leasedBy: owner,
            leasedUntil: sql<Date>`${session.now()} + ${leaseMs}::float8 * interval '1 millisecond'`,
            attempts: sql`attempts + 1`,
          })
          .where('id', '=', dueEntry(db, session).forUpdate().skipLocked())
          .returningAll()
          .executeTakeFirst();
        return row && toEntry(row);
      });
    },

    async delivered(id, owner, version, externalId) {
      await session.db
        .updateTable('outbox')
        .set({
          deliveredVersion: sql`greatest(delivered_version, ${version}::int)`,
          externalId: sql`coalesce(${externalId}::text, external_id)`,
          turn: nextTurn,
          attempts: 0,
          lastError: null,
          leasedBy: null,
          leasedUntil: null,
        })
        .where('id', '=', id)
        .where('leasedBy', '=', owner)
        .execute();
    },

    async postpone(id, owner, retryAfterMs, reason) {
      await session.db
        .updateTable('outbox')
        .set({
          dueAt: sql<Date>`${session.now()} + ${retryAfterMs}::float8 * interval '1 millisecond'`,
          lastError: reason,
          leasedBy: null,
          leasedUntil: null,
        })
        .where('id', '=', id)
        .where('leasedBy', '=', owner)
        .execute();
    },

    async giveUp(id, owner, reason) {
      await session.db
        .updateTable('outbox')
        .set({ givenUp: true, lastError: reason, leasedBy: null, leasedUntil: null })
        .where('id', '=', id)
        .where('leasedBy', '=', owner)
        .execute();
    },

    async ofIncident(incidentId) {
      const rows = await session.db
        .selectFrom('outbox')
        .selectAll()
        .where('incidentId', '=', incidentId)
        .orderBy('id')
        .execute();
      return rows.map(toEntry);
    },
  };
}

/** The entry whose turn it is. */
function dueEntry(db: Db, session: Session) {
  return db
    .selectFrom('outbox as entry')
    .select('entry.id')
    .whereRef('entry.deliveredVersion', '<', 'entry.version')
    .where('entry.givenUp', '=', false)
    .where('entry.dueAt', '<=', session.now())
    .where((entry) => entry.not(entry.exists(inTheWay(entry, session))))
    .orderBy((entry) => editsPlan(entry), 'desc')
    .orderBy('entry.dueAt')
    .orderBy('entry.turn')
    .limit(1);
}

/** Another entry of the same incident that is being delivered, or that waits for longer and must come first. */
function inTheWay(entry: ExpressionBuilder<Database & { entry: OutboxRow }, 'entry'>, session: Session) {
  return entry
    .selectFrom('outbox as other')
    .select('other.id')
    .whereRef('other.incidentId', '=', 'entry.incidentId')
    .where((other) =>
      other.or([
        other('other.leasedUntil', '>', session.now()),
        other.and([
          other('other.turn', '<', other.ref('entry.turn')),
          other('other.deliveredVersion', '<', other.ref('other.version')),
          other('other.givenUp', '=', false),
          other.not(mayBePassed(other)),
          other.not(editsPlan(other)),
        ]),
      ]),
    );
}

/**
 * What messages need not wait for once it was tried and put off: bookmarks, invitations, charts, and the topic of a channel that
 * exists. Slack limits and refuses these on their own, and the room must not fall silent over them.
 */
function mayBePassed(other: ExpressionBuilder<Database & { other: OutboxRow }, 'other'>) {
  const type = sql<string>`${sql.ref('other.item')} ->> 'type'`;
  const channelExists = other.exists(
    other
      .selectFrom('incidents')
      .select('incidents.id')
      .whereRef('incidents.id', '=', 'other.incidentId')
      .where('incidents.channelId', 'is not', null),
  );
  return other.and([
    other('other.attempts', '>', 0),
    other.or([
      other(type, 'in', ['bookmark', 'invite', 'chart']),
      other.and([other(type, '=', 'channel'), channelExists]),
    ]),
  ]);
}

/**
 * An edit of a plan's card passes whatever waits in its incident: it tells people what became of their click, and which
 * buttons there still are. It changes no order that anybody sees, for the card is in its place already.
 */
function editsPlan(row: ExpressionBuilder<Database & { entry: OutboxRow }, 'entry'>) {
  const view = sql<string>`${sql.ref('entry.item')} #>> '{view,view}'`;
  return row.and([row('entry.deliveredVersion', '>', 0), row(view, '=', 'plan')]);
}

function canonical(item: unknown): string {
  // Through JSON text, so that an absent field and one set to undefined are the same item.
  return canonicalJson(JSON.parse(JSON.stringify(storableJson(item))) as Json);
}

function toEntry(row: Selectable<OutboxRow>): OutboxEntry {
  const { id, incidentId, key, item, version, deliveredVersion, externalId, attempts } = row;
  return { id, incidentId, key, item, version, deliveredVersion, externalId, attempts };
}

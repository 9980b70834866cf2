import type { Selectable } from 'kysely';
import type { RecordedAlert } from '../domain/alert.ts';
import { newId } from '../platform/ids.ts';
import type { Alerts } from '../ports/record.ts';
import type { AlertRow } from './schema.ts';
import type { Session } from './session.ts';
import { storableText, toJsonb } from './storable.ts';

export function createAlerts(session: Session): Alerts {
  return {
    async record(alert) {
      const inserted = await session.db
        .insertInto('alerts')
        .values({
          id: newId(),
          fingerprint: alert.fingerprint,
          status: alert.status,
          startsAt: alert.startsAt,
          endsAt: alert.endsAt ?? null,
          labels: toJsonb(alert.labels),
          annotations: toJsonb(alert.annotations),
          generatorUrl: alert.generatorUrl ?? null,
          incidentId: null,
          receivedAt: session.now(),
        })
        .onConflict((conflict) => conflict.columns(['fingerprint', 'startsAt', 'status']).doNothing())
        .returningAll()
        .executeTakeFirst();
      if (inserted !== undefined) return { alert: toAlert(inserted), fresh: true };
      const existing = await session.db
        .selectFrom('alerts')
        .selectAll()
        .where('fingerprint', '=', storableText(alert.fingerprint))
        .where('startsAt', '=', alert.startsAt)
        .where('status', '=', alert.status)
        .executeTakeFirstOrThrow();
      return { alert: toAlert(existing), fresh: false };
    },

    async episode(fingerprint, startsAt) {
      const rows = await session.db
        .selectFrom('alerts')
        .selectAll()
        .where('fingerprint', '=', fingerprint)
        .where('startsAt', '=', startsAt)
        .orderBy('receivedAt')
        .orderBy('id')
        .execute();
      return rows.map(toAlert);
    },

    async assign(alertId, incidentId) {
      await session.db.updateTable('alerts').set({ incidentId }).where('id', '=', alertId).execute();
    },

    async ofIncident(incidentId) {
      const rows = await session.db
        .selectFrom('alerts')
        .selectAll()
        .where('incidentId', '=', incidentId)
        .orderBy('receivedAt')
        .orderBy('id')
        .execute();
      return rows.map(toAlert);
    },

    async unassigned() {
      const rows = await session.db
        .selectFrom('alerts')
        .selectAll()
        .where('incidentId', 'is', null)
        .orderBy('receivedAt')
        .orderBy('id')
        .execute();
      return rows.map(toAlert);
    },

    async firing() {
      const rows = await session.db
        .selectFrom('alerts as firing')
        .selectAll()
        .where('firing.status', '=', 'firing')
        .where((row) =>
          row.not(
            row.exists(
              row
                .selectFrom('alerts as over')
                .select('over.id')
                .whereRef('over.fingerprint', '=', 'firing.fingerprint')
                .whereRef('over.startsAt', '=', 'firing.startsAt')
                .where('over.status', '=', 'resolved'),
            ),
          ),
        )
        .orderBy('firing.startsAt')
        .orderBy('firing.id')
        .execute();
      return rows.map(toAlert);
    },
  };
}

function toAlert(row: Selectable<AlertRow>): RecordedAlert {
  const { endsAt, generatorUrl, ...rest } = row;
  return {
    ...rest,
    ...(endsAt === null ? {} : { endsAt }),
    ...(generatorUrl === null ? {} : { generatorUrl }),
  };
}

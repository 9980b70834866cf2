import type { Selectable } from 'kysely';
import type { Incident } from '../domain/incident.ts';
import type { Incidents } from '../ports/record.ts';
import type { IncidentRow } from './schema.ts';
import { lockAdvisory, type Session } from './session.ts';
import { toJsonb } from './storable.ts';

export function createIncidents(session: Session): Incidents {
  const rows = () => session.db.selectFrom('incidents').selectAll();

  return {
    async lockGrouping() {
      await lockAdvisory(session.db, 'grouping');
    },

    async insert(incident) {
      await session.db
        .insertInto('incidents')
        .values({ ...incident, services: toJsonb(incident.services) })
        .execute();
    },

    async lock(id) {
      const row = await rows().where('id', '=', id).forNoKeyUpdate().executeTakeFirst();
      return row && toIncident(row);
    },

    async get(id) {
      const row = await rows().where('id', '=', id).executeTakeFirst();
      return row && toIncident(row);
    },

    async byChannel(channelId) {
      const row = await rows().where('channelId', '=', channelId).executeTakeFirst();
      return row && toIncident(row);
    },

    async open() {
      const found = await rows()
        .where('status', '<>', 'resolved')
        .orderBy('openedAt', 'desc')
        .orderBy('id', 'desc')
        .execute();
      return found.map(toIncident);
    },

    async resolvedSince(since) {
      const found = await rows()
        .where('status', '=', 'resolved')
        .where('resolvedAt', '>', since)
        .orderBy('openedAt', 'desc')
        .orderBy('id', 'desc')
        .execute();
      return found.map(toIncident);
    },

    async recent(limit) {
      const found = await rows().orderBy('openedAt', 'desc').orderBy('id', 'desc').limit(limit).execute();
      return found.map(toIncident);
    },

    async unfinished() {
      const found = await rows().where('stage', '<>', 'done').orderBy('openedAt').orderBy('id').execute();
      return found.map(toIncident);
    },

    async update(id, change) {
      const { services, ...plain } = change;
      const values = { ...plain, ...(services === undefined ? {} : { services: toJsonb(services) }) };
      if (Object.keys(values).length === 0) return;
      await session.db.updateTable('incidents').set(values).where('id', '=', id).execute();
    },

    async moveStage(id, from, to) {
      const moved = await session.db
        .updateTable('incidents')
        .set({ stage: to })
        .where('id', '=', id)
        .where('stage', '=', from)
        .executeTakeFirst();
      return moved.numUpdatedRows === 1n;
    },
  };
}

function toIncident(row: Selectable<IncidentRow>): Incident {
  const { evidenceCount: _count, ...incident } = row;
  return incident;
}

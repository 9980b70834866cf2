import type { Rows } from '../ports/record.ts';
import type { Credentials } from './authentication.ts';
import { readIncident } from './read-incident.ts';
import { errorReply, jsonReply, type Route } from './route.ts';

/** `GET /api/incidents?limit=` newest first, and `GET /api/incidents/:id` with everything the record holds of it. */
export function createIncidentApiRoutes(options: { record: Rows; credentials: Credentials }): Route[] {
  const { record, credentials } = options;
  const access = { kind: 'credentials', credentials } as const;
  const uncached = { 'cache-control': 'no-store' };
  return [
    {
      method: 'GET',
      path: '/api/incidents',
      access,
      async handle({ query }) {
        const asked = Number(query.get('limit') ?? 50);
        const limit = Number.isInteger(asked) ? Math.min(Math.max(asked, 1), 500) : 50;
        return jsonReply(200, { incidents: await record.incidents.recent(limit) }, uncached);
      },
    },
    {
      method: 'GET',
      path: '/api/incidents/:id',
      access,
      async handle({ params }) {
        const file = await readIncident(record, params['id'] ?? '');
        return file === undefined
          ? errorReply(404, 'not_found', 'There is no such incident.', 'GET /api/incidents lists them.')
          : jsonReply(200, file, uncached);
      },
    },
  ];
}

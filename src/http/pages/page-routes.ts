import type { Links } from '../../platform/signed-links.ts';
import type { Rows } from '../../ports/record.ts';
import { readIncident } from '../read-incident.ts';
import type { Route } from '../route.ts';
import { evidencePage } from './evidence-page.ts';
import { incidentPage } from './incident-page.ts';
import { missingPage } from './layout.ts';

/** `GET /incidents/:id` and `GET /incidents/:id/evidence/:number`, for whoever holds a link made by `links`. */
export function createPageRoutes(options: { record: Rows; links: Links; linkSecret: string }): Route[] {
  const { record, links } = options;
  const access = { kind: 'signed-link', secret: options.linkSecret } as const;
  return [
    {
      method: 'GET',
      path: '/incidents/:id',
      access,
      async handle({ params }) {
        const file = await readIncident(record, params['id'] ?? '');
        return file === undefined ? missingPage('This incident') : incidentPage(file, links);
      },
    },
    {
      method: 'GET',
      path: '/incidents/:id/evidence/:number',
      access,
      async handle({ params }) {
        const id = params['id'] ?? '';
        const number = Number(params['number']);
        const incident = await record.incidents.get(id);
        const evidence =
          incident === undefined || !Number.isSafeInteger(number) || number < 1 || number > 1e9
            ? undefined
            : await record.evidence.get(id, number);
        return incident === undefined || evidence === undefined
          ? missingPage('This evidence')
          : evidencePage(incident, evidence, links);
      },
    },
  ];
}

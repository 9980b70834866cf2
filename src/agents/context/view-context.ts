import type { Incident } from '../../domain/incident.ts';
import { type Catalogue, findService } from '../../domain/service.ts';
import type { LanguageModel } from '../../ports/language-model.ts';
import type { Record as IncidentRecord } from '../../ports/record.ts';
import type { Sources } from '../investigator.ts';
import { buildContext } from './build-context.ts';
import { explainContext } from './explain-context.ts';
import { ServiceUnknown } from './service-unknown.ts';
import { windowOf } from './window-of.ts';

export interface ViewParts {
  readonly catalogue: Catalogue;
  readonly sources: Sources;
  /** Null: it is not open here, and past incidents and telemetry are missing. */
  readonly record: IncidentRecord | null;
  readonly model: LanguageModel | null;
}

/**
 * What an agent of this service would begin with now, in lines of text; in an incident, with its alerts and evidence.
 * @throws ServiceUnknown, and what source control throws when the repository cannot be read
 */
export async function viewContext(
  { catalogue, sources, record, model }: ViewParts,
  asked: { readonly service: string; readonly incidentId: string | null },
  signal: AbortSignal,
): Promise<string[]> {
  const service = findService(catalogue, asked.service);
  if (service === undefined)
    throw new ServiceUnknown(
      asked.service,
      catalogue.services.map((one) => one.name),
    );
  const now = new Date();
  const id = asked.incidentId;
  const known = id === null || record === null ? undefined : await record.incidents.get(id);
  const alerts = known === undefined ? [] : ((await record?.alerts.ofIncident(known.id)) ?? []);
  const evidence = known === undefined ? [] : ((await record?.evidence.ofIncident(known.id)) ?? []);
  const about = [
    service.description,
    ...alerts.map((alert) => JSON.stringify([alert.labels, alert.annotations])),
    ...evidence.map((row) => row.summary),
  ].join('\n');
  const context = await buildContext(
    {
      assignment: {
        incident: known ?? noIncident(service.name, now),
        alerts,
        service,
        role: 'suspect',
        catalogue,
        now,
      },
      sources,
      record,
      about,
      windowTokens: windowOf(model),
      ...(model === null ? {} : { model }),
    },
    signal,
  );
  return explainContext(context.report);
}

/** Stands where an incident would: nothing of it reaches the context but its id. */
function noIncident(service: string, now: Date): Incident {
  return {
    id: '',
    title: '',
    severity: 'sev3',
    status: 'investigating',
    stage: 'investigation',
    services: [service],
    openedAt: now,
    startedAt: now,
    resolvedAt: null,
    channelName: '',
    channelId: null,
    declaredBy: null,
  };
}

import type { Whisper } from '../answers.ts';
import { renderStatusList } from '../blocks/command-cards.ts';
import { renderIncidentCard } from '../blocks/incident-card.ts';
import type { Asked, CommandOptions } from './asked.ts';

/** The incident of this channel, or all open ones. */
export async function tellStatus(options: CommandOptions, asked: Asked): Promise<Whisper> {
  const here = await options.record.incidents.byChannel(asked.channel);
  const views = await options.actions.status(here?.id ?? null);
  const only = here === undefined ? undefined : views[0];
  if (only !== undefined) {
    return renderIncidentCard(only, options.links, { incidentId: only.incidentId, attached: false });
  }
  const channels = new Map<string, string>();
  for (const view of views) {
    const incident = await options.record.incidents.get(view.incidentId);
    if (incident?.channelId) channels.set(view.incidentId, incident.channelId);
  }
  return renderStatusList(views, channels);
}

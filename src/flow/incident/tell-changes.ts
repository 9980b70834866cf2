import type { Incident } from '../../domain/incident.ts';
import type { TimelineEvent } from '../../domain/timeline.ts';
import type { Change } from '../../ports/change-source.ts';
import type { FlowContext } from '../context.ts';

const lookBackMs = 2 * 3_600_000;
const mostTold = 8;

/** What was changed around the start of the incident in the services it is about, for the timeline; told once each. */
export async function changesToTell(
  flow: FlowContext,
  incident: Incident,
  services: readonly string[],
  signal: AbortSignal,
): Promise<TimelineEvent[]> {
  const source = flow.sources.changes;
  if (source === undefined) return [];
  const from = new Date(incident.startedAt.getTime() - lookBackMs);
  const to = flow.clock.now();
  const found = await Promise.all(
    services.map((service) =>
      source.changes({ service, from, to, around: incident.startedAt, limit: mostTold }, signal),
    ),
  );
  const known = new Set((await flow.record.timeline.ofIncident(incident.id)).map((entry) => entry.text));
  const events = found
    .flat()
    .toSorted((a, b) => a.at.getTime() - b.at.getTime())
    .map(describeChange)
    .filter((event) => !known.has(event.text));
  // What concerns every service was found with each of them.
  return [...new Map(events.map((event) => [event.text, event])).values()].slice(-mostTold);
}

function describeChange({ at, service, kind, actor, summary, before, after, url }: Change): TimelineEvent {
  const values = after === null ? '' : ` ${before === null ? '' : `${before} `}→ ${after}`;
  const who = actor === null ? '' : `, by ${actor}`;
  return {
    kind: 'change.told',
    actor: 'warroom',
    text: `${at.toISOString().slice(11, 19)} UTC: ${kind} of ${service ?? 'every service'}: ${summary}${values}${who}.`,
    data: { at: at.toISOString(), service, kind, actor, summary, before, after, url },
  };
}

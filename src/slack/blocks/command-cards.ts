import type { KnownBlock } from '@slack/types';
import type { IncidentView } from '../../domain/room.ts';
import { bold, code, footnote, inline, moment, section } from './mrkdwn.ts';
import { assemble, type Rendered } from './rendered.ts';
import { severityMark, statusWord } from './words.ts';

const statusShown = 15;

/** Answer to `/warroom help`, and to anything that was not understood. */
export function renderHelp(remark?: string): Rendered {
  const blocks: KnownBlock[] = remark === undefined ? [] : [section(remark)];
  blocks.push(
    section(
      '*Warroom* opens a channel for an incident, sends an agent to each suspected service and proposes a fix that runs only after an approver clicks.',
    ),
    section(
      '`/warroom status`  where things stand; in an incident’s channel, that incident',
      '`/warroom declare`  open an incident by hand; asks for the details',
      '`/warroom declare sev1 Nobody can log in`  the same in one line',
      '`/warroom resolve what fixed it`  close the incident of this channel',
      '`/warroom help`  this card',
    ),
  );
  return assemble(remark ?? 'How to use Warroom', blocks);
}

/** All open incidents in a few lines each. `channels`: channel ids by incident id. */
export function renderStatusList(
  views: readonly IncidentView[],
  channels: ReadonlyMap<string, string>,
): Rendered {
  if (views.length === 0) return assemble('No open incidents', [section('✅ No open incidents.')]);
  const blocks: KnownBlock[] = views.slice(0, statusShown).map((view) => {
    const channel = channels.get(view.incidentId);
    const answer = view.fix ?? view.rootCause;
    return section(
      `${severityMark[view.severity]} ${bold(`${view.severity.toUpperCase()} · ${view.title}`)}${channel === undefined ? '' : `  <#${channel}>`}`,
      `${statusWord[view.status]}  ·  opened ${moment(view.openedAt, '{date_short_pretty} {time}')}`,
      ...(answer === null ? [] : [inline(answer)]),
    );
  });
  const more = views.length - statusShown;
  const noun = views.length === 1 ? 'incident' : 'incidents';
  return assemble(`${views.length} open ${noun}`, blocks, {
    keep: more > 0 ? [footnote(`_… ${more} more_`)] : [],
  });
}

export function unknownVerb(said: string, nearest: string | null): string {
  const hint = nearest === null ? '' : ` Did you mean ${code(`/warroom ${nearest}`)}?`;
  return `I do not know “${inline(said)}”.${hint}`;
}

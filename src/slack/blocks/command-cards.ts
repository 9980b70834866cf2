import type { KnownBlock } from '@slack/types';
import { remedyKinds } from '../../domain/plan.ts';
import type { IncidentView } from '../../domain/room.ts';
import { fixExamples, fixWord } from './fix-examples.ts';
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
      '*Incidents*',
      '`/warroom status`  where things stand; in an incident’s channel, that incident',
      '`/warroom context SERVICE`  what its agent has read, what was left out and why, in tokens',
      '`/warroom similar TEXT`  past incidents like it and what helped then; alone in an incident’s channel, like that one',
      '`/warroom declare`  open an incident by hand; asks for the details',
      '`/warroom declare sev1 Nobody can log in`  the same in one line',
      '`/warroom resolve what fixed it`  close the incident of this channel',
    ),
    section(
      '*Fixes*',
      '`/warroom fix`  propose a fix of your own, for somebody else to approve; shows the kinds there are',
      '`/warroom delegate @name for 2h on a train`  somebody approves in your place; `/warroom delegate off` takes it back',
    ),
    section(
      '*Emergency stop*',
      '`/warroom halt wrong database`  nothing is run or undone anywhere, at once; everybody may',
      '`/warroom lift it was the right one`  ends the halt; only named people may',
    ),
    footnote('`/warroom help`  this card'),
  );
  return assemble(remark ?? 'How to use Warroom', blocks);
}

/** Answer to `/warroom fix` without a fix, and to one that could not be read. */
export function renderFixHelp(complaint?: string): Rendered {
  const blocks: KnownBlock[] = complaint === undefined ? [] : [section(`⚠️ ${complaint}`)];
  blocks.push(
    section(
      '`/warroom fix KIND SERVICE key=value …`, and ` then KIND SERVICE …` for a next step. It stops at the first that fails.',
      'Quote text that has spaces; lists are JSON: `columns=["user_id","created_at"]`',
    ),
    section(
      ...remedyKinds.map(
        (kind) => `*${kind}*  ${fixWord[kind]}\n${code(`/warroom fix ${fixExamples[kind]}`)}`,
      ),
    ),
    footnote(
      'Targets come from the catalogue; the card shows what would change before anybody can approve it',
    ),
  );
  return assemble(complaint ?? 'How to propose a fix', blocks);
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

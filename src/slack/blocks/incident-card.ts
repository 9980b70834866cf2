import type { KnownBlock } from '@slack/types';
import type { IncidentView } from '../../domain/room.ts';
import type { Links } from '../../platform/signed-links.ts';
import { bold, footnote, header, inline, link, moment, section, shorten } from './mrkdwn.ts';
import { assemble, type RenderContext, type Rendered } from './rendered.ts';
import { spentWords } from './spent.ts';
import { agentMark, investigatorWord, severityMark, statusWord } from './words.ts';

const alertsShown = 5;
const agentsShown = 12;

/** The pinned card. Answer first: where it stands, why it broke, what is being done; the rest is below. */
export function renderIncidentCard(view: IncidentView, links: Links, context: RenderContext): Rendered {
  const severity = view.severity.toUpperCase();
  const mark = view.status === 'resolved' ? '✅' : severityMark[view.severity];
  const blocks: KnownBlock[] = [header(`${mark} ${severity} · ${view.title}`), section(...standing(view))];
  if (view.rootCause !== null) blocks.push(section('*Root cause*', inline(view.rootCause)));
  if (view.fix !== null) blocks.push(section('*Fix*', inline(view.fix)));
  if (view.similar !== undefined) blocks.push(footnote(`🕘 ${shorten(inline(view.similar), 300)}`));
  if (view.agents.length > 0) blocks.push(section('*Who is looking*', ...agentLines(view)));
  if (view.alerts.length > 0) blocks.push(section(`*${alertCount(view)}*`, ...alertLines(view)));
  const foot = footnote(
    link(links.incident(context.incidentId), 'Timeline and evidence'),
    investigatorWord[view.investigator],
    spentWords(view.spent),
    '`/warroom help`',
  );
  return assemble(`${mark} ${severity} ${inline(view.title)}: ${statusWord[view.status]}`, blocks, {
    keep: [foot],
    more: link(links.incident(context.incidentId), 'see all of it'),
  });
}

function standing(view: IncidentView): string[] {
  const opened = `opened ${moment(view.openedAt, '{date_short_pretty} {time}')}`;
  if (view.resolvedAt === null) return [`${bold(statusWord[view.status])}  ·  ${opened}`];
  const minutes = Math.max(1, Math.round((Date.parse(view.resolvedAt) - Date.parse(view.openedAt)) / 60_000));
  return [
    `${bold(statusWord[view.status])} at ${moment(view.resolvedAt)} after ${spell(minutes)}  ·  ${opened}`,
  ];
}

function spell(minutes: number): string {
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

function alertCount(view: IncidentView): string {
  const firing = view.alerts.filter((alert) => alert.firing).length;
  const total = view.alerts.length;
  const noun = total === 1 ? 'alert' : 'alerts';
  if (firing === 0)
    return total === 1 ? 'The alert no longer fires' : `${total} alerts, none firing any more`;
  return firing === total ? `${total} ${noun} firing` : `${firing} of ${total} ${noun} firing`;
}

function alertLines(view: IncidentView): string[] {
  const sorted = [...view.alerts].sort((a, b) => Number(b.firing) - Number(a.firing));
  const lines = sorted.slice(0, alertsShown).map((alert) => {
    const name = alert.url === null ? bold(alert.name) : link(alert.url, alert.name);
    return `${alert.firing ? '🔥' : '✓'} ${name} on ${inline(alert.service)} — ${shorten(inline(alert.summary), 200)}`;
  });
  const more = sorted.length - lines.length;
  return more > 0 ? [...lines, `_… ${more} more_`] : lines;
}

function agentLines(view: IncidentView): string[] {
  const lines = view.agents.slice(0, agentsShown).map((agent) => {
    const said = agent.verdict ?? doing[agent.state][agent.role];
    return `${agentMark[agent.state]} ${bold(agent.service)} — ${shorten(inline(said), 200)}`;
  });
  const more = view.agents.length - lines.length;
  return more > 0 ? [...lines, `_… ${more} more_`] : lines;
}

const doing = {
  queued: { suspect: 'waiting for an agent', neighbour: 'waiting for a quick check' },
  running: { suspect: 'agent investigating, live in its thread below', neighbour: 'quick check running' },
  finished: { suspect: 'finished without a finding', neighbour: 'nothing abnormal here' },
  failed: { suspect: 'the investigation failed; see its thread', neighbour: 'the quick check failed' },
} as const;

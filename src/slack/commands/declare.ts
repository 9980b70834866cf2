import type { Incident } from '../../domain/incident.ts';
import type { Whisper } from '../answers.ts';
import { bold, inline } from '../blocks/mrkdwn.ts';
import type { FlowActions } from '../flow-actions.ts';
import type { CommandOptions } from './asked.ts';

const channelWaitMs = 5_000;
const channelPollMs = 200;

export async function declareIncident(
  options: CommandOptions,
  request: Parameters<FlowActions['declare']>[0],
): Promise<Whisper> {
  const incident = await options.actions.declare(request);
  const channel = await channelOnceThere(options, incident);
  const where =
    channel === null ? `Its channel will be #${inline(incident.channelName)}.` : `Its channel: <#${channel}>`;
  return { text: `🚨 Declared ${request.severity.toUpperCase()} ${bold(incident.title)}. ${where}` };
}

/** The channel appears a moment after the incident; a link to it is worth the moment. */
async function channelOnceThere(options: CommandOptions, incident: Incident): Promise<string | null> {
  const until = Date.now() + channelWaitMs;
  for (;;) {
    const channelId = (await options.record.incidents.get(incident.id))?.channelId ?? null;
    if (channelId !== null || Date.now() > until) return channelId;
    await new Promise((resolve) => setTimeout(resolve, channelPollMs));
  }
}

import type { App } from '@slack/bolt';
import type { WebClient } from '@slack/web-api';
import { explainError } from '../../platform/errors.ts';
import type { Log } from '../../platform/log.ts';
import { whisper } from '../answers.ts';
import { inline } from '../blocks/mrkdwn.ts';
import { refusalCode } from '../call-failure.ts';
import type { FlowActions } from '../flow-actions.ts';

interface SteerDesk {
  readonly actions: FlowActions;
  readonly client: WebClient;
  readonly log: Log;
}

/** What people write counts, in whatever way it came into the thread; edits, joins and what programs post do not. */
const written = new Set([undefined, 'thread_broadcast', 'file_share']);
/** Seen, and nothing more: a sentence for each sentence would be noise. */
const seenMark = 'eyes';

/** A reply in a thread may steer an agent; whether it does is for the flow to say. */
export function addSteering(app: App, { actions, client, log }: SteerDesk): void {
  app.event('message', async ({ event }) => {
    const message = readReply(event);
    if (message === null) return;
    const { channelId: channel, userId, ts } = message;
    const ways = { client, channel, userId };
    try {
      const answer = await actions.steer(message);
      if (answer.heard === 'heard') await react(client, channel, ts, log);
      else if (answer.heard === 'refused') await whisper(ways, { text: `⚠️ ${inline(answer.reason)}` }, log);
    } catch (error) {
      log.error({ channel, ts, err: error }, 'a message to an agent could not be taken');
      const text = `⚠️ The agent did not get your message. Write it again in a moment. (${inline(explainError(error))})`;
      await whisper(ways, { text }, log);
    }
  });
}

/** Null for whatever is not a person's own words in a thread. */
function readReply(event: object): Parameters<FlowActions['steer']>[0] | null {
  const { subtype, bot_id, user, text, ts, thread_ts, channel } = event as Readonly<Record<string, unknown>>;
  if (!written.has(subtype as string | undefined) || bot_id !== undefined) return null;
  if (typeof user !== 'string' || typeof text !== 'string' || typeof channel !== 'string') return null;
  if (typeof ts !== 'string' || typeof thread_ts !== 'string' || thread_ts === ts) return null;
  return { channelId: channel, threadTs: thread_ts, ts, userId: user, text: decode(text) };
}

/** As it was typed: Slack writes these three in another way. */
function decode(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

/** The row is there; a mark that could not be set takes nothing away from it. */
async function react(client: WebClient, channel: string, timestamp: string, log: Log): Promise<void> {
  try {
    await client.reactions.add({ channel, timestamp, name: seenMark });
  } catch (error) {
    if (refusalCode(error) !== 'already_reacted')
      log.warn({ channel, reason: explainError(error) }, 'a message could not be marked as seen');
  }
}

import type { RespondFn } from '@slack/bolt';
import type { KnownBlock } from '@slack/types';
import type { WebClient } from '@slack/web-api';
import { explainError } from '../platform/errors.ts';
import type { Log } from '../platform/log.ts';
import { section } from './blocks/mrkdwn.ts';

/** Something that only this person sees. */
export interface Whisper {
  readonly text: string;
  readonly blocks?: readonly KnownBlock[];
}

/** Tries each way in turn until one reaches the person: silence is the one wrong answer to a click. */
export async function whisper(
  ways: {
    readonly respond?: RespondFn;
    readonly client: WebClient;
    readonly channel: string | undefined;
    readonly userId: string;
  },
  message: Whisper,
  log: Log,
): Promise<void> {
  const { client, channel, userId, respond } = ways;
  const blocks = [...(message.blocks ?? [section(message.text)])];
  const attempts: (() => Promise<unknown>)[] = [];
  if (respond !== undefined) {
    attempts.push(() =>
      respond({ response_type: 'ephemeral', replace_original: false, text: message.text, blocks }),
    );
  }
  if (channel !== undefined && channel !== '') {
    attempts.push(() => client.chat.postEphemeral({ channel, user: userId, text: message.text, blocks }));
  }
  attempts.push(() =>
    client.chat.postMessage({
      channel: userId,
      text: message.text,
      blocks,
      unfurl_links: false,
      unfurl_media: false,
    }),
  );
  for (const attempt of attempts) {
    try {
      await attempt();
      return;
    } catch (error) {
      log.debug({ userId, reason: explainError(error) }, 'one way to answer a person failed');
    }
  }
  log.warn({ userId }, 'a person could not be answered');
}

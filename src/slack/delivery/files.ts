import type { RoomFile } from '../blocks/rendered.ts';
import { judgeFailure } from '../call-failure.ts';
import type { Delivery } from './delivery.ts';

/** True when every file is in the thread already, put there by us. */
export async function filesAttached(
  delivery: Delivery,
  channel: string,
  thread: string,
  files: readonly RoomFile[],
): Promise<boolean> {
  const bot = await delivery.botUserId();
  const answer = await delivery.call((client) =>
    client.conversations.replies({ channel, ts: thread, limit: 1000 }),
  );
  const comments = new Set(
    (answer.messages ?? []).filter((message) => message.user === bot).map((message) => message.text ?? ''),
  );
  return files.every((file) => comments.has(file.comment));
}

/** @returns false when Slack refuses a file for good; the card then stays as it is without it */
export async function attachFiles(
  delivery: Delivery,
  channel: string,
  thread: string,
  files: readonly RoomFile[],
): Promise<boolean> {
  for (const file of files) {
    try {
      await delivery.call((client) =>
        client.filesUploadV2({
          channel_id: channel,
          thread_ts: thread,
          filename: file.name,
          title: file.name,
          content: file.content,
          initial_comment: file.comment,
        }),
      );
    } catch (error) {
      const failure = judgeFailure(error);
      if (failure?.kind !== 'refused') throw error;
      delivery.log.error({ file: file.name, reason: failure.reason }, 'Slack refused a file');
      return false;
    }
  }
  return true;
}

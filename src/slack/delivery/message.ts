import type { KnownBlock } from '@slack/types';
import type { RoomItem } from '../../domain/room.ts';
import { section, shorten } from '../blocks/mrkdwn.ts';
import { renderView } from '../blocks/render-view.ts';
import type { Rendered } from '../blocks/rendered.ts';
import { refusalCode } from '../call-failure.ts';
import { asMember, reopen } from './channel.ts';
import { channelOf, type Delivery, mayHaveHappened } from './delivery.ts';
import { attachFiles, filesAttached } from './files.ts';
import { findPosted, markOf } from './posted-messages.ts';

type MessageItem = Extract<RoomItem, { type: 'message' }>;

const unshowable = new Set([
  'invalid_blocks',
  'invalid_blocks_format',
  'msg_blocks_too_long',
  'msg_too_long',
]);
const gone = new Set(['message_not_found', 'cant_update_message', 'edit_window_closed']);

/**
 * Posts the message once and edits it from then on. After a crash between "posted" and "recorded" it finds its own post by
 * the mark in the message's metadata. A message that somebody deleted is posted again: it is the record that decides what
 * the room shows.
 * @returns the message's `ts`
 */
export async function deliverMessage(delivery: Delivery, item: MessageItem): Promise<string> {
  const channel = channelOf(delivery);
  const thread = await threadOf(delivery, item);
  const render = (attached: boolean) =>
    renderView(item.view, delivery.links, { incidentId: delivery.incident.id, attached });

  let ts = delivery.entry.externalId;
  if (mayHaveHappened(delivery.entry)) ts = await findPosted(delivery, channel, thread);
  const { files } = render(false);
  const attached =
    ts !== null && files.length > 0 && (await filesAttached(delivery, channel, thread ?? ts, files));

  const edited = ts === null ? null : await edit(delivery, channel, ts, render(attached));
  const posted = edited ?? (await post(delivery, channel, thread, render(attached)));
  if (item.pin === true && (edited === null || delivery.entry.deliveredVersion === 0)) {
    await pin(delivery, channel, posted);
  }
  if (files.length > 0 && !attached && (await attachFiles(delivery, channel, thread ?? posted, files))) {
    await edit(delivery, channel, posted, render(true));
  }
  return posted;
}

/** The thread's first message; null posts into the channel, also when that message could never be delivered. */
async function threadOf(delivery: Delivery, item: MessageItem): Promise<string | null> {
  if (item.thread === undefined) return null;
  const entries = await delivery.record.outbox.ofIncident(delivery.incident.id);
  return entries.find((entry) => entry.key === item.thread)?.externalId ?? null;
}

async function post(
  delivery: Delivery,
  channel: string,
  thread: string | null,
  rendered: Rendered,
): Promise<string> {
  const send = (text: string, blocks: readonly KnownBlock[]) =>
    asMember(delivery.call, channel, (client) =>
      client.chat.postMessage({
        channel,
        text: shorten(text, 3000),
        blocks: [...blocks],
        metadata: markOf(delivery.entry),
        unfurl_links: false,
        unfurl_media: false,
        ...(thread === null ? {} : { thread_ts: thread }),
      }),
    );
  const answer = await whileOpen(delivery, channel, () => orPlainly(delivery, rendered, send));
  return answer.ts ?? '';
}

/** @returns null when the message no longer exists or is not ours to edit */
async function edit(
  delivery: Delivery,
  channel: string,
  ts: string,
  rendered: Rendered,
): Promise<string | null> {
  const send = (text: string, blocks: readonly KnownBlock[]) =>
    delivery.call((client) =>
      client.chat.update({
        channel,
        ts,
        text: shorten(text, 3000),
        blocks: [...blocks],
        metadata: markOf(delivery.entry),
      }),
    );
  try {
    await whileOpen(delivery, channel, () => orPlainly(delivery, rendered, send));
    return ts;
  } catch (error) {
    if (!gone.has(refusalCode(error) ?? '')) throw error;
    delivery.log.warn({ key: delivery.entry.key }, 'message is gone from Slack and is posted again');
    return null;
  }
}

/** Blocks that Slack refuses become one plain section: an ugly message is better than none. It never has buttons. */
async function orPlainly<T>(
  delivery: Delivery,
  rendered: Rendered,
  send: (text: string, blocks: readonly KnownBlock[]) => Promise<T>,
): Promise<T> {
  try {
    return await send(rendered.text, rendered.blocks);
  } catch (error) {
    if (!unshowable.has(refusalCode(error) ?? '')) throw error;
    delivery.log.error({ key: delivery.entry.key, err: error }, 'Slack refused the blocks of a message');
    return send(rendered.text, [
      section(shorten(rendered.text, 2500), `_Slack refused the full card. ${link(delivery)}_`),
    ]);
  }
}

function link(delivery: Delivery): string {
  return `<${delivery.links.incident(delivery.incident.id)}|Open it on Warroom’s page>`;
}

/** A channel that somebody archived in mid-incident is opened again where Slack allows it. */
async function whileOpen<T>(delivery: Delivery, channel: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (refusalCode(error) !== 'is_archived' || !(await reopen(delivery.call, channel))) throw error;
    return work();
  }
}

/** A card that could not be pinned is still a card. */
async function pin(delivery: Delivery, channel: string, timestamp: string): Promise<void> {
  try {
    await delivery.call((client) => client.pins.add({ channel, timestamp }));
  } catch (error) {
    const code = refusalCode(error);
    if (code === undefined) throw error;
    if (code !== 'already_pinned') delivery.log.warn({ code, channel }, 'message could not be pinned');
  }
}

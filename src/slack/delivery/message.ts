import type { KnownBlock } from '@slack/types';
import type { RoomItem } from '../../domain/room.ts';
import { section, shorten } from '../blocks/mrkdwn.ts';
import { renderView } from '../blocks/render-view.ts';
import type { Rendered } from '../blocks/rendered.ts';
import { refusalCode } from '../call-failure.ts';
import { announcementChannel, orGiveUp } from './announcement-channel.ts';
import { asMember, reopen } from './channel.ts';
import { channelOf, type Delivered, type Delivery, mayHaveHappened } from './delivery.ts';
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
 */
export async function deliverMessage(delivery: Delivery, item: MessageItem): Promise<Delivered> {
  const ref = item.channel;
  if (ref === undefined) return deliverTo(delivery, item, channelOf(delivery));
  const channel = await announcementChannel(delivery, ref);
  return orGiveUp(delivery, ref, () => deliverTo(delivery, item, channel));
}

async function deliverTo(delivery: Delivery, item: MessageItem, channel: string): Promise<Delivered> {
  const thread = await threadOf(delivery, item);
  const render = (attached: boolean) =>
    renderView(item.view, delivery.links, { incidentId: delivery.incident.id, attached });

  let ts = delivery.entry.externalId;
  if (mayHaveHappened(delivery.entry)) ts = await findPosted(delivery, channel, thread);
  const { files, shown } = render(false);
  let attached =
    ts !== null && files.length > 0 && (await filesAttached(delivery, channel, thread ?? ts, files));

  const edited = ts === null ? null : await edit(delivery, channel, ts, render(attached));
  const sent = edited ?? (await post(delivery, channel, thread, render(attached)));
  if (item.pin === true && (edited === null || delivery.entry.deliveredVersion === 0)) {
    await pin(delivery, channel, sent.ts);
  }
  let complete = sent.complete;
  if (files.length > 0 && !attached) {
    attached = await attachFiles(delivery, channel, thread ?? sent.ts, files);
    if (attached) complete = (await edit(delivery, channel, sent.ts, render(true)))?.complete ?? false;
  }
  const whole = shown && complete && (files.length === 0 || attached);
  return { externalId: sent.ts, message: { channelId: channel, whole } };
}

/** `complete`: Slack took the blocks as they are. */
interface Sent {
  readonly ts: string;
  readonly complete: boolean;
}

/** The thread's first message; null posts into the channel, also when that message could never be delivered. */
async function threadOf(delivery: Delivery, item: MessageItem): Promise<string | null> {
  // A thread lives in the incident's own channel.
  if (item.thread === undefined || item.channel !== undefined) return null;
  const entries = await delivery.record.outbox.ofIncident(delivery.incident.id);
  return entries.find((entry) => entry.key === item.thread)?.externalId ?? null;
}

async function post(
  delivery: Delivery,
  channel: string,
  thread: string | null,
  rendered: Rendered,
): Promise<Sent> {
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
  const { answer, complete } = await whileOpen(delivery, channel, () => orPlainly(delivery, rendered, send));
  return { ts: answer.ts ?? '', complete };
}

/** @returns null when the message no longer exists or is not ours to edit */
async function edit(
  delivery: Delivery,
  channel: string,
  ts: string,
  rendered: Rendered,
): Promise<Sent | null> {
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
    const { complete } = await whileOpen(delivery, channel, () => orPlainly(delivery, rendered, send));
    return { ts, complete };
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
): Promise<{ answer: T; complete: boolean }> {
  try {
    return { answer: await send(rendered.text, rendered.blocks), complete: true };
  } catch (error) {
    if (!unshowable.has(refusalCode(error) ?? '')) throw error;
    delivery.log.error({ key: delivery.entry.key, err: error }, 'Slack refused the blocks of a message');
    const answer = await send(rendered.text, [
      section(shorten(rendered.text, 2500), `_Slack refused the full card. ${link(delivery)}_`),
    ]);
    return { answer, complete: false };
  }
}

function link(delivery: Delivery): string {
  return `<${delivery.links.incident(delivery.incident.id)}|Open it on Warroom’s page>`;
}

/** An incident's channel that somebody archived in mid-incident is opened again where Slack allows it. */
async function whileOpen<T>(delivery: Delivery, channel: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const ours = channel === delivery.incident.channelId;
    if (refusalCode(error) !== 'is_archived' || !ours || !(await reopen(delivery.call, channel))) throw error;
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

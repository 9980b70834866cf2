import { altTextOf, type Chart, sentenceOf } from '../../domain/chart.ts';
import type { RoomItem } from '../../domain/room.ts';
import { canonicalJson, type Json, sha256 } from '../../platform/canonical-json.ts';
import { explainError } from '../../platform/errors.ts';
import { inline, shorten } from '../blocks/mrkdwn.ts';
import { refusalCode } from '../call-failure.ts';
import { channelOf, type Delivery, mayHaveHappened } from './delivery.ts';

type ChartItem = Extract<RoomItem, { type: 'chart' }>;

/** The sentence is in the message already, and in the picture. */
const titles = {
  metric: 'Curve over time',
  logs: 'Log lines over time',
  graph: 'Calls between services',
} as const;

interface Picture {
  readonly fileId: string;
  readonly name: string;
  /** The message that carries it. */
  readonly ts: string;
}

/**
 * A picture in a thread, uploaded once: its name carries a digest of what it shows, so that after a crash it is found, and
 * so that a changed one takes the old one's place. A picture is never worth waiting for: what cannot be drawn or is refused
 * is a line in the log.
 */
export async function deliverChart(delivery: Delivery, item: ChartItem): Promise<string | null> {
  const channel = channelOf(delivery);
  const thread = await threadOf(delivery, item.thread);
  if (thread === null) {
    delivery.log.warn({ thread: item.thread }, 'a chart has no thread to stand in and is left out');
    return null;
  }
  const { key } = delivery.entry;
  const prefix = `${key.replaceAll(/[^a-z0-9]+/gi, '-')}-`;
  const name = item.chart === null ? null : `${prefix}${digestOf(item.chart)}.png`;
  const isNew = delivery.entry.externalId === null && !mayHaveHappened(delivery.entry);
  const shown = isNew ? [] : await findPictures(delivery, channel, thread, prefix);

  let fileId = shown.find((one) => one.name === name)?.fileId ?? null;
  if (item.chart !== null && name !== null && fileId === null)
    fileId = await upload(delivery, { channel, thread, name, chart: item.chart });
  for (const old of shown) if (old.name !== name) await takeAway(delivery, channel, old);
  return fileId;
}

function digestOf(chart: Chart): string {
  return sha256(canonicalJson(chart as unknown as Json)).slice(0, 12);
}

async function threadOf(delivery: Delivery, key: string): Promise<string | null> {
  const entries = await delivery.record.outbox.ofIncident(delivery.incident.id);
  return entries.find((entry) => entry.key === key)?.externalId ?? null;
}

async function upload(
  delivery: Delivery,
  at: { readonly channel: string; readonly thread: string; readonly name: string; readonly chart: Chart },
): Promise<string | null> {
  const { chart, name } = at;
  const bytes = await draw(delivery, chart);
  if (bytes === null) return null;
  try {
    const answer = await delivery.call((client) =>
      client.filesUploadV2({
        channel_id: at.channel,
        thread_ts: at.thread,
        filename: name,
        title: titles[chart.kind],
        alt_text: shorten(altTextOf(chart), 900),
        file: Buffer.from(bytes),
        initial_comment: inline(sentenceOf(chart)),
      }),
    );
    return answer.files[0]?.files?.[0]?.id ?? name;
  } catch (error) {
    // Without the scope for files the room goes on in words.
    if (refusalCode(error) !== 'missing_scope') throw error;
    delivery.log.error({ file: name }, 'Slack allows no files (scope files:write): a chart is left out');
    return null;
  }
}

async function draw(delivery: Delivery, chart: Chart): Promise<Uint8Array | null> {
  const { charts, log, entry } = delivery;
  if (charts === null) return null;
  try {
    return await charts.render(chart);
  } catch (error) {
    log.error({ key: entry.key, reason: explainError(error) }, 'a chart cannot be drawn and is left out');
    return null;
  }
}

async function findPictures(
  delivery: Delivery,
  channel: string,
  ts: string,
  prefix: string,
): Promise<Picture[]> {
  const bot = await delivery.botUserId();
  const found: Picture[] = [];
  let cursor = '';
  do {
    const answer = await delivery.call((client) =>
      client.conversations.replies({ channel, ts, limit: 200, ...(cursor === '' ? {} : { cursor }) }),
    );
    for (const message of answer.messages ?? []) {
      if (message.user !== bot) continue;
      for (const { id, name } of message.files ?? [])
        if (id !== undefined && name?.startsWith(prefix) === true)
          found.push({ fileId: id, name, ts: message.ts ?? '' });
    }
    cursor = answer.response_metadata?.next_cursor ?? '';
  } while (cursor !== '');
  return found;
}

/** The file and the message that carried it; what somebody removed already is as good. */
async function takeAway(delivery: Delivery, channel: string, picture: Picture): Promise<void> {
  const tries = [
    () => delivery.call((client) => client.files.delete({ file: picture.fileId })),
    () => delivery.call((client) => client.chat.delete({ channel, ts: picture.ts })),
  ];
  for (const remove of tries) {
    try {
      await remove();
    } catch (error) {
      const code = refusalCode(error);
      if (code === undefined) throw error;
      delivery.log.info({ file: picture.name, code }, 'an old chart could not be taken away');
    }
  }
}

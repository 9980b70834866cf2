import type { WebClient } from '@slack/web-api';
import type { RoomItem } from '../../domain/room.ts';
import { shorten, unlinked } from '../blocks/mrkdwn.ts';
import { judgeFailure, refusalCode } from '../call-failure.ts';
import { type Delivery, NotYet, type SlackCall } from './delivery.ts';
import { type Channel, findChannel, toChannel } from './find-channel.ts';

type ChannelItem = Extract<RoomItem, { type: 'channel' }>;

const textMax = 250;

/**
 * One channel an incident. The name is a function of the incident, so a channel made by a process that died before it
 * could say so is found by its name and adopted, provided that we created it and that its purpose names this incident
 * (or is still empty). A name held by somebody else's channel, or by an archived one that cannot be opened again (Slack
 * refuses that to bots), is left alone and the name gets a number.
 * @returns the channel's id
 */
export async function deliverChannel(delivery: Delivery, item: ChannelItem): Promise<string> {
  const { call, incident, record } = delivery;
  const known = delivery.entry.externalId ?? incident.channelId;
  const channel = known === null ? await createOrAdopt(delivery, item) : await read(call, known);
  if (incident.channelId !== channel.id || incident.channelName !== channel.name) {
    await record.incidents.update(incident.id, { channelId: channel.id, channelName: channel.name });
  }

  // Setting a topic posts a line in the channel, so it is set only when it changes.
  const topic = shorten(unlinked(item.topic), textMax);
  if (channel.topic !== topic)
    await orAsItIs(delivery, 'topic', () =>
      asMember(call, channel.id, (client) => client.conversations.setTopic({ channel: channel.id, topic })),
    );
  const purpose = purposeOf(item, incident.id);
  if (channel.purpose !== purpose) {
    await orAsItIs(delivery, 'purpose', () =>
      asMember(call, channel.id, (client) =>
        client.conversations.setPurpose({ channel: channel.id, purpose }),
      ),
    );
  }
  return channel.id;
}

/** Once the room exists, what stands above it is not worth holding it up: a refusal is logged and passed over. */
async function orAsItIs(delivery: Delivery, what: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const failure = judgeFailure(error);
    if (failure?.kind !== 'refused' && failure?.kind !== 'operator') throw error;
    delivery.log.warn({ what, code: failure.code }, 'Slack does not let us describe the channel');
  }
}

/** Somebody who removed the bot from the room gets no room without its cards: it comes back, once a call. */
export async function asMember<T>(
  call: SlackCall,
  channel: string,
  work: (client: WebClient) => Promise<T>,
): Promise<T> {
  try {
    return await call(work);
  } catch (error) {
    if (refusalCode(error) !== 'not_in_channel') throw error;
    await call((client) => client.conversations.join({ channel }));
    return call(work);
  }
}

async function createOrAdopt(delivery: Delivery, item: ChannelItem): Promise<Channel> {
  const { call, incident, log } = delivery;
  for (const name of candidateNames(item.name)) {
    try {
      const created = await call((client) => client.conversations.create({ name }));
      return toChannel(created.channel);
    } catch (error) {
      if (refusalCode(error) !== 'name_taken') throw error;
    }
    const existing = await findChannel(call, name);
    if (existing === undefined || !(await isOurs(delivery, existing))) {
      log.warn({ incidentId: incident.id, channel: name }, 'channel name is taken by another channel');
      continue;
    }
    if (existing.archived && !(await reopen(call, existing.id))) {
      log.warn(
        { incidentId: incident.id, channel: name },
        'our channel is archived and cannot be opened again',
      );
      continue;
    }
    log.info({ incidentId: incident.id, channel: name }, 'adopted a channel that an earlier process created');
    return existing;
  }
  throw new NotYet(
    `Ten channel names beginning with ${item.name} are taken.`,
    'Rename or delete the channels of that name.',
  );
}

function* candidateNames(name: string): Generator<string> {
  yield name;
  for (let number = 2; number <= 10; number += 1)
    yield `${name.slice(0, 80 - `-${number}`.length)}-${number}`;
}

async function isOurs(delivery: Delivery, channel: Channel): Promise<boolean> {
  if (channel.creator !== (await delivery.botUserId())) return false;
  return channel.purpose === '' || channel.purpose.includes(tagOf(delivery.incident.id));
}

/** Slack lets few bots do this; a refusal is an answer. */
export async function reopen(call: SlackCall, channel: string): Promise<boolean> {
  try {
    await call((client) => client.conversations.unarchive({ channel }));
    return true;
  } catch (error) {
    const code = refusalCode(error);
    if (code === undefined) throw error;
    return code === 'not_archived';
  }
}

async function read(call: SlackCall, channel: string): Promise<Channel> {
  const answer = await call((client) => client.conversations.info({ channel }));
  return toChannel(answer.channel);
}

function tagOf(incidentId: string): string {
  return `[warroom ${incidentId}]`;
}

function purposeOf(item: ChannelItem, incidentId: string): string {
  const tag = tagOf(incidentId);
  return `${shorten(unlinked(item.purpose), textMax - tag.length - 1)} ${tag}`.trim();
}

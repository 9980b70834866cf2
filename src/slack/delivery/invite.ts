import type { RoomItem } from '../../domain/room.ts';
import { judgeFailure } from '../call-failure.ts';
import { channelOf, type Delivery } from './delivery.ts';

type InviteItem = Extract<RoomItem, { type: 'invite' }>;

/** Slack takes up to 100 ids a call; fewer keep its error lists readable. */
const batch = 50;

/** Brings people into the channel. Whoever cannot be invited is skipped and named in the log: the rest must not wait. */
export async function deliverInvite(delivery: Delivery, item: InviteItem): Promise<null> {
  const channel = channelOf(delivery);
  const bot = await delivery.botUserId();
  const people = [...(await delivery.directory.members(item.people, delivery.signal))].filter(
    (id) => id !== bot,
  );
  for (let start = 0; start < people.length; start += batch) {
    await inviteMany(delivery, channel, people.slice(start, start + batch));
  }
  return null;
}

async function inviteMany(delivery: Delivery, channel: string, people: readonly string[]): Promise<void> {
  try {
    await delivery.call((client) => client.conversations.invite({ channel, users: people.join(',') }));
  } catch (error) {
    const failure = judgeFailure(error);
    if (failure?.kind !== 'refused') throw error;
    // One who is there already makes Slack refuse the whole list.
    if (people.length > 1) {
      for (const person of people) await inviteMany(delivery, channel, [person]);
    } else if (failure.code !== 'already_in_channel') {
      delivery.log.warn({ channel, person: people[0], code: failure.code }, 'person could not be invited');
    }
  }
}

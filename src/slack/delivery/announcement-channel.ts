import { judgeFailure } from '../call-failure.ts';
import { type Delivery, Undeliverable } from './delivery.ts';
import { findChannel } from './find-channel.ts';

/**
 * The id of a channel that is not the incident's own. It is remembered by name for as long as posting there works.
 * @throws Undeliverable when there is no such channel: the room must not wait for it
 */
export async function announcementChannel(delivery: Delivery, ref: string): Promise<string> {
  if (/^[CG][A-Z0-9]{6,}$/.test(ref)) return ref;
  const name = ref.replace(/^#/, '');
  const known = delivery.channelIds.get(name);
  if (known !== undefined) return known;
  const found = await findChannel(delivery.call, name);
  if (found === undefined) {
    throw new Undeliverable(
      `There is no public channel #${name} to announce something in.`,
      'Create it, or name another channel in the policy of warroom.yaml.',
    );
  }
  delivery.channelIds.set(name, found.id);
  return found.id;
}

const theirOwnFault = new Set([
  'channel_not_found',
  'not_in_channel',
  'is_archived',
  'restricted_action',
  'restricted_action_read_only_channel',
  'restricted_action_thread_only_channel',
  'method_not_supported_for_channel_type',
  'no_permission',
  'posting_to_general_channel_denied',
]);

/** A channel that does not let us in is its own affair: what is to be said in the room goes on. */
export async function orGiveUp<T>(delivery: Delivery, ref: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const failure = judgeFailure(error);
    const code = failure !== undefined && 'code' in failure ? failure.code : '';
    if (!theirOwnFault.has(code)) throw error;
    delivery.channelIds.delete(ref.replace(/^#/, ''));
    throw new Undeliverable(
      `Slack does not let us post in ${ref} (${code}).`,
      `Type /invite @warroom in ${ref}, or name another channel in the policy of warroom.yaml.`,
      { cause: error },
    );
  }
}

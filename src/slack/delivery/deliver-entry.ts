import { deliverBookmark } from './bookmark.ts';
import { deliverChannel } from './channel.ts';
import type { Delivery } from './delivery.ts';
import { deliverInvite } from './invite.ts';
import { deliverMessage } from './message.ts';

/** Makes Slack show this entry. Safe to repeat after a crash at any point. Returns Slack's id of what now exists. */
export function deliverEntry(delivery: Delivery): Promise<string | null> {
  const { item } = delivery.entry;
  switch (item.type) {
    case 'channel':
      return deliverChannel(delivery, item);
    case 'message':
      return deliverMessage(delivery, item);
    case 'invite':
      return deliverInvite(delivery, item);
    case 'bookmark':
      return deliverBookmark(delivery, item);
    default:
      return item satisfies never;
  }
}

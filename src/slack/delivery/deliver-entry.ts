import { deliverBookmark } from './bookmark.ts';
import { deliverChannel } from './channel.ts';
import { deliverChart } from './chart.ts';
import type { Delivered, Delivery } from './delivery.ts';
import { deliverInvite } from './invite.ts';
import { deliverMessage } from './message.ts';

/** Makes Slack show this entry. Safe to repeat after a crash at any point. */
export async function deliverEntry(delivery: Delivery): Promise<Delivered> {
  const { item } = delivery.entry;
  switch (item.type) {
    case 'channel':
      return noMessage(await deliverChannel(delivery, item));
    case 'message':
      return deliverMessage(delivery, item);
    case 'invite':
      return noMessage(await deliverInvite(delivery, item));
    case 'bookmark':
      return noMessage(await deliverBookmark(delivery, item));
    case 'chart':
      return noMessage(await deliverChart(delivery, item));
    default:
      return item satisfies never;
  }
}

function noMessage(externalId: string | null): Delivered {
  return { externalId, message: null };
}

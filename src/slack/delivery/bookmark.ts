import type { RoomItem } from '../../domain/room.ts';
import { shorten, showHidden } from '../blocks/mrkdwn.ts';
import { channelOf, type Delivery, mayHaveHappened } from './delivery.ts';

type BookmarkItem = Extract<RoomItem, { type: 'bookmark' }>;

/** A link at the top of the channel; added once, edited from then on. Returns the bookmark's id. */
export async function deliverBookmark(delivery: Delivery, item: BookmarkItem): Promise<string | null> {
  const channel = channelOf(delivery);
  const title = shorten(showHidden(item.title), 100);
  const emoji = item.emoji === '' ? {} : { emoji: item.emoji };
  const known = mayHaveHappened(delivery.entry)
    ? await find(delivery, channel, item.url)
    : delivery.entry.externalId;
  if (known !== null) {
    await delivery.call((client) =>
      client.bookmarks.edit({ channel_id: channel, bookmark_id: known, title, link: item.url, ...emoji }),
    );
    return known;
  }
  const added = await delivery.call((client) =>
    client.bookmarks.add({ channel_id: channel, type: 'link', title, link: item.url, ...emoji }),
  );
  return added.bookmark?.id ?? null;
}

async function find(delivery: Delivery, channel: string, url: string): Promise<string | null> {
  const answer = await delivery.call((client) => client.bookmarks.list({ channel_id: channel }));
  return answer.bookmarks?.find((bookmark) => bookmark.link === url)?.id ?? null;
}

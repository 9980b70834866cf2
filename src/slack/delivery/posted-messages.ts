import type { MessageMetadata } from '@slack/types';
import type { OutboxEntry } from '../../domain/room.ts';
import type { Delivery } from './delivery.ts';

const eventType = 'warroom';
const pagesMax = 20;

/** Hidden in every message of ours: which outbox entry it shows. */
export function markOf(entry: OutboxEntry): MessageMetadata {
  return { event_type: eventType, event_payload: { incident: entry.incidentId, key: entry.key } };
}

interface Message {
  readonly ts?: string;
  readonly metadata?: { readonly event_type?: string; readonly event_payload?: object };
}

interface MessagePage {
  readonly messages?: readonly Message[];
  readonly response_metadata?: { readonly next_cursor?: string };
}

/** Looks for this entry's own message in the channel or the thread; null when an earlier attempt never arrived. */
export async function findPosted(
  delivery: Delivery,
  channel: string,
  thread: string | null,
): Promise<string | null> {
  const options = { channel, include_all_metadata: true, limit: 200 };
  let cursor = '';
  for (let count = 0; count < pagesMax; count += 1) {
    const at = cursor === '' ? options : { ...options, cursor };
    const answer: MessagePage = await delivery.call((client) =>
      thread === null
        ? client.conversations.history(at)
        : client.conversations.replies({ ...at, ts: thread }),
    );
    const found = answer.messages?.find((message) => isMarked(message, delivery.entry));
    if (found?.ts !== undefined) return found.ts;
    cursor = answer.response_metadata?.next_cursor ?? '';
    if (cursor === '') return null;
  }
  return null;
}

function isMarked(message: Message, entry: OutboxEntry): boolean {
  const { metadata } = message;
  if (metadata?.event_type !== eventType) return false;
  const payload = (metadata.event_payload ?? {}) as { incident?: unknown; key?: unknown };
  return payload.incident === entry.incidentId && payload.key === entry.key;
}

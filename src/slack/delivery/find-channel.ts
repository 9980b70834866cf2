import { refusalCode } from '../call-failure.ts';
import type { SlackCall } from './delivery.ts';

const pagesMax = 50;
const page = { types: 'public_channel', exclude_archived: false, limit: 999 };

export interface Channel {
  readonly id: string;
  readonly name: string;
  readonly creator: string;
  readonly archived: boolean;
  readonly topic: string;
  readonly purpose: string;
}

export interface RawChannel {
  readonly id?: string;
  readonly name?: string;
  readonly creator?: string;
  readonly is_archived?: boolean;
  readonly topic?: { readonly value?: string };
  readonly purpose?: { readonly value?: string };
}

interface ChannelPage {
  readonly channels?: readonly RawChannel[];
  readonly response_metadata?: { readonly next_cursor?: string };
}

/** Our own channels first: they are few. The whole workspace only when it is not among them. */
export async function findChannel(call: SlackCall, name: string): Promise<Channel | undefined> {
  try {
    const mine = await search(name, (cursor) =>
      call((client) => client.users.conversations({ ...page, ...(cursor === '' ? {} : { cursor }) })),
    );
    if (mine !== undefined) return mine;
  } catch (error) {
    if (refusalCode(error) !== 'unknown_method') throw error;
  }
  return search(name, (cursor) =>
    call((client) => client.conversations.list({ ...page, ...(cursor === '' ? {} : { cursor }) })),
  );
}

async function search(
  name: string,
  fetchPage: (cursor: string) => Promise<ChannelPage>,
): Promise<Channel | undefined> {
  let cursor = '';
  for (let count = 0; count < pagesMax; count += 1) {
    const answer = await fetchPage(cursor);
    const found = answer.channels?.find((channel) => channel.name === name);
    if (found !== undefined) return toChannel(found);
    cursor = answer.response_metadata?.next_cursor ?? '';
    if (cursor === '') return undefined;
  }
  return undefined;
}

export function toChannel(raw: RawChannel | undefined): Channel {
  return {
    id: raw?.id ?? '',
    name: raw?.name ?? '',
    creator: raw?.creator ?? '',
    archived: raw?.is_archived ?? false,
    topic: raw?.topic?.value ?? '',
    purpose: raw?.purpose?.value ?? '',
  };
}

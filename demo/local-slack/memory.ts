import type { JsonObject } from './json-shapes.ts';

/** A message that only one person sees; emulate stores such messages but has no way to read them back. */
export interface EphemeralMessage {
  ts: string;
  channelId: string;
  personId: string;
  message: JsonObject;
}

/** What Slack's own clients keep and emulate does not: ephemeral messages, open modals, home tabs, unread marks. */
export interface Memory {
  ephemerals: Map<string, EphemeralMessage>;
  /** Person id → open modals, the visible one last. */
  modals: Map<string, JsonObject[]>;
  homes: Map<string, JsonObject>;
  /** Trigger id → who caused it. */
  triggers: Map<string, string>;
  posts: Map<string, Post[]>;
  lastRead: Map<string, string>;
}

export interface Post {
  ts: string;
  authorId: string;
  text: string;
}

const POSTS_KEPT = 500;

export function createMemory(): Memory {
  return {
    ephemerals: new Map(),
    modals: new Map(),
    homes: new Map(),
    triggers: new Map(),
    posts: new Map(),
    lastRead: new Map(),
  };
}

export function rememberPost(memory: Memory, channelId: string, post: Post): void {
  const posts = memory.posts.get(channelId) ?? [];
  posts.push(post);
  if (posts.length > POSTS_KEPT) posts.shift();
  memory.posts.set(channelId, posts);
}

export function markRead(memory: Memory, channelId: string, personId: string): void {
  const latest = memory.posts.get(channelId)?.at(-1)?.ts;
  if (latest) memory.lastRead.set(`${personId} ${channelId}`, latest);
}

export function countUnread(
  memory: Memory,
  channelId: string,
  personId: string,
): { unread: number; mentions: number } {
  const since = memory.lastRead.get(`${personId} ${channelId}`) ?? '';
  const unread = (memory.posts.get(channelId) ?? []).filter(
    (post) => post.ts > since && post.authorId !== personId,
  );
  const mentions = unread.filter(
    (post) => post.text.includes(`<@${personId}>`) || post.text.includes('<!here>'),
  );
  return { unread: unread.length, mentions: mentions.length };
}

/** Replaces an open modal wherever it is in its owner's stack; false when nobody has it open. */
export function replaceModal(memory: Memory, view: JsonObject): boolean {
  for (const stack of memory.modals.values()) {
    const index = stack.findIndex((open) => open.id === view.id);
    if (index >= 0) {
      stack[index] = view;
      return true;
    }
  }
  return false;
}

import { randomBytes } from 'node:crypto';
import { isObject, type JsonObject, objectsOf, textOf } from './json-shapes.ts';
import type { AppIdentity } from './workspace.ts';

/** Slack gives every block an id when the app gives none; interactions need it. */
export function withBlockIds(blocks: unknown): unknown {
  if (!Array.isArray(blocks)) return blocks;
  return blocks.map((block) =>
    isObject(block) && !textOf(block.block_id)
      ? { ...block, block_id: randomBytes(4).toString('base64url') }
      : block,
  );
}

/** All blocks of a message, those in its attachments included. */
export function blocksOf(message: JsonObject): JsonObject[] {
  return [
    ...objectsOf(message.blocks),
    ...objectsOf(message.attachments).flatMap((attachment) => objectsOf(attachment.blocks)),
  ];
}

/** Adds what Slack's messages carry and emulate's lack: the bot's identity, and thread fields on a parent. */
export function completeMessage(message: JsonObject, app: AppIdentity, teamId: string): JsonObject {
  const replyCount = typeof message.reply_count === 'number' ? message.reply_count : 0;
  return {
    ...message,
    ...(message.user === app.botUserId
      ? {
          bot_id: app.botId,
          app_id: app.appId,
          bot_profile: { id: app.botId, app_id: app.appId, name: app.name, team_id: teamId, deleted: false },
        }
      : {}),
    ...(replyCount > 0
      ? {
          thread_ts: textOf(message.thread_ts) || message.ts,
          reply_users_count: (message.reply_users as unknown[]).length,
        }
      : {}),
    team: teamId,
  };
}

/** Completes every message in an answer: `message`, `messages[]`, `items[].message`. */
export function completeAnswer<T extends JsonObject>(answer: T, app: AppIdentity, teamId: string): T {
  const complete = (message: JsonObject) => completeMessage(message, app, teamId);
  return {
    ...answer,
    ...(isObject(answer.message) ? { message: complete(answer.message) } : {}),
    ...(Array.isArray(answer.messages) ? { messages: objectsOf(answer.messages).map(complete) } : {}),
    ...(Array.isArray(answer.items)
      ? {
          items: objectsOf(answer.items).map((item) =>
            isObject(item.message) ? { ...item, message: complete(item.message) } : item,
          ),
        }
      : {}),
  };
}

/** Keeps the part of a history that `oldest` and `latest` ask for, newest first; emulate ignores both. */
export function cutHistory(messages: JsonObject[], args: JsonObject): JsonObject[] {
  const inclusive = args.inclusive === true || args.inclusive === 'true' || args.inclusive === '1';
  const oldest = Number(args.oldest ?? 0);
  const latest =
    args.latest === undefined || args.latest === '' ? Number.POSITIVE_INFINITY : Number(args.latest);
  return messages.filter((message) => {
    const ts = Number(message.ts);
    return inclusive ? ts >= oldest && ts <= latest : ts > oldest && ts < latest;
  });
}

/** Turns what a person types into what Slack's client sends: escapes, and names into references. */
export function encodeTyped(
  typed: string,
  names: {
    people: readonly { id: string; name: string }[];
    groups: readonly { id: string; handle: string }[];
    botUserId: string;
    botName: string;
    /** As in a slash command: `<@U123|mira>` in place of `<@U123>`. */
    labelled?: boolean;
  },
): string {
  const user = (id: string, label: string) => (names.labelled ? `<@${id}|${label}>` : `<@${id}>`);
  const escaped = typed.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return escaped.replace(/(^|[\s(])@([a-z0-9._-]+)/gi, (whole, before: string, name: string) => {
    const handle = name.toLowerCase();
    if (['here', 'channel', 'everyone'].includes(handle)) return `${before}<!${handle}>`;
    const person = names.people.find((candidate) => candidate.name === handle);
    if (person) return `${before}${user(person.id, person.name)}`;
    if (handle === names.botName) return `${before}${user(names.botUserId, handle)}`;
    const group = names.groups.find((candidate) => candidate.handle === handle);
    if (!group) return whole;
    return `${before}<!subteam^${group.id}${names.labelled ? `|@${group.handle}` : ''}>`;
  });
}

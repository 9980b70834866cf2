import type { AppChannels } from './app-channels.ts';
import { checkBlocks, checkView } from './block-limits.ts';
import type { ChangeFeed } from './change-feed.ts';
import type { Events } from './events.ts';
import { isObject, type JsonObject, objectOf, objectsOf, parsedJson, textOf } from './json-shapes.ts';
import { type Memory, rememberPost, replaceModal } from './memory.ts';
import { completeAnswer, cutHistory, withBlockIds } from './message-shape.ts';
import { answerUserGroups, type UserGroup } from './user-groups.ts';
import type { Caller, SlackAnswer, Workspace } from './workspace.ts';

/** One Web API call with all that follows from it: limits checked, answer completed, pages and app told. */
export type PerformCall = (caller: Caller, method: string, args: JsonObject) => Promise<SlackAnswer>;

const READING = /\.(list|info|history|replies|test|members|get|getPermalink|lookupByEmail)$/;
const POSTING = new Set(['chat.postMessage', 'chat.update', 'chat.postEphemeral']);
const VIEW_CALLS = new Set(['views.open', 'views.push', 'views.update', 'views.publish']);

export function createApiCalls(front: {
  workspace: Workspace;
  memory: Memory;
  feed: ChangeFeed;
  events: Events;
  appChannels: AppChannels;
  groups: readonly UserGroup[];
}): PerformCall {
  const { workspace, memory, feed } = front;
  const app = workspace.app;

  async function isOutsider(args: JsonObject): Promise<boolean> {
    const channelId = textOf(args.channel);
    if (!/^C[A-Z0-9]+$/.test(channelId)) return false;
    const channel = await front.appChannels.find(channelId);
    return channel !== undefined && channel.is_member !== true;
  }

  async function history(caller: Caller, args: JsonObject): Promise<SlackAnswer> {
    if (args.oldest === undefined && args.latest === undefined) {
      return workspace.call(caller, 'conversations.history', args);
    }
    const answer = await workspace.call(caller, 'conversations.history', {
      ...args,
      cursor: '',
      limit: 1000,
    });
    const limit = Number(args.limit ?? 100);
    const cut = cutHistory(objectsOf(answer.messages), args);
    return answer.ok ? { ...answer, messages: cut.slice(0, limit), has_more: cut.length > limit } : answer;
  }

  /** `users.conversations`, which emulate lacks: the conversations that a user, or the caller, is in. */
  async function conversationsOf(caller: Caller, args: JsonObject): Promise<SlackAnswer> {
    const userId = textOf(args.user);
    const member = !userId || userId === app.botUserId ? caller : { personId: userId };
    const { user: _, cursor: __, ...rest } = args;
    const answer = await workspace.call(member, 'conversations.list', { ...rest, limit: 1000 });
    const channels = objectsOf(answer.channels).filter((channel) => channel.is_member === true);
    return answer.ok ? { ...answer, channels, response_metadata: { next_cursor: '' } } : answer;
  }

  function observe(caller: Caller, method: string, args: JsonObject, answer: SlackAnswer): void {
    if (method === 'chat.postMessage') {
      const message = objectOf(answer.message);
      const authorId = textOf(message.user);
      if (!message.thread_ts) {
        rememberPost(memory, textOf(answer.channel), {
          ts: textOf(answer.ts),
          authorId,
          text: visibleText(message),
        });
      }
    } else if (method === 'chat.postEphemeral') {
      const ts = textOf(answer.message_ts);
      const message = {
        ...args,
        type: 'message',
        user: app.botUserId,
        ts,
        bot_id: app.botId,
        is_ephemeral: true,
      };
      memory.ephemerals.set(ts, {
        ts,
        channelId: textOf(args.channel),
        personId: textOf(args.user),
        message,
      });
    } else if (VIEW_CALLS.has(method) && isObject(answer.view)) {
      observeView(method, args, answer.view);
    }
    if (caller !== 'app' || !READING.test(method)) feed.bump();
  }

  function observeView(method: string, args: JsonObject, view: JsonObject): void {
    if (method === 'views.publish') {
      memory.homes.set(textOf(args.user_id), view);
      return;
    }
    if (method === 'views.update') {
      replaceModal(memory, view);
      return;
    }
    const personId = memory.triggers.get(textOf(args.trigger_id) || textOf(args.interactivity_pointer));
    if (!personId) return;
    const below = method === 'views.push' ? (memory.modals.get(personId) ?? []) : [];
    memory.modals.set(personId, [...below, view]);
  }

  return async (caller, method, given) => {
    if (method === 'usergroups.list' || method === 'usergroups.users.list') {
      return answerUserGroups(method, given, front.groups, workspace.team.id);
    }
    if (method === 'users.conversations') return conversationsOf(caller, given);
    const args = { ...given };
    if (POSTING.has(method)) {
      const refusal = prepareMessage(args);
      if (refusal) return refusal;
      if (caller === 'app' && method !== 'chat.update' && (await isOutsider(args))) {
        return { ok: false, error: 'not_in_channel' };
      }
    }
    if (VIEW_CALLS.has(method)) {
      const refusal = prepareView(args);
      if (refusal) return refusal;
    }
    const raw =
      method === 'conversations.history'
        ? await history(caller, args)
        : await workspace.call(caller, method, args);
    const answer = completeAnswer(raw, app, workspace.team.id);
    if (answer.ok && !READING.test(method)) {
      if (method.startsWith('conversations.')) front.appChannels.forget();
      observe(caller, method, args, answer);
      await front.events.afterCall(caller, method, args, answer);
    }
    return answer;
  };
}

function prepareMessage(args: JsonObject): SlackAnswer | undefined {
  if (typeof args.channel === 'string') args.channel = args.channel.replace(/^#/, '');
  const markdown = textOf(args.markdown_text);
  if (markdown && !args.blocks) {
    args.blocks = [{ type: 'markdown', text: markdown }];
    args.text = markdown;
  }
  const attachments = parsedJson(args.attachments);
  if (Array.isArray(attachments)) {
    for (const attachment of attachments.filter(isObject)) {
      if (attachment.blocks === undefined) continue;
      const refusal = refuseBlocks(attachment.blocks);
      if (refusal) return refusal;
      attachment.blocks = withBlockIds(attachment.blocks);
    }
    args.attachments = attachments;
  }
  if (args.blocks === undefined || args.blocks === null || args.blocks === '') return undefined;
  const blocks = parsedJson(args.blocks);
  const refusal = refuseBlocks(blocks);
  if (!refusal) args.blocks = withBlockIds(blocks);
  return refusal;
}

function refuseBlocks(blocks: unknown): SlackAnswer | undefined {
  const check = checkBlocks(blocks, 'message');
  if (!check.error) return undefined;
  return { ok: false, error: check.error, response_metadata: { messages: check.problems } };
}

function prepareView(args: JsonObject): SlackAnswer | undefined {
  const view = parsedJson(args.view);
  if (!isObject(view)) return undefined;
  const problems = checkView(view);
  if (problems.length > 0)
    return { ok: false, error: 'invalid_arguments', response_metadata: { messages: problems } };
  args.view = { ...view, blocks: withBlockIds(view.blocks) };
  return undefined;
}

function visibleText(message: JsonObject): string {
  return `${textOf(message.text)} ${message.blocks ? JSON.stringify(message.blocks) : ''}`;
}

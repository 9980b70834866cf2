import { randomUUID } from 'node:crypto';
import type { AppChannels } from './app-channels.ts';
import { isObject, type JsonObject, objectOf, textOf } from './json-shapes.ts';
import { completeMessage } from './message-shape.ts';
import type { AppConnection } from './signed-delivery.ts';
import type { Caller, SlackAnswer, Workspace } from './workspace.ts';

/** Events an app may subscribe to here; names as in Slack's event list (`message` stands for its four kinds). */
export type EventName =
  | 'message'
  | 'app_mention'
  | 'member_joined_channel'
  | 'reaction_added'
  | 'app_home_opened';

export interface Events {
  /** Sends what a successful call causes. Never throws; delivery goes on after it returns. */
  afterCall(caller: Caller, method: string, args: JsonObject, answer: SlackAnswer): Promise<void>;
  homeOpened(personId: string, view: JsonObject | undefined, channelId: string): void;
  /** Resolves when no delivery is under way. */
  settled(): Promise<void>;
}

export function createEvents(options: {
  workspace: Workspace;
  connection: AppConnection;
  appChannels: AppChannels;
  subscribed: readonly EventName[];
}): Events {
  const { workspace, connection } = options;
  const underWay = new Set<Promise<unknown>>();

  function send(name: EventName, event: JsonObject): void {
    if (!options.subscribed.includes(name) || !connection.hasEventsUrl()) return;
    const delivery = connection.postEvent({
      token: 'local',
      team_id: workspace.team.id,
      api_app_id: workspace.app.appId,
      event,
      type: 'event_callback',
      event_id: `Ev${randomUUID().replaceAll('-', '').slice(0, 10).toUpperCase()}`,
      event_time: Math.floor(Date.now() / 1000),
      authorizations: [
        {
          enterprise_id: null,
          team_id: workspace.team.id,
          user_id: workspace.app.botUserId,
          is_bot: true,
          is_enterprise_install: false,
        },
      ],
      is_ext_shared_channel: false,
    });
    underWay.add(delivery);
    void delivery.finally(() => underWay.delete(delivery));
  }

  /** The channel as the app sees it; undefined when the app is not in it and so hears nothing of it. */
  async function channelOfApp(channelId: string): Promise<JsonObject | undefined> {
    const channel = await options.appChannels.find(channelId);
    return channel?.is_member === true || channel?.is_im === true ? channel : undefined;
  }

  async function afterMessage(method: string, answer: SlackAnswer): Promise<void> {
    const channelId = textOf(answer.channel);
    const channel = await channelOfApp(channelId);
    if (!channel) return;
    const channelType = channel.is_im === true ? 'im' : channel.is_private === true ? 'group' : 'channel';
    const eventTs = textOf(answer.ts);
    const message = isObject(answer.message)
      ? completeMessage(answer.message, workspace.app, workspace.team.id)
      : undefined;
    const where = { channel: channelId, channel_type: channelType, event_ts: eventTs };
    if (method === 'chat.update') {
      send('message', {
        type: 'message',
        subtype: 'message_changed',
        hidden: true,
        message,
        ts: eventTs,
        ...where,
      });
      return;
    }
    if (method === 'chat.delete') {
      send('message', {
        type: 'message',
        subtype: 'message_deleted',
        hidden: true,
        deleted_ts: answer.ts,
        ts: eventTs,
        ...where,
      });
      return;
    }
    if (!message) return;
    send('message', { ...message, type: 'message', ...where });
    const mentionsApp = textOf(message.text).includes(`<@${workspace.app.botUserId}>`);
    if (mentionsApp && message.user !== workspace.app.botUserId) {
      send('app_mention', { ...message, type: 'app_mention', channel: channelId, event_ts: eventTs });
    }
  }

  function callerId(caller: Caller): string {
    return caller === 'app' ? workspace.app.botUserId : caller === 'admin' ? 'U000000001' : caller.personId;
  }

  async function afterJoin(
    caller: Caller,
    method: string,
    args: JsonObject,
    answer: SlackAnswer,
  ): Promise<void> {
    const channelId = textOf(objectOf(answer.channel).id) || textOf(args.channel);
    if (!(await channelOfApp(channelId))) return;
    const joined = method === 'conversations.join' ? [callerId(caller)] : listUsers(args.users);
    for (const user of joined) {
      send('member_joined_channel', {
        type: 'member_joined_channel',
        user,
        channel: channelId,
        channel_type: 'C',
        team: workspace.team.id,
        ...(method === 'conversations.invite' ? { inviter: callerId(caller) } : {}),
        event_ts: `${Math.floor(Date.now() / 1000)}.000000`,
      });
    }
  }

  return {
    async afterCall(caller, method, args, answer) {
      if (method === 'chat.postMessage' || method === 'chat.update' || method === 'chat.delete') {
        await afterMessage(method, answer);
      } else if (method === 'conversations.invite' || method === 'conversations.join') {
        await afterJoin(caller, method, args, answer);
      } else if (method === 'reactions.add') {
        send('reaction_added', {
          type: 'reaction_added',
          user: callerId(caller),
          reaction: args.name,
          item: { type: 'message', channel: args.channel, ts: args.timestamp },
          event_ts: `${Math.floor(Date.now() / 1000)}.000000`,
        });
      }
    },
    homeOpened(personId, view, channelId) {
      send('app_home_opened', {
        type: 'app_home_opened',
        user: personId,
        channel: channelId,
        tab: 'home',
        ...(view ? { view } : {}),
        event_ts: `${Math.floor(Date.now() / 1000)}.000000`,
      });
    },
    async settled() {
      while (underWay.size > 0) await Promise.allSettled(underWay);
    },
  };
}

function listUsers(value: unknown): string[] {
  if (Array.isArray(value)) return value.map(textOf).filter(Boolean);
  return textOf(value)
    .split(',')
    .map((user) => user.trim())
    .filter(Boolean);
}

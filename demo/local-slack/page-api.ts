import type { PerformCall } from './api-calls.ts';
import type { ChangeFeed } from './change-feed.ts';
import type { Events } from './events.ts';
import type { Interactions, Outcome } from './interactions.ts';
import { type JsonObject, objectOf, objectsOf, textOf } from './json-shapes.ts';
import { countUnread, type Memory, markRead } from './memory.ts';
import { encodeTyped } from './message-shape.ts';
import type { ResponseUrls } from './response-urls.ts';
import type { UserGroup } from './user-groups.ts';
import type { StateValues } from './view-state.ts';
import type { Person, Workspace } from './workspace.ts';

/** What the page reads and does, each as one person. */
export interface PageApi {
  read(name: string, person: Person, query: URLSearchParams): Promise<JsonObject | undefined>;
  act(name: string, person: Person, body: JsonObject): Promise<Outcome | JsonObject | undefined>;
}

const HISTORY_SHOWN = 400;

export function createPageApi(front: {
  workspace: Workspace;
  memory: Memory;
  feed: ChangeFeed;
  events: Events;
  groups: readonly UserGroup[];
  perform: PerformCall;
  interactions: Interactions;
  responseUrls: ResponseUrls;
  commands: readonly string[];
}): PageApi {
  const { workspace, memory, perform, interactions } = front;
  const as = (person: Person) => ({ personId: person.id });
  const names = {
    people: workspace.people,
    groups: front.groups,
    botUserId: workspace.app.botUserId,
    botName: workspace.app.name.toLowerCase(),
  };

  function ephemeralsFor(person: Person, channelId: string, threadTs?: string): JsonObject[] {
    return [...memory.ephemerals.values()]
      .filter((held) => held.channelId === channelId && held.personId === person.id)
      .map((held) => held.message)
      .filter((message) => (threadTs ? message.thread_ts === threadTs : !message.thread_ts));
  }

  async function readState(person: Person): Promise<JsonObject> {
    const listed = await workspace.call(as(person), 'conversations.list', {
      types: 'public_channel,private_channel,im',
      limit: 1000,
    });
    return {
      version: front.feed.version(),
      team: workspace.team,
      app: workspace.app,
      me: person,
      people: workspace.people,
      groups: front.groups,
      commands: front.commands,
      channels: objectsOf(listed.channels).map((channel) => ({
        ...channel,
        ...countUnread(memory, textOf(channel.id), person.id),
      })),
      home: memory.homes.get(person.id) ?? null,
      modal: memory.modals.get(person.id)?.at(-1) ?? null,
      modalDepth: memory.modals.get(person.id)?.length ?? 0,
    };
  }

  async function readChannel(person: Person, channelId: string): Promise<JsonObject> {
    const [history, pins, bookmarks, members] = await Promise.all([
      perform(as(person), 'conversations.history', { channel: channelId, limit: HISTORY_SHOWN }),
      perform(as(person), 'pins.list', { channel: channelId }),
      perform(as(person), 'bookmarks.list', { channel_id: channelId }),
      perform(as(person), 'conversations.members', { channel: channelId, limit: 1000 }),
    ]);
    if (!history.ok) return { ok: false, error: history.error };
    const messages = [...objectsOf(history.messages).reverse(), ...ephemeralsFor(person, channelId)];
    return {
      ok: true,
      messages: messages.sort(byTs),
      hasMore: history.has_more === true,
      pins: objectsOf(pins.items),
      bookmarks: objectsOf(bookmarks.bookmarks),
      members: Array.isArray(members.members) ? members.members : [],
    };
  }

  async function readThread(person: Person, channelId: string, ts: string): Promise<JsonObject> {
    const answer = await perform(as(person), 'conversations.replies', { channel: channelId, ts });
    const messages = [...objectsOf(answer.messages), ...ephemeralsFor(person, channelId, ts)];
    return { ok: answer.ok, messages: messages.sort(byTs), ...(answer.error ? { error: answer.error } : {}) };
  }

  async function say(person: Person, body: JsonObject): Promise<Outcome | JsonObject> {
    const typed = textOf(body.text).trim();
    const channel = textOf(body.channel);
    const threadTs = textOf(body.threadTs);
    const command = /^(\/[a-z0-9_-]+)(?:\s+([\s\S]*))?$/i.exec(typed);
    if (command?.[1]) {
      const name = command[1];
      const refuse = (text: string) =>
        front.responseUrls.apply(
          { text },
          { channelId: channel, personId: person.id, ...(threadTs ? { threadTs } : {}) },
        );
      if (!front.commands.includes(name)) {
        await refuse(`\`${name}\` is not a valid command.`);
        return { ok: false, error: 'unknown_command' };
      }
      if (threadTs) {
        await refuse(`\`${name}\` is not supported in threads. Sorry!`);
        return { ok: false, error: 'command_in_thread' };
      }
      // As with `should_escape: true` in the app's manifest.
      const words = encodeTyped((command[2] ?? '').trim(), { ...names, labelled: true });
      return interactions.command(person, channel, name, words);
    }
    const text = encodeTyped(typed, names);
    const answer = await perform(as(person), 'chat.postMessage', {
      channel,
      text,
      ...(threadTs ? { thread_ts: threadTs } : {}),
    });
    return answer.ok ? { ok: true, ts: answer.ts } : { ok: false, error: answer.error ?? 'internal_error' };
  }

  async function react(person: Person, body: JsonObject): Promise<Outcome> {
    const args = { channel: textOf(body.channel), timestamp: textOf(body.ts), name: textOf(body.name) };
    const added = await perform(as(person), 'reactions.add', args);
    const answer =
      added.error === 'already_reacted' ? await perform(as(person), 'reactions.remove', args) : added;
    return answer.ok ? { ok: true } : { ok: false, error: answer.error ?? 'internal_error' };
  }

  async function openHome(person: Person): Promise<Outcome> {
    const dm = await workspace.call(as(person), 'conversations.open', { users: workspace.app.botUserId });
    front.events.homeOpened(person.id, memory.homes.get(person.id), textOf(objectOf(dm.channel).id));
    front.feed.bump();
    return { ok: true };
  }

  return {
    async read(name, person, query) {
      const channel = query.get('channel') ?? '';
      if (name === 'state') return readState(person);
      if (name === 'channel') return readChannel(person, channel);
      if (name === 'thread') return readThread(person, channel, query.get('ts') ?? '');
      return undefined;
    },
    async act(name, person, body) {
      const channel = textOf(body.channel);
      const state = objectOf(body.state) as StateValues;
      const click = {
        actionId: textOf(body.actionId),
        ...(textOf(body.blockId) ? { blockId: textOf(body.blockId) } : {}),
        chosen: objectOf(body.chosen),
      };
      switch (name) {
        case 'say':
          return say(person, body);
        case 'click':
          return body.view === true
            ? interactions.clickView(person, click, state)
            : interactions.clickMessage(person, channel, textOf(body.ts), click, state);
        case 'submit':
          return interactions.submitView(person, state);
        case 'close':
          return interactions.closeView(person);
        case 'join':
          return perform(as(person), 'conversations.join', { channel });
        case 'react':
          return react(person, body);
        case 'home':
          return openHome(person);
        case 'dismiss':
          memory.ephemerals.delete(textOf(body.ts));
          front.feed.bump();
          return { ok: true };
        case 'read':
          markRead(memory, channel, person.id);
          return { ok: true };
        default:
          return undefined;
      }
    },
  };
}

function byTs(a: JsonObject, b: JsonObject): number {
  return Number(a.ts) - Number(b.ts);
}

import type { Click, Outcome } from './interactions.ts';
import { type JsonObject, objectsOf } from './json-shapes.ts';
import type { PageApi } from './page-api.ts';
import type { StateValues } from './view-state.ts';
import type { Person } from './workspace.ts';

/** What a person does, without the page: for tests and headless runs. Channels and timestamps are Slack's ids. */
export interface PersonActions {
  person: Person;
  say(channel: string, text: string, threadTs?: string): Promise<Outcome>;
  click(channel: string, ts: string, click: Click, state?: StateValues): Promise<Outcome>;
  clickView(click: Click, state?: StateValues): Promise<Outcome>;
  submitView(state?: StateValues): Promise<Outcome>;
  closeView(): Promise<Outcome>;
  join(channel: string): Promise<Outcome>;
  react(channel: string, ts: string, name: string): Promise<Outcome>;
  openHome(): Promise<Outcome>;
  /** The modal in front of this person, if any. */
  modal(): Promise<JsonObject | null>;
  channels(): Promise<JsonObject[]>;
  /** Messages of a channel as this person sees them, oldest first, their ephemeral ones included. */
  messages(channel: string): Promise<JsonObject[]>;
  thread(channel: string, ts: string): Promise<JsonObject[]>;
}

export function createPersonActions(person: Person, page: PageApi): PersonActions {
  const act = async (name: string, body: JsonObject) => (await page.act(name, person, body)) as Outcome;
  const read = async (name: string, query: Record<string, string> = {}) =>
    (await page.read(name, person, new URLSearchParams(query))) ?? {};
  const clicked = (click: Click) => ({
    actionId: click.actionId,
    ...(click.blockId ? { blockId: click.blockId } : {}),
    ...(click.chosen ? { chosen: click.chosen } : {}),
  });
  return {
    person,
    say: (channel, text, threadTs) => act('say', { channel, text, ...(threadTs ? { threadTs } : {}) }),
    click: (channel, ts, click, state = {}) => act('click', { channel, ts, ...clicked(click), state }),
    clickView: (click, state = {}) => act('click', { view: true, ...clicked(click), state }),
    submitView: (state = {}) => act('submit', { state }),
    closeView: () => act('close', {}),
    join: (channel) => act('join', { channel }),
    react: (channel, ts, name) => act('react', { channel, ts, name }),
    openHome: () => act('home', {}),
    modal: async () => ((await read('state')).modal as JsonObject | null) ?? null,
    channels: async () => objectsOf((await read('state')).channels),
    messages: async (channel) => objectsOf((await read('channel', { channel })).messages),
    thread: async (channel, ts) => objectsOf((await read('thread', { channel, ts })).messages),
  };
}

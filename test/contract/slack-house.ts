import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { WebClient } from '@slack/web-api';
import { expect, vi } from 'vitest';
import { type LocalSlack, startLocalSlack } from '../../demo/local-slack/local-slack.ts';
import type { Incident } from '../../src/domain/incident.ts';
import type { PlanView, RoomItem } from '../../src/domain/room.ts';
import { newId } from '../../src/platform/ids.ts';
import { silentLog } from '../../src/platform/log.ts';
import type { ChartRenderer } from '../../src/ports/chart-renderer.ts';
import type { Record } from '../../src/ports/record.ts';
import { createSlackApp, type SlackApp } from '../../src/slack/app.ts';
import { createDeliverer, type Deliverer, type OnDelivered } from '../../src/slack/deliverer.ts';
import { createDirectory } from '../../src/slack/directory.ts';
import type { FlowActions } from '../../src/slack/flow-actions.ts';
import type { SlackPolicy } from '../../src/slack/policy.ts';
import { createWebClient } from '../../src/slack/web-client.ts';
import { openRecord } from '../../src/store/open-record.ts';
import { auditKey } from '../support/audit-key.ts';
import { aCatalogue, anIncident } from '../support/builders.ts';
import { links } from '../unit/slack/sample-views.ts';

export const signingSecret = 'test-signing-secret';
const botToken = 'xoxb-test';

/** The real record, a local Slack and our app between them. */
export interface House {
  readonly record: Record;
  readonly slack: LocalSlack;
  readonly app: SlackApp;
  readonly eventsUrl: string;
  /** The app's own client, to do by hand what a process did that died. */
  readonly client: WebClient;
  /** A row and nothing else; the room is made by what a test puts. */
  incident(change?: Partial<Incident>): Promise<Incident>;
  put(incident: Incident, key: string, item: RoomItem): Promise<void>;
  /** Its channel, as the first entry of the outbox. */
  openRoom(incident: Incident): Promise<void>;
  /** A deliverer of its own, to be killed; starts at once. */
  deliverer(onDelivered?: OnDelivered, charts?: ChartRenderer): Deliverer;
  /** A room with everybody in it, delivered by the app. */
  room(): Promise<{ incident: Incident; channel: string }>;
  /** A room with this plan's card in it. */
  planCard(view: PlanView): Promise<PostedCard>;
  delivered(incident: Incident): Promise<boolean>;
  /** The channel's messages as the bot's history has them, oldest first, without Slack's own lines. */
  messages(incident: Incident): Promise<Message[]>;
  /** Web API calls since the house was opened, by method. */
  calls(method: string): number;
  close(): Promise<void>;
}

export interface Message {
  readonly ts: string;
  readonly text: string;
  readonly blocks: string;
  readonly threadTs: string | null;
  readonly edited: boolean;
}

const unexpected = () => Promise.reject(new Error('not expected'));

export const noActions: FlowActions = {
  decide: unexpected,
  stop: unexpected,
  undo: unexpected,
  renew: unexpected,
  ask: unexpected,
  steer: () => Promise.resolve({ heard: 'not-ours' }),
  propose: unexpected,
  halt: unexpected,
  lift: unexpected,
  delegate: unexpected,
  revoke: unexpected,
  declare: unexpected,
  resolve: unexpected,
  similar: async () => null,
  context: () => Promise.resolve([]),
  status: () => Promise.resolve([]),
};

export const policy: SlackPolicy = {
  haltLifters: ['@approvers'],
  breakGlass: { announceTo: '#general' },
};

/** The card that a room has got: where to click. */
export interface PostedCard {
  readonly incident: Incident;
  readonly channel: string;
  readonly ts: string;
}

export async function openHouse(given: Partial<FlowActions> = {}, onDelivered?: OnDelivered): Promise<House> {
  const actions = { ...noActions, ...given };
  const opened = await openRecord({ databaseUrl: null, dataDir: null, auditKey });
  const { record } = opened;
  const slack = await startLocalSlack({
    signingSecret,
    botToken,
    users: [{ name: 'mira', realName: 'Mira Okafor' }, { name: 'jonas' }, { name: 'aiko' }],
    userGroups: [{ handle: 'approvers', users: ['mira', 'aiko'] }],
  });
  const config = { botToken, signingSecret, appToken: null, apiUrl: slack.apiUrl };
  const catalogue = aCatalogue({ ledger: [], checkout: ['ledger'] });
  const app = createSlackApp({
    config,
    record,
    links,
    log: silentLog,
    actions,
    catalogue,
    policy,
    ...(onDelivered === undefined ? {} : { onDelivered }),
  });
  const server = createServer(app.listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const eventsUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/slack/events`;
  slack.setEventsUrl(eventsUrl);
  const client = createWebClient(botToken, slack.apiUrl, silentLog);
  const extra: Deliverer[] = [];

  const house: House = {
    record,
    slack,
    app,
    eventsUrl,
    client,
    async incident(change = {}) {
      const id = newId();
      const row = anIncident({ id, channelName: `inc-20260101-${id.slice(-8)}`, ...change });
      await record.incidents.insert(row);
      return row;
    },
    put: (incident, key, item) => record.outbox.put(incident.id, key, item),
    openRoom: (incident) =>
      record.outbox.put(incident.id, 'channel', {
        type: 'channel',
        name: incident.channelName,
        topic: 'SEV1 · investigating',
        purpose: 'War room',
      }),
    deliverer(told, charts) {
      const deliverer = createDeliverer({
        record,
        client,
        links,
        directory: createDirectory(client),
        botUserId: () => Promise.resolve(slack.app.botUserId),
        log: silentLog,
        pollMs: 20,
        backoffMs: 20,
        leaseMs: 12_000,
        ...(told === undefined ? {} : { onDelivered: told }),
        ...(charts === undefined ? {} : { charts }),
      });
      deliverer.start();
      extra.push(deliverer);
      return deliverer;
    },
    async delivered(incident) {
      const entries = await record.outbox.ofIncident(incident.id);
      return entries.length > 0 && entries.every((entry) => entry.deliveredVersion >= entry.version);
    },
    async messages(incident) {
      const channel = (await record.incidents.get(incident.id))?.channelId ?? '';
      const history = await client.conversations.history({ channel, limit: 1000 });
      const parents = (history.messages ?? []).filter((message) => message.subtype === undefined);
      const all: Message[] = [];
      for (const parent of parents.reverse()) {
        const thread = await client.conversations.replies({ channel, ts: parent.ts ?? '' });
        for (const message of thread.messages ?? []) {
          all.push({
            ts: message.ts ?? '',
            text: message.text ?? '',
            blocks: JSON.stringify(message.blocks ?? []),
            threadTs:
              message.thread_ts === undefined || message.thread_ts === message.ts ? null : message.thread_ts,
            edited: message.edited !== undefined,
          });
        }
      }
      return all;
    },
    async room() {
      const incident = await house.incident();
      await house.openRoom(incident);
      await house.put(incident, 'invite', { type: 'invite', people: slack.users.map((user) => user.id) });
      await untilDelivered(incident);
      return { incident, channel: (await record.incidents.get(incident.id))?.channelId ?? '' };
    },
    async planCard(view) {
      const { incident, channel } = await house.room();
      await house.put(incident, 'plan', { type: 'message', view });
      await untilDelivered(incident);
      return { incident, channel, ts: (await house.messages(incident))[0]?.ts ?? '' };
    },
    calls: (method) => slack.calls.filter((call) => call.method === method).length,
    async close() {
      slack.faults.clear();
      for (const deliverer of extra) await deliverer.stop();
      await app.stop();
      await new Promise((resolve) => server.close(resolve));
      await slack.stop();
      await opened.close();
    },
  };
  return house;

  async function untilDelivered(incident: Incident): Promise<void> {
    app.deliverer.poke();
    await vi.waitFor(async () => expect(await house.delivered(incident)).toBe(true), { timeout: 10_000 });
  }
}

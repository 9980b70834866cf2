import { createEmulator, defineEmulator } from 'emulate';
import { createApiCalls } from './api-calls.ts';
import { createAppChannels } from './app-channels.ts';
import { createChangeFeed } from './change-feed.ts';
import { createEvents, type EventName } from './events.ts';
import { type Faults, planFaults } from './faults.ts';
import { createInteractions } from './interactions.ts';
import { createMemory } from './memory.ts';
import { createPageApi } from './page-api.ts';
import { createPersonActions, type PersonActions } from './person-actions.ts';
import { createResponseUrls } from './response-urls.ts';
import { addRoutes, type FrontHandlers } from './routes.ts';
import { connectApp } from './signed-delivery.ts';
import { createUserGroups, type UserGroup, type UserGroupSeed } from './user-groups.ts';
import { type CallRecord, createWebApi } from './web-api.ts';
import {
  type AppIdentity,
  type ChannelSeed,
  type Person,
  type PersonSeed,
  startWorkspace,
} from './workspace.ts';

export interface LocalSlackOptions {
  /** 0 or none: any free port. */
  port?: number;
  signingSecret: string;
  botToken: string;
  /** Bolt's HTTP endpoint, such as `http://127.0.0.1:3000/slack/events`; may be set later. */
  eventsUrl?: string;
  users: readonly PersonSeed[];
  userGroups?: readonly UserGroupSeed[];
  /** Besides #general and #random; everyone and the app are members. */
  channels?: readonly ChannelSeed[];
  workspaceName?: string;
  appName?: string;
  /** Slash commands that the app has; default `/warroom`. */
  commands?: readonly string[];
  /** The app's scopes; when given, calls beyond them answer `missing_scope`. */
  appScopes?: readonly string[];
  subscribedEvents?: readonly EventName[];
  /** Slack's own waits between repeats of an undelivered event. */
  eventRetryDelaysMs?: readonly number[];
  now?: () => number;
}

export interface LocalSlack {
  /** For `clientOptions.slackApiUrl`; ends with `/api/`. */
  apiUrl: string;
  pageUrl: string;
  users: readonly Person[];
  userGroups: readonly UserGroup[];
  app: AppIdentity;
  faults: Faults;
  /** Every Web API call the app made, oldest first. */
  calls: readonly CallRecord[];
  setEventsUrl(url: string): void;
  /** What Slack does when an events URL is entered: true when the app answers the challenge. */
  verifyEventsUrl(): Promise<boolean>;
  /** Acts as a person, by name or id. @throws when there is no such person */
  as(person: string): PersonActions;
  stop(): Promise<void>;
}

const ALL_EVENTS: readonly EventName[] = [
  'message',
  'app_mention',
  'member_joined_channel',
  'reaction_added',
  'app_home_opened',
];

/** Starts a local Slack: emulate's Web API, what a person does to Slack, and a page to do it on. */
export async function startLocalSlack(options: LocalSlackOptions): Promise<LocalSlack> {
  // The public address must be known before the parts that hand out URLs, so routes look their handlers up late.
  let handlers: FrontHandlers | undefined;
  let signal = new AbortController().signal;
  const front = await createEmulator({
    port: options.port ?? 0,
    hostname: '127.0.0.1',
    service: defineEmulator({
      name: 'local-slack',
      state: () => ({}),
      cors: false,
      setup(context) {
        signal = context.signal;
        addRoutes(context.app, () => handlers);
      },
    }),
  });
  const publicUrl = `http://127.0.0.1:${new URL(front.url).port}`;
  const faults = planFaults();
  const connection = connectApp({
    signingSecret: options.signingSecret,
    eventsUrl: options.eventsUrl,
    eventRetryDelaysMs: options.eventRetryDelaysMs ?? [1000, 60_000, 300_000],
  });

  try {
    const workspace = await startWorkspace({
      publicUrl,
      workspaceName: options.workspaceName ?? 'Local Workspace',
      appName: options.appName ?? 'Warroom',
      users: options.users,
      channels: options.channels ?? [],
      ...(options.appScopes ? { appScopes: options.appScopes } : {}),
    });
    const groups = createUserGroups(options.userGroups ?? [], workspace.people);
    const memory = createMemory();
    const feed = createChangeFeed();
    const appChannels = createAppChannels(workspace);
    const events = createEvents({
      workspace,
      connection,
      appChannels,
      subscribed: options.subscribedEvents ?? ALL_EVENTS,
    });
    const perform = createApiCalls({ workspace, memory, feed, events, appChannels, groups });
    const now = options.now ?? Date.now;
    const responseUrls = createResponseUrls({ publicUrl, perform, memory, feed, app: workspace.app, now });
    const interactions = createInteractions({ workspace, connection, memory, feed, perform, responseUrls });
    const commands = options.commands ?? ['/warroom'];
    const page = createPageApi({
      workspace,
      memory,
      feed,
      events,
      groups,
      perform,
      interactions,
      responseUrls,
      commands,
    });
    const calls: CallRecord[] = [];
    const webApi = createWebApi({ botToken: options.botToken, perform, faults, calls, signal });
    handlers = { webApi, page, responseUrls, feed, workspace, botToken: options.botToken, signal };

    return {
      apiUrl: `${publicUrl}/api/`,
      pageUrl: `${publicUrl}/`,
      users: workspace.people,
      userGroups: groups,
      app: workspace.app,
      faults,
      calls,
      setEventsUrl: (url) => connection.setEventsUrl(url),
      async verifyEventsUrl() {
        const challenge = 'local-slack';
        const delivery = await connection.post(
          JSON.stringify({ token: 'local', challenge, type: 'url_verification' }),
          'application/json',
        );
        return delivery.ok && delivery.body.includes(challenge);
      },
      as(name) {
        const person = workspace.people.find((candidate) => candidate.id === name || candidate.name === name);
        if (!person) throw new Error(`There is no ${name} in this workspace`);
        return createPersonActions(person, page);
      },
      async stop() {
        faults.clear();
        connection.close();
        await events.settled();
        await front.close();
        await workspace.close();
      },
    };
  } catch (error) {
    connection.close();
    await front.close();
    throw error;
  }
}

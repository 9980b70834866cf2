import { createEmulator } from 'emulate';
import { isObject, type JsonObject, objectOf, objectsOf, textOf } from './json-shapes.ts';

export interface PersonSeed {
  /** The handle, as in `@mira`. */
  name: string;
  realName?: string;
  title?: string;
  email?: string;
}

export interface ChannelSeed {
  name: string;
  topic?: string;
}

export interface Person {
  id: string;
  name: string;
  realName: string;
  title: string;
  email: string;
}

export interface AppIdentity {
  appId: string;
  botId: string;
  botUserId: string;
  name: string;
}

export type Caller = 'app' | 'admin' | { personId: string };
export type SlackAnswer = JsonObject & { ok: boolean; error?: string };

export interface Workspace {
  team: { id: string; name: string; domain: string };
  app: AppIdentity;
  people: readonly Person[];
  /** Calls emulate's Web API; answers its JSON, or `unknown_method` when it has no such method. */
  call(caller: Caller, method: string, args: JsonObject): Promise<SlackAnswer>;
  /** Passes bytes through (uploads, private files) as `caller`. */
  pass(
    caller: Caller,
    path: string,
    init: { method: string; body?: ArrayBuffer; contentType?: string },
  ): Promise<Response>;
  close(): Promise<void>;
}

const ADMIN_ID = 'U000000001';
const CALL_TIMEOUT_MS = 20_000;
/** emulate answers 403 after 4,999 calls an hour on one token: calls take turns over many that mean the same. */
const TOKENS_PER_CALLER = 120;

const ALL_SCOPES = (
  'bookmarks:read bookmarks:write channels:history channels:join channels:manage channels:read channels:write ' +
  'chat:write files:read files:write groups:history groups:read groups:write im:history im:read im:write ' +
  'mpim:history mpim:read mpim:write pins:read pins:write reactions:read reactions:write team:read users:read ' +
  'users:read.email users:write users.profile:read users.profile:write'
).split(' ');

/** Starts emulate's Slack with our people, app and channels. `publicUrl` replaces its own address in answers. */
export async function startWorkspace(options: {
  publicUrl: string;
  workspaceName: string;
  appName: string;
  users: readonly PersonSeed[];
  channels: readonly ChannelSeed[];
  /** The app's scopes; when given, emulate answers `missing_scope` for what they do not cover. */
  appScopes?: readonly string[];
}): Promise<Workspace> {
  const app: AppIdentity = {
    appId: 'A0LOCALAPP',
    botId: 'B0LOCALBOT',
    botUserId: 'U0LOCALBOT',
    name: options.appName,
  };
  const botName = slug(options.appName);
  const tokens = (caller: string, fields: JsonObject, scopes: readonly string[] = ALL_SCOPES) =>
    Array.from({ length: TOKENS_PER_CALLER }, (_, index) => ({
      token: `local-${caller}-${index}`,
      scopes: [...scopes],
      ...fields,
    }));
  const emulator = await createEmulator({
    service: 'slack',
    port: 0,
    seed: {
      slack: {
        team: { name: options.workspaceName, domain: slug(options.workspaceName) },
        users: options.users.map((user) => ({
          name: user.name,
          real_name: user.realName ?? user.name,
          email: user.email ?? `${user.name}@example.com`,
          profile: { title: user.title ?? '' },
        })),
        oauth_apps: [
          {
            client_id: 'local',
            client_secret: 'local',
            app_id: app.appId,
            name: app.name,
            redirect_uris: [],
            bot_id: app.botId,
            bot_user_id: app.botUserId,
            bot_name: botName,
          },
        ],
        tokens: [
          ...tokens('admin', { user: 'admin' }),
          ...tokens(
            'app',
            { user_id: app.botUserId, app_id: app.appId, bot_id: app.botId },
            options.appScopes,
          ),
          ...options.users.flatMap((user) => tokens(`user-${user.name}`, { user: user.name })),
        ],
        strict_scopes: options.appScopes !== undefined,
      },
    },
  });

  let turn = 0;
  const people: Person[] = [];
  const tokenFor = (caller: Caller): string => {
    const index = turn++ % TOKENS_PER_CALLER;
    if (typeof caller === 'string') return `local-${caller}-${index}`;
    const person = people.find((candidate) => candidate.id === caller.personId);
    return `local-user-${person?.name ?? 'nobody'}-${index}`;
  };

  const workspace: Workspace = {
    team: { id: 'T000000001', name: options.workspaceName, domain: slug(options.workspaceName) },
    app,
    people,
    async call(caller, method, args) {
      const response = await fetch(`${emulator.url}/api/${method}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${tokenFor(caller)}`, 'content-type': 'application/json' },
        body: JSON.stringify(args),
        signal: AbortSignal.timeout(CALL_TIMEOUT_MS),
      });
      const text = (await response.text()).replaceAll(emulator.url, options.publicUrl);
      const answer: unknown = JSON.parse(text);
      if (isObject(answer) && typeof answer.ok === 'boolean') return answer as SlackAnswer;
      return { ok: false, error: response.status === 404 ? 'unknown_method' : 'internal_error' };
    },
    pass: (caller, path, init) =>
      fetch(`${emulator.url}${path}`, {
        method: init.method,
        headers: {
          authorization: `Bearer ${tokenFor(caller)}`,
          ...(init.contentType ? { 'content-type': init.contentType } : {}),
        },
        ...(init.body ? { body: init.body } : {}),
        signal: AbortSignal.timeout(CALL_TIMEOUT_MS),
      }),
    close: () => emulator.close(),
  };

  try {
    await furnish(workspace, people, options.channels);
  } catch (error) {
    await emulator.close();
    throw error;
  }
  return workspace;
}

async function furnish(
  workspace: Workspace,
  people: Person[],
  channels: readonly ChannelSeed[],
): Promise<void> {
  const listed = await workspace.call('admin', 'users.list', { limit: 1000 });
  for (const member of objectsOf(listed.members)) {
    if (member.is_bot === true || member.id === ADMIN_ID) continue;
    const profile = objectOf(member.profile);
    people.push({
      id: textOf(member.id),
      name: textOf(member.name),
      realName: textOf(member.real_name),
      title: textOf(profile.title),
      email: textOf(profile.email),
    });
  }
  const existing = objectsOf((await workspace.call('admin', 'conversations.list', { limit: 1000 })).channels);
  for (const channel of [{ name: 'general' }, { name: 'random' }, ...channels] as ChannelSeed[]) {
    const known = existing.find((candidate) => candidate.name === channel.name);
    const created =
      known ??
      objectOf((await workspace.call('admin', 'conversations.create', { name: channel.name })).channel);
    if (!created.id) continue;
    const members = [...people.map((person) => person.id), workspace.app.botUserId];
    await workspace.call('admin', 'conversations.invite', { channel: created.id, users: members.join(',') });
    if (channel.topic)
      await workspace.call('admin', 'conversations.setTopic', { channel: created.id, topic: channel.topic });
  }
}

function slug(name: string): string {
  return (
    name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+|-+$/g, '') || 'local'
  );
}

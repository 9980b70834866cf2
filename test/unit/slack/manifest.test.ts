import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { slackEventsPath } from '../../../src/slack/app.ts';

const root = path.join(import.meta.dirname, '../../..');
const text = readFileSync(path.join(root, 'manifests/slack-app.yaml'), 'utf8');
const manifest = parse(text) as {
  features: { slash_commands: { command: string }[] };
  oauth_config: { scopes: { bot: string[] } };
  settings: { socket_mode_enabled: boolean; event_subscriptions: { bot_events: string[] } };
};

/** What Slack's method pages name for a bot token and public channels; null: no scope needed. */
const scopeOf: Record<string, string | null> = {
  'auth.test': null,
  'bookmarks.add': 'bookmarks:write',
  'bookmarks.edit': 'bookmarks:write',
  'bookmarks.list': 'bookmarks:read',
  'chat.delete': 'chat:write',
  'chat.postEphemeral': 'chat:write',
  'chat.postMessage': 'chat:write',
  'chat.update': 'chat:write',
  'conversations.create': 'channels:manage',
  'conversations.history': 'channels:history',
  'conversations.info': 'channels:read',
  'conversations.invite': 'channels:manage',
  'conversations.join': 'channels:join',
  'conversations.list': 'channels:read',
  'conversations.replies': 'channels:history',
  'conversations.setPurpose': 'channels:manage',
  'conversations.setTopic': 'channels:manage',
  'conversations.unarchive': 'channels:manage',
  'files.delete': 'files:write',
  filesUploadV2: 'files:write',
  'pins.add': 'pins:write',
  'reactions.add': 'reactions:write',
  'usergroups.list': 'usergroups:read',
  'usergroups.users.list': 'usergroups:read',
  'users.conversations': 'channels:read',
  'users.info': 'users:read',
  'views.open': null,
};

/** Scopes that no method call asks for, but a feature does. */
const byFeature = ['commands', 'app_mentions:read'];

function methodsUsed(): Set<string> {
  const folder = path.join(root, 'src/slack');
  const used = new Set<string>();
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.ts')) continue;
    for (const [, method] of readFileSync(path.join(folder, file), 'utf8').matchAll(
      /\bclient\.([\w.]+)\(/g,
    )) {
      if (method !== undefined) used.add(method);
    }
  }
  return used;
}

describe('the Slack app manifest', () => {
  it('grants what every call in src/slack needs, and nothing else', () => {
    const used = [...methodsUsed()];

    expect(used.filter((method) => !(method in scopeOf))).toEqual([]);
    const needed = new Set([...byFeature, ...used.flatMap((method) => scopeOf[method] ?? [])]);
    expect([...manifest.oauth_config.scopes.bot].sort()).toEqual([...needed].sort());
  });

  it('lists no method that is not called any more', () => {
    const used = methodsUsed();

    expect(Object.keys(scopeOf).filter((method) => !used.has(method))).toEqual([]);
  });

  it('has the command, the events and Socket Mode, and says how to use HTTP', () => {
    expect(manifest.features.slash_commands.map((each) => each.command)).toEqual(['/warroom']);
    expect(manifest.settings.event_subscriptions.bot_events).toEqual(['app_mention', 'message.channels']);
    expect(manifest.settings.socket_mode_enabled).toBe(true);
    expect(text.split(slackEventsPath)).toHaveLength(5);
  });
});

import { createEmulator, type Emulator } from 'emulate';
import { afterAll, beforeAll, expect, it } from 'vitest';

/**
 * Each test states a gap in emulate's Slack that demo/local-slack works around. One that fails after an upgrade means
 * that emulate now does it: drop the workaround, then the test.
 */
let emulator: Emulator;
let channel: string;

beforeAll(async () => {
  emulator = await createEmulator({
    service: 'slack',
    port: 0,
    seed: {
      slack: {
        users: [{ name: 'mira' }],
        oauth_apps: [
          {
            client_id: 'c',
            client_secret: 's',
            app_id: 'A1',
            name: 'Warroom',
            redirect_uris: [],
            bot_id: 'B1',
            bot_user_id: 'UBOT',
          },
        ],
        tokens: [{ token: 'xoxb-canary', user_id: 'UBOT', app_id: 'A1', bot_id: 'B1' }],
      },
    },
  });
  channel = ((await call('conversations.create', { name: 'canary' })).channel as { id: string }).id;
});

afterAll(() => emulator?.close());

async function request(method: string, args: object = {}, token = 'xoxb-canary'): Promise<Response> {
  return fetch(`${emulator.url}/api/${method}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(args),
  });
}

async function call(method: string, args: object = {}, token?: string): Promise<Record<string, unknown>> {
  return (await (await request(method, args, token)).json()) as Record<string, unknown>;
}

it('posts bot messages without a bot_id', async () => {
  const posted = await call('chat.postMessage', { channel, text: 'x' });

  expect(posted.message).not.toHaveProperty('bot_id');
});

it('does not check blocks, nor gives them ids', async () => {
  const blocks = [
    { type: 'section', text: { type: 'mrkdwn', text: 'x'.repeat(3001) } },
    { type: 'nonsense' },
  ];
  const posted = await call('chat.postMessage', { channel, text: 'x', blocks });

  expect(posted).toMatchObject({ ok: true, message: { blocks } });
});

it('ignores oldest and latest in a history', async () => {
  const posted = await call('chat.postMessage', { channel, text: 'x' });
  const history = await call('conversations.history', { channel, oldest: posted.ts });

  expect((history.messages as unknown[]).length).toBeGreaterThan(0);
});

it('lets the app post to a public channel that it has left', async () => {
  const left = ((await call('conversations.create', { name: 'left' })).channel as { id: string }).id;
  await call('conversations.invite', { channel: left, users: 'U000000001' });
  await call('conversations.leave', { channel: left });

  expect(await call('chat.postMessage', { channel: left, text: 'x' })).toMatchObject({ ok: true });
});

it('gives a thread parent no thread_ts', async () => {
  const root = await call('chat.postMessage', { channel, text: 'root' });
  await call('chat.postMessage', { channel, text: 'reply', thread_ts: root.ts });
  const replies = await call('conversations.replies', { channel, ts: root.ts });

  expect((replies.messages as object[])[0]).not.toHaveProperty('thread_ts');
});

it('takes an unknown token for the admin', async () => {
  expect(await call('auth.test', {}, 'xoxb-unknown')).toMatchObject({ ok: true, user_id: 'U000000001' });
});

it.each([
  'usergroups.list',
  'usergroups.users.list',
  'users.conversations',
  'chat.startStream',
  'no.suchMethod',
])('answers %s with a 404 that is not in the shape of Slack', async (method) => {
  const response = await request(method);

  expect(response.status).toBe(404);
  expect(await response.json()).not.toHaveProperty('ok');
});

it('refuses a token with 403 after 4,999 calls, and counts each token by itself', async () => {
  const first = await request('auth.test', {}, 'xoxb-counted');
  const other = await request('auth.test', {}, 'xoxb-other');

  expect(first.headers.get('x-ratelimit-limit')).toBe('5000');
  expect(first.headers.get('x-ratelimit-remaining')).toBe('4999');
  expect(other.headers.get('x-ratelimit-remaining')).toBe('4999');
});

it('has no way to read ephemeral messages back', async () => {
  await call('conversations.invite', { channel, users: 'U000000001' });
  const posted = await call('chat.postEphemeral', { channel, user: 'U000000001', text: 'psst' });
  const history = await call('conversations.history', { channel }, 'test_token_admin');

  expect(posted.ok).toBe(true);
  expect(JSON.stringify(history)).not.toContain('psst');
});

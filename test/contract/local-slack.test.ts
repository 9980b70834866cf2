import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { App, type BlockAction, HTTPReceiver, LogLevel } from '@slack/bolt';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type LocalSlack, startLocalSlack } from '../../demo/local-slack/local-slack.ts';
import { signBody } from '../../demo/local-slack/signed-delivery.ts';

const signingSecret = 'test-signing-secret';
const botToken = 'xoxb-test';

let slack: LocalSlack;
let app: App;
let eventsUrl: string;
const heard: string[] = [];

const planBlocks = (status: string) => [
  { type: 'section', text: { type: 'mrkdwn', text: status } },
  {
    type: 'actions',
    elements: [
      {
        type: 'button',
        action_id: 'approve',
        text: { type: 'plain_text', text: 'Approve' },
        value: 'plan-1',
      },
      { type: 'button', action_id: 'declare', text: { type: 'plain_text', text: 'Declare' } },
      { type: 'button', action_id: 'whisper', text: { type: 'plain_text', text: 'Whisper' } },
    ],
  },
];

const declareView = {
  type: 'modal' as const,
  callback_id: 'declare',
  notify_on_close: true,
  title: { type: 'plain_text' as const, text: 'Declare' },
  submit: { type: 'plain_text' as const, text: 'Create' },
  blocks: [
    {
      type: 'input' as const,
      block_id: 'title',
      label: { type: 'plain_text' as const, text: 'Title' },
      element: { type: 'plain_text_input' as const, action_id: 'value' },
    },
  ],
};

beforeAll(async () => {
  slack = await startLocalSlack({
    signingSecret,
    botToken,
    users: [{ name: 'mira', realName: 'Mira Okafor' }, { name: 'jonas' }, { name: 'aiko' }],
    userGroups: [{ handle: 'approvers', users: ['mira', 'aiko'] }],
    eventRetryDelaysMs: [20, 20, 20],
  });
  const receiver = new HTTPReceiver({ signingSecret, logLevel: LogLevel.ERROR });
  app = new App({
    token: botToken,
    receiver,
    logLevel: LogLevel.ERROR,
    clientOptions: { slackApiUrl: slack.apiUrl, logLevel: LogLevel.ERROR },
  });
  listenWithApp();
  const server = await app.start(0);
  eventsUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/slack/events`;
  slack.setEventsUrl(eventsUrl);
});

afterAll(async () => {
  await app.stop();
  await slack.stop();
});

beforeEach(() => {
  heard.length = 0;
  slack.faults.clear();
});

function listenWithApp(): void {
  app.use(async ({ body, next }) => {
    const event = (body as { event?: { type: string } }).event;
    if (event) heard.push(event.type);
    await next();
  });
  app.command('/warroom', async ({ ack, command, respond }) => {
    if (command.text === 'direct') {
      await ack(`direct answer to ${command.user_name}`);
      return;
    }
    await ack();
    await respond({ response_type: 'in_channel', text: `${command.text} in ${command.channel_name}` });
  });
  app.action('approve', async ({ ack, body, action, client }) => {
    await ack();
    const click = body as BlockAction;
    await client.chat.update({
      channel: click.channel?.id ?? '',
      ts: click.message?.ts ?? '',
      text: `approved ${(action as { value: string }).value} by <@${body.user.id}>`,
      blocks: planBlocks(`approved by <@${body.user.id}>`),
    });
  });
  app.action('whisper', async ({ ack, respond }) => {
    await ack();
    await respond({ text: 'only for you' });
    await respond({ text: 'replaced', replace_original: true });
  });
  app.action('declare', async ({ ack, body, client }) => {
    await ack();
    await client.views.open({ trigger_id: (body as BlockAction).trigger_id, view: declareView });
  });
  app.view('declare', async ({ ack, view }) => {
    const title = view.state.values.title?.value?.value ?? '';
    if (title === 'bad') await ack({ response_action: 'errors', errors: { title: 'Say what is wrong' } });
    else if (title === 'more') {
      await ack({
        response_action: 'push',
        view: { ...declareView, callback_id: 'second', title: { type: 'plain_text', text: 'Second' } },
      });
    } else await ack();
  });
  app.view('second', async ({ ack }) => {
    await ack({ response_action: 'clear' });
  });
  app.view({ type: 'view_closed', callback_id: 'declare' }, async ({ ack }) => {
    heard.push('view_closed');
    await ack();
  });
}

type Answer = (request: IncomingMessage, body: string, response: ServerResponse) => void;

/** An endpoint that is not Bolt, to answer as no healthy app would. */
async function listen(answer: Answer): Promise<{ url: string; close: () => void }> {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += String(chunk);
    });
    request.on('end', () => answer(request, body, response));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, close: () => server.close() };
}

async function openChannel(name: string): Promise<string> {
  const created = await app.client.conversations.create({ name });
  const channel = created.channel?.id ?? '';
  await app.client.conversations.invite({ channel, users: slack.users.map((user) => user.id).join(',') });
  return channel;
}

describe('local Slack with the real Bolt', () => {
  it('answers the events URL challenge', async () => {
    expect(await slack.verifyEventsUrl()).toBe(true);
  });

  it('posts, edits and threads messages that carry the bot identity', async () => {
    const channel = await openChannel('posts');

    const root = await app.client.chat.postMessage({ channel, text: 'root' });
    await app.client.chat.postMessage({ channel, text: 'reply', thread_ts: root.ts ?? '' });
    await app.client.chat.update({ channel, ts: root.ts ?? '', text: 'root, edited' });
    const history = await app.client.conversations.history({ channel });

    const message = history.messages?.find((candidate) => candidate.ts === root.ts);
    expect(message).toMatchObject({
      text: 'root, edited',
      bot_id: slack.app.botId,
      reply_count: 1,
      thread_ts: root.ts,
    });
    expect(message).toHaveProperty('edited');
    expect(root.message?.bot_id).toBe(slack.app.botId);
  });

  it('keeps only the part of a history that was asked for', async () => {
    const channel = await openChannel('cut');
    const first = await app.client.chat.postMessage({ channel, text: 'one' });
    const second = await app.client.chat.postMessage({ channel, text: 'two' });

    const after = await app.client.conversations.history({ channel, oldest: first.ts ?? '' });
    const upTo = await app.client.conversations.history({ channel, latest: first.ts ?? '', inclusive: true });

    expect(after.messages?.map((message) => message.text)).toEqual([second.message?.text]);
    expect(upTo.messages?.map((message) => message.text)).toContain('one');
    expect(upTo.messages?.map((message) => message.text)).not.toContain('two');
  });

  it('refuses a channel name that is taken, and a message to a channel without the app', async () => {
    await openChannel('taken');

    await expect(app.client.conversations.create({ name: 'taken' })).rejects.toMatchObject({
      data: { error: 'name_taken' },
    });
    const left = await openChannel('left');
    await app.client.conversations.leave({ channel: left });
    await expect(app.client.chat.postMessage({ channel: left, text: 'hello' })).rejects.toMatchObject({
      data: { error: 'not_in_channel' },
    });
  });

  it('keeps topic, purpose, pins and bookmarks', async () => {
    const channel = await openChannel('furnished');
    const posted = await app.client.chat.postMessage({ channel, text: 'card' });

    await app.client.conversations.setTopic({ channel, topic: 'SEV2 · investigating' });
    await app.client.conversations.setPurpose({ channel, purpose: 'orders fail' });
    await app.client.pins.add({ channel, timestamp: posted.ts ?? '' });
    await app.client.bookmarks.add({
      channel_id: channel,
      title: 'Alert',
      type: 'link',
      link: 'http://127.0.0.1/alert',
    });

    const info = await app.client.conversations.info({ channel });
    const pins = await app.client.pins.list({ channel });
    const bookmarks = await app.client.bookmarks.list({ channel_id: channel });
    expect(info.channel).toMatchObject({
      topic: { value: 'SEV2 · investigating' },
      purpose: { value: 'orders fail' },
    });
    expect(pins.items).toHaveLength(1);
    expect(bookmarks.bookmarks).toMatchObject([{ title: 'Alert' }]);
  });

  it('uploads a file that the app can read back', async () => {
    const channel = await openChannel('files');

    await app.client.files.uploadV2({ channel_id: channel, filename: 'diff.txt', content: '-old\n+new' });

    const shared = (await slack.as('mira').messages(channel)).find(
      (message) => message.subtype === 'file_share',
    );
    const [file] = (shared?.files ?? []) as { url_private: string }[];
    const read = await fetch(file?.url_private ?? '', { headers: { authorization: `Bearer ${botToken}` } });
    expect(await read.text()).toBe('-old\n+new');
  });

  it('gives a permalink that leads to the message on the page', async () => {
    const channel = await openChannel('links');
    const posted = await app.client.chat.postMessage({ channel, text: 'here' });

    const link = await app.client.chat.getPermalink({ channel, message_ts: posted.ts ?? '' });
    const answer = await fetch(link.permalink ?? '', { redirect: 'manual' });

    expect(answer.headers.get('location')).toBe(`/#/${channel}/p${posted.ts?.replace('.', '')}`);
  });

  it('lists the conversations that the app is in', async () => {
    const channel = await openChannel('mine');
    const foreign = await openChannel('not-mine');
    await app.client.conversations.leave({ channel: foreign });

    const mine = await app.client.users.conversations({ exclude_archived: true });

    const ids = mine.channels?.map((item) => item.id);
    expect(ids).toContain(channel);
    expect(ids).not.toContain(foreign);
  });

  it('lists user groups and their members', async () => {
    const groups = await app.client.usergroups.list();
    const members = await app.client.usergroups.users.list({ usergroup: groups.usergroups?.[0]?.id ?? '' });

    expect(groups.usergroups).toMatchObject([{ handle: 'approvers' }]);
    expect(members.users).toEqual(['mira', 'aiko'].map((name) => slack.as(name).person.id));
    await expect(app.client.usergroups.users.list({ usergroup: 'S0' })).rejects.toMatchObject({
      data: { error: 'no_such_subteam' },
    });
  });
});

describe('a person using the app', () => {
  it('gets direct and deferred answers to a slash command', async () => {
    const channel = await openChannel('commands');

    await slack.as('mira').say(channel, '/warroom direct');
    await slack.as('mira').say(channel, '/warroom status now');

    await expect
      .poll(async () => (await slack.as('mira').messages(channel)).map((message) => message.text))
      .toEqual(expect.arrayContaining(['direct answer to mira', 'status now in commands']));
    const others = (await slack.as('jonas').messages(channel)).map((message) => message.text);
    expect(others).toContain('status now in commands');
    expect(others).not.toContain('direct answer to mira');
  });

  it('is told that a command failed when the app does not answer', async () => {
    const channel = await openChannel('broken');
    slack.setEventsUrl('http://127.0.0.1:1/slack/events');

    const outcome = await slack.as('mira').say(channel, '/warroom status');
    slack.setEventsUrl(eventsUrl);

    expect(outcome).toEqual({ ok: false, error: 'dispatch_failed' });
    const seen = await slack.as('mira').messages(channel);
    expect(seen.at(-1)?.text).toContain('dispatch_failed');
  });

  it('clicks a button and sees the message change', async () => {
    const channel = await openChannel('clicks');
    const posted = await app.client.chat.postMessage({
      channel,
      text: 'plan',
      blocks: planBlocks('waiting'),
    });

    const outcome = await slack.as('jonas').click(channel, posted.ts ?? '', { actionId: 'approve' });

    expect(outcome).toEqual({ ok: true });
    const jonas = slack.as('jonas').person.id;
    await expect
      .poll(
        async () =>
          (await slack.as('mira').messages(channel)).find((message) => message.ts === posted.ts)?.text,
      )
      .toBe(`approved plan-1 by <@${jonas}>`);
  });

  it('sees ephemeral messages alone, and replacements of a message', async () => {
    const channel = await openChannel('ephemeral');
    const posted = await app.client.chat.postMessage({
      channel,
      text: 'plan',
      blocks: planBlocks('waiting'),
    });
    await app.client.chat.postEphemeral({ channel, user: slack.as('aiko').person.id, text: 'psst' });

    await slack.as('mira').click(channel, posted.ts ?? '', { actionId: 'whisper' });

    const texts = async (name: string) =>
      (await slack.as(name).messages(channel)).map((message) => message.text);
    await expect.poll(() => texts('mira')).toEqual(expect.arrayContaining(['only for you', 'replaced']));
    expect(await texts('jonas')).not.toContain('only for you');
    expect(await texts('aiko')).toContain('psst');
    expect(await texts('mira')).not.toContain('psst');
  });

  it('works through a modal: missing input, refused input, a pushed view, and closing', async () => {
    const channel = await openChannel('modals');
    const posted = await app.client.chat.postMessage({
      channel,
      text: 'plan',
      blocks: planBlocks('waiting'),
    });
    const mira = slack.as('mira');
    const title = (value: string) => ({ title: { value: { type: 'plain_text_input', value } } });
    await mira.click(channel, posted.ts ?? '', { actionId: 'declare' });
    await expect.poll(() => mira.modal()).toMatchObject({ callback_id: 'declare' });

    const empty = await mira.submitView();
    const refused = await mira.submitView(title('bad'));
    await mira.submitView(title('more'));
    const pushed = await mira.modal();
    await mira.submitView(title('x'));
    const cleared = await mira.modal();
    await mira.click(channel, posted.ts ?? '', { actionId: 'declare' });
    await expect.poll(() => mira.modal()).not.toBeNull();
    await mira.closeView();

    expect(empty).toEqual({ ok: true, errors: { title: 'Please complete this required field.' } });
    expect(refused).toEqual({ ok: true, errors: { title: 'Say what is wrong' } });
    expect(pushed).toMatchObject({ callback_id: 'second' });
    expect(cleared).toBeNull();
    expect(await mira.modal()).toBeNull();
    expect(heard).toContain('view_closed');
  });

  it('is heard by the app: messages, mentions, joins, reactions, home', async () => {
    const created = await app.client.conversations.create({ name: 'heard' });
    const channel = created.channel?.id ?? '';
    const mira = slack.as('mira');

    await mira.join(channel);
    await mira.say(channel, 'hello @warroom & <all>');
    const [message] = (await mira.messages(channel)).slice(-1);
    await mira.react(channel, String(message?.ts), 'eyes');
    await mira.openHome();

    expect(message?.text).toBe(`hello <@${slack.app.botUserId}> &amp; &lt;all&gt;`);
    await expect
      .poll(() => heard)
      .toEqual(
        expect.arrayContaining([
          'message',
          'app_mention',
          'member_joined_channel',
          'reaction_added',
          'app_home_opened',
        ]),
      );
  });

  it('has an event repeated, with the same id, until the app answers', async () => {
    const channel = await openChannel('repeats');
    const tries: { retryNum: string | undefined; reason: string | undefined; id: string }[] = [];
    const failing = await listen((request, body, response) => {
      const header = (name: string) => request.headers[name]?.toString();
      tries.push({
        retryNum: header('x-slack-retry-num'),
        reason: header('x-slack-retry-reason'),
        id: (JSON.parse(body) as { event_id: string }).event_id,
      });
      response.writeHead(tries.length < 3 ? 500 : 200).end();
    });
    slack.setEventsUrl(failing.url);

    await slack.as('mira').say(channel, 'once');

    await expect.poll(() => tries.map((item) => item.retryNum)).toEqual([undefined, '1', '2']);
    slack.setEventsUrl(eventsUrl);
    failing.close();
    expect(tries[1]?.reason).toBe('http_error');
    expect(new Set(tries.map((item) => item.id)).size).toBe(1);
  });
});

describe('refusals and faults', () => {
  it('lets Bolt refuse a bad signature', async () => {
    const body = JSON.stringify({ type: 'url_verification', challenge: 'x' });
    const now = Math.floor(Date.now() / 1000);
    const send = (secret: string) =>
      fetch(eventsUrl, {
        method: 'POST',
        body,
        headers: {
          'content-type': 'application/json',
          'x-slack-request-timestamp': String(now),
          'x-slack-signature': signBody(secret, now, body),
        },
      });

    expect((await send('another secret')).status).toBe(401);
    expect((await send(signingSecret)).status).toBe(200);
  });

  it('answers 429 once, and the client tries again', async () => {
    slack.faults.rateLimit('auth.test', 1, 1);
    const startedAt = Date.now();

    const answer = await app.client.auth.test();

    expect(answer).toMatchObject({ ok: true, user_id: slack.app.botUserId, bot_id: slack.app.botId });
    expect(Date.now() - startedAt).toBeGreaterThanOrEqual(900);
    expect(slack.calls.slice(-2).map((call) => call.error)).toEqual(['ratelimited', undefined]);
  });

  it('is out, hangs, refuses and loses answers on demand', async () => {
    const call = (signal?: AbortSignal) =>
      fetch(`${slack.apiUrl}auth.test`, {
        method: 'POST',
        headers: { authorization: `Bearer ${botToken}` },
        ...(signal ? { signal } : {}),
      });

    slack.faults.outage(true);
    expect((await call()).status).toBe(503);
    slack.faults.outage(true, 'hang');
    await expect(call(AbortSignal.timeout(100))).rejects.toThrow();
    slack.faults.outage(false);
    slack.faults.refuse('auth.test', 1, 'account_inactive');
    expect(await (await call()).json()).toEqual({ ok: false, error: 'account_inactive' });
    slack.faults.loseAnswer('auth.test', 1);
    expect((await call()).status).toBe(503);
    expect((await call()).status).toBe(200);
  });

  it('knows tokens and methods as Slack does', async () => {
    const call = async (method: string, token?: string) => {
      const response = await fetch(`${slack.apiUrl}${method}`, {
        method: 'POST',
        ...(token ? { headers: { authorization: `Bearer ${token}` } } : {}),
      });
      return (await response.json()) as { error?: string };
    };

    expect((await call('auth.test', 'xoxb-wrong')).error).toBe('invalid_auth');
    expect((await call('auth.test')).error).toBe('not_authed');
    expect((await call('no.suchMethod', botToken)).error).toBe('unknown_method');
  });

  it('refuses blocks beyond the documented limits', async () => {
    const channel = await openChannel('limits');
    const tooLong = [{ type: 'section', text: { type: 'mrkdwn', text: 'x'.repeat(3001) } }];

    await expect(app.client.chat.postMessage({ channel, text: 'x', blocks: tooLong })).rejects.toMatchObject({
      data: {
        error: 'invalid_blocks',
        response_metadata: { messages: [expect.stringContaining('/blocks/0/text/text')] },
      },
    });
  });

  it('closes a response URL after five uses', async () => {
    const channel = await openChannel('urls');
    let url = '';
    const receiver = await listen((_request, body, response) => {
      url = new URLSearchParams(body).get('response_url') ?? '';
      response.end();
    });
    slack.setEventsUrl(receiver.url);
    await slack.as('mira').say(channel, '/warroom');
    slack.setEventsUrl(eventsUrl);
    receiver.close();

    const statuses: number[] = [];
    for (let use = 0; use < 6; use += 1) {
      const answer = await fetch(url, { method: 'POST', body: JSON.stringify({ text: `use ${use}` }) });
      statuses.push(answer.status);
    }

    expect(statuses).toEqual([200, 200, 200, 200, 200, 404]);
  });
});

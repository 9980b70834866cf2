import { existsSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { App, type BlockAction, HTTPReceiver, LogLevel } from '@slack/bolt';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type LocalSlack, startLocalSlack } from '../../demo/local-slack/local-slack.ts';

const signingSecret = 'test-signing-secret';
const botToken = 'xoxb-test';
const browserPaths = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

let slack: LocalSlack;
let app: App;
let browser: Browser;
let page: Page;
const complaints: string[] = [];

const text = (value: string) => ({ type: 'plain_text' as const, text: value });

function planBlocks(status: string) {
  return [
    { type: 'section', text: { type: 'mrkdwn', text: status } },
    {
      type: 'actions',
      elements: [
        {
          type: 'button',
          action_id: 'approve',
          style: 'primary',
          text: text('Approve'),
          confirm: { title: text('Sure?'), text: text('It runs.'), confirm: text('Run'), deny: text('Back') },
        },
        { type: 'button', action_id: 'declare', text: text('Declare') },
        {
          type: 'static_select',
          action_id: 'severity',
          placeholder: text('Severity'),
          options: [{ text: text('SEV1'), value: '1' }],
        },
      ],
    },
  ];
}

beforeAll(async () => {
  slack = await startLocalSlack({
    signingSecret,
    botToken,
    users: [
      { name: 'mira', realName: 'Mira Okafor' },
      { name: 'jonas', realName: 'Jonas Weber' },
    ],
  });
  app = new App({
    token: botToken,
    receiver: new HTTPReceiver({ signingSecret, logLevel: LogLevel.ERROR }),
    logLevel: LogLevel.ERROR,
    clientOptions: { slackApiUrl: slack.apiUrl },
  });
  const update = (body: BlockAction, status: string) =>
    app.client.chat.update({
      channel: body.channel?.id ?? '',
      ts: body.message?.ts ?? '',
      text: status,
      blocks: planBlocks(status),
    });
  app.action('approve', async ({ ack, body }) => {
    await ack();
    await update(body as BlockAction, `approved by <@${body.user.id}>`);
  });
  app.action('severity', async ({ ack, body, action }) => {
    await ack();
    const chosen = (action as { selected_option: { value: string } }).selected_option.value;
    await update(body as BlockAction, `severity ${chosen}`);
  });
  app.action('declare', async ({ ack, body, client }) => {
    await ack();
    await client.views.open({
      trigger_id: (body as BlockAction).trigger_id,
      view: {
        type: 'modal',
        callback_id: 'declare',
        title: text('Declare'),
        submit: text('Create'),
        blocks: [
          {
            type: 'input',
            block_id: 'title',
            label: text('Title'),
            element: { type: 'plain_text_input', action_id: 'v' },
          },
        ],
      },
    });
  });
  app.view('declare', async ({ ack, view, client, body }) => {
    const title = view.state.values.title?.v?.value ?? '';
    if (title === 'bad') {
      await ack({ response_action: 'errors', errors: { title: 'Too short' } });
      return;
    }
    await ack();
    const channel =
      (await client.conversations.list()).channels?.find((item) => item.name === 'general')?.id ?? '';
    await client.chat.postMessage({ channel, text: `${title} declared by <@${body.user.id}>` });
  });
  app.command('/warroom', async ({ ack, command }) => {
    await ack(`status for ${command.user_name}`);
  });
  const server = await app.start(0);
  slack.setEventsUrl(`http://127.0.0.1:${(server.address() as AddressInfo).port}/slack/events`);

  const executablePath = browserPaths.find((path) => existsSync(path));
  if (!executablePath)
    throw new Error(`No Chromium at ${browserPaths.join(', ')}: install it to run this test`);
  browser = await chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });
}, 60_000);

afterEach(async () => {
  await page.context().close();
  expect(complaints.splice(0)).toEqual([]);
});

afterAll(async () => {
  await browser?.close();
  await app?.stop();
  await slack?.stop();
});

async function open(address: string, viewport = { width: 1280, height: 800 }): Promise<void> {
  const context = await browser.newContext({ viewport });
  context.setDefaultTimeout(8000);
  page = await context.newPage();
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  await page.goto(slack.pageUrl + address);
}

async function openChannel(name: string): Promise<string> {
  const created = await app.client.conversations.create({ name });
  const channel = created.channel?.id ?? '';
  await app.client.conversations.invite({ channel, users: slack.users.map((user) => user.id).join(',') });
  return channel;
}

const message = (ts: string | undefined) => page.locator(`#messages [data-message-ts="${ts}"]`);

it('lets another person confirm and click a button, and shows the edited message', async () => {
  const channel = await openChannel('approvals');
  const posted = await app.client.chat.postMessage({ channel, text: 'plan', blocks: planBlocks('waiting') });
  await open(`?as=mira#/${channel}`);

  await page.locator('[data-act-as]').selectOption('jonas');
  await page.waitForSelector('[data-acting-as=jonas]');
  await message(posted.ts).locator('[data-action-id=approve]').click();
  await page.click('[data-confirm=accept]');

  await message(posted.ts).getByText('approved by @Jonas Weber').waitFor();
  await message(posted.ts).getByText('(edited)').waitFor();
});

it('sends a choice from a select', async () => {
  const channel = await openChannel('selects');
  const posted = await app.client.chat.postMessage({ channel, text: 'plan', blocks: planBlocks('waiting') });
  await open(`?as=mira#/${channel}`);

  await message(posted.ts).locator('[data-action-id=severity]').selectOption('1');

  await message(posted.ts).getByText('severity 1').waitFor();
});

it('works through a modal with a refused input', async () => {
  const channel = await openChannel('declaring');
  const posted = await app.client.chat.postMessage({ channel, text: 'plan', blocks: planBlocks('waiting') });
  await open(`?as=mira#/${channel}`);
  await message(posted.ts).locator('[data-action-id=declare]').click();
  const modal = page.locator('[data-role=modal]');

  await modal.locator('[data-role=modal-submit]').click();
  await modal.getByText('Please complete this required field.').waitFor();
  await modal.locator('[data-block-id=title] input').fill('bad');
  await modal.locator('[data-role=modal-submit]').click();
  await modal.getByText('Too short').waitFor();
  await modal.locator('[data-block-id=title] input').fill('Orders fail');
  await modal.locator('[data-role=modal-submit]').click();
  await modal.waitFor({ state: 'detached' });

  await page.click('[data-channel-name=general]');
  await page.locator('#messages').getByText('Orders fail declared by @Mira Okafor').waitFor();
});

it('follows threads live, from a deep link, and replies in them', async () => {
  const channel = await openChannel('threads');
  const root = await app.client.chat.postMessage({ channel, text: 'agent at work' });
  const reply = await app.client.chat.postMessage({
    channel,
    text: 'first finding',
    thread_ts: root.ts ?? '',
  });
  const thread = () => page.locator('#thread');

  await open(`?as=mira#/${channel}/p${reply.ts?.replace('.', '')}`);
  await thread().getByText('first finding').waitFor();
  await app.client.chat.postMessage({ channel, text: 'second finding', thread_ts: root.ts ?? '' });
  await thread().getByText('second finding').waitFor();
  await thread().locator('[data-role=thread-composer]').fill('thanks @warroom');
  await page.keyboard.press('Enter');
  await thread().getByText('thanks @Warroom').waitFor();
  await message(root.ts).getByText('3 replies').waitFor();
});

it('runs a slash command from the message box and shows the answer to that person alone', async () => {
  const channel = await openChannel('commands');
  await open(`?as=mira#/${channel}`);

  await page.fill('#composer-input', '/warroom status');
  await page.keyboard.press('Enter');

  const answer = page.locator('[data-ephemeral=true]');
  await answer.getByText('status for mira').waitFor();
  await answer.getByText('Only visible to you').waitFor();
  await page.locator('[data-act-as]').selectOption('jonas');
  await answer.waitFor({ state: 'detached' });
});

it('shows hostile text as text', async () => {
  const channel = await openChannel('hostile');
  const hostile =
    '<img src=x onerror="document.title=1"> <javascript:alert(1)|click> &lt;script&gt;x&lt;/script&gt;';
  const posted = await app.client.chat.postMessage({ channel, text: hostile });
  const inBlocks = await app.client.chat.postMessage({
    channel,
    text: 'x',
    blocks: [
      { type: 'markdown', text: '[here](javascript:alert(1)) <b onclick="x()">bold</b>' },
      { type: 'section', text: { type: 'mrkdwn', text: '```</code><script>x()</script>```' } },
    ],
  });
  await open(`?as=mira#/${channel}`);

  await message(inBlocks.ts).getByText('</code><script>x()</script>').waitFor();
  expect(await message(posted.ts).textContent()).toContain('<script>x</script>');
  expect(await page.locator('#messages :is(script, b, img)').count()).toBe(0);
  expect(await page.locator('#messages a[href^="javascript"]').count()).toBe(0);
});

it('colours diffs, and lists pins, bookmarks and unread channels', async () => {
  const channel = await openChannel('cards');
  const other = await openChannel('busy');
  const card = await app.client.chat.postMessage({
    channel,
    text: 'card',
    blocks: [{ type: 'section', text: { type: 'mrkdwn', text: '```@@ -1 +1 @@\n-old\n+new```' } }],
  });
  await app.client.pins.add({ channel, timestamp: card.ts ?? '' });
  await app.client.bookmarks.add({
    channel_id: channel,
    title: 'Alert',
    type: 'link',
    link: 'http://127.0.0.1/',
  });
  await open(`?as=mira#/${channel}`);

  expect(await message(card.ts).locator('.diff-add').textContent()).toBe('+new');
  expect(await message(card.ts).locator('.diff-del').textContent()).toBe('-old');
  await page.locator('[data-bookmark=Alert]').waitFor();
  await page.click('[data-role=pins]');
  await page.locator(`[data-pinned-ts="${card.ts}"]`).waitFor();
  await app.client.chat.postMessage({ channel: other, text: `<@${slack.as('mira').person.id}> look` });
  await page.locator('[data-channel-name=busy].unread .mention-count').waitFor();
});

it('fits a phone: channel list, channel and thread each fill the screen', async () => {
  const channel = await openChannel('phone');
  const root = await app.client.chat.postMessage({
    channel,
    text: 'x'.repeat(400),
    blocks: planBlocks('waiting'),
  });
  await app.client.chat.postMessage({ channel, text: 'reply', thread_ts: root.ts ?? '' });
  await open(`?as=mira#/${channel}`, { width: 390, height: 844 });
  await message(root.ts).waitFor();

  expect(await page.locator('#sidebar').isVisible()).toBe(false);
  await message(root.ts).locator('[data-open-thread]').click();
  await page.locator('#thread').getByText('reply', { exact: true }).waitFor();
  expect(await page.locator('#messages').isVisible()).toBe(false);
  await page.click('[data-role=close-thread]');
  await page.click('[data-role=open-sidebar]');
  await page.click('[data-channel-name=general]');
  await page.locator('[data-role=channel-title]', { hasText: 'general' }).waitFor();
  const overflow = await page.evaluate('document.documentElement.scrollWidth - window.innerWidth');
  expect(overflow).toBeLessThanOrEqual(0);
});

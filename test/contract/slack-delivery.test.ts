import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Incident } from '../../src/domain/incident.ts';
import type { RoomItem } from '../../src/domain/room.ts';
import type { Deliverer } from '../../src/slack/deliverer.ts';
import { incidentView, planViewOf } from '../unit/slack/sample-views.ts';
import { type House, openHouse } from './slack-house.ts';

let house: House;
let deliverer: Deliverer;

beforeAll(async () => {
  house = await openHouse();
}, 60_000);

afterAll(() => house.close());

afterEach(async () => {
  house.slack.faults.clear();
  await deliverer.stop();
});

const notice = (text: string, thread?: string): RoomItem => ({
  type: 'message',
  view: { view: 'notice', tone: 'info', text },
  ...(thread === undefined ? {} : { thread }),
});

const untilDelivered = (incident: Incident, timeout = 15_000): Promise<void> =>
  vi.waitFor(async () => expect(await house.delivered(incident)).toBe(true), { timeout, interval: 30 });

describe('a room', () => {
  it('gets its channel, topic, purpose, pinned card, bookmark, people and threads', async () => {
    const incident = await house.incident();
    await house.openRoom(incident);
    await house.put(incident, 'summary', { type: 'message', view: incidentView(), pin: true });
    await house.put(incident, 'invite', { type: 'invite', people: ['@approvers', 'U0NOBODY', 'S0NOBODY'] });
    const bookmark = {
      type: 'bookmark',
      title: 'Alert',
      url: 'https://alert.test/1',
      emoji: ':fire:',
    } as const;
    await house.put(incident, 'bookmark:alert', bookmark);
    await house.put(incident, 'agent', notice('agent'));
    await house.put(incident, 'finding', notice('finding', 'agent'));
    const lookups = house.calls('conversations.history');

    deliverer = house.deliverer();
    await untilDelivered(incident);

    // What was certainly not posted before is not looked for.
    expect(house.calls('conversations.history')).toBe(lookups);
    const row = await house.record.incidents.get(incident.id);
    const mira = house.slack.as('mira');
    const channel = (await mira.channels()).find((each) => each.id === row?.channelId);
    expect(channel).toMatchObject({ name: incident.channelName });
    expect(JSON.stringify(channel)).toContain(`[warroom ${incident.id}]`);
    const messages = await house.messages(incident);
    expect(messages.map((message) => message.text.replace(/\d+ %.*/, ''))).toEqual([
      expect.stringContaining('SEV2'),
      'ℹ️ agent',
      'ℹ️ finding',
    ]);
    expect(messages[2]?.threadTs).toBe(messages[1]?.ts);
    expect(house.calls('pins.add')).toBe(1);
    expect(house.calls('bookmarks.add')).toBe(1);
  });

  it('edits a message in place, and only to its newest state', async () => {
    const incident = await house.incident();
    await house.openRoom(incident);
    await house.put(incident, 'note', notice('version 1'));
    deliverer = house.deliverer();
    await untilDelivered(incident);
    await deliverer.stop();
    const edits = house.calls('chat.update');

    for (let version = 2; version <= 40; version += 1) {
      await house.put(incident, 'note', notice(`version ${version}`));
    }
    deliverer = house.deliverer();
    await untilDelivered(incident);

    expect((await house.messages(incident)).map((message) => message.text)).toEqual(['ℹ️ version 40']);
    expect(house.calls('chat.update') - edits).toBe(1);
  });

  it('posts a message again that somebody deleted', async () => {
    const incident = await house.incident();
    await house.openRoom(incident);
    await house.put(incident, 'note', notice('first'));
    deliverer = house.deliverer();
    await untilDelivered(incident);
    house.slack.faults.refuse('chat.update', 1, 'message_not_found');

    await house.put(incident, 'note', notice('second'));
    deliverer.poke();
    await untilDelivered(incident);

    expect((await house.messages(incident)).map((message) => message.text)).toContain('ℹ️ second');
  });

  it('shows the sentence of a card whose blocks Slack refuses', async () => {
    const incident = await house.incident();
    await house.openRoom(incident);
    deliverer = house.deliverer();
    await untilDelivered(incident);
    house.slack.faults.refuse('chat.postMessage', 1, 'invalid_blocks');

    await house.put(incident, 'plan', { type: 'message', view: planViewOf() });
    deliverer.poke();
    await untilDelivered(incident);

    const [message] = await house.messages(incident);
    expect(message?.blocks).toContain('Slack refused the full card');
    expect(message?.blocks).not.toContain('plan_approve');
  });
});

describe('a plan too long for a card', () => {
  it('gets its file first and its buttons after', async () => {
    const incident = await house.incident();
    const diff = Array.from({ length: 700 }, (_, index) => `+line ${index}`).join('\n');
    await house.openRoom(incident);
    await house.put(incident, 'plan', { type: 'message', view: planViewOf({ diff }) });

    deliverer = house.deliverer();
    await untilDelivered(incident);

    const [card, file] = await house.messages(incident);
    expect(file?.text).toMatch(/^Full change of plan plan-1, sha256 [0-9a-f]{64}\.$/);
    expect(file?.threadTs).toBe(card?.ts);
    expect(card?.blocks).toContain('plan_approve');
  });

  it('stays without buttons when the file cannot be attached', async () => {
    const incident = await house.incident();
    await house.openRoom(incident);
    await house.put(incident, 'plan', { type: 'message', view: planViewOf({ diff: '+x\n'.repeat(700) }) });
    house.slack.faults.refuse('files.getUploadURLExternal', 1, 'file_type_not_allowed');

    deliverer = house.deliverer();
    await untilDelivered(incident);

    const messages = await house.messages(incident);
    expect(messages).toHaveLength(1);
    expect(messages[0]?.blocks).not.toContain('plan_approve');
  });
});

describe('when the answer of a call is lost', () => {
  it.each([
    ['conversations.create', 'channel'],
    ['chat.postMessage', 'message'],
    ['pins.add', 'pin'],
    ['bookmarks.add', 'bookmark'],
    ['files.completeUploadExternal', 'file'],
  ])('%s: no second %s', async (method) => {
    const incident = await house.incident();
    const channels = house.calls('conversations.create');
    const diff = '+x\n'.repeat(700);
    await house.openRoom(incident);
    await house.put(incident, 'summary', { type: 'message', view: planViewOf({ diff }), pin: true });
    const bookmark = { type: 'bookmark', title: 'Alert', url: 'https://alert.test/2', emoji: '' } as const;
    await house.put(incident, 'bookmark', bookmark);
    await house.put(incident, 'reply', notice('reply', 'summary'));
    house.slack.faults.loseAnswer(method, 1);

    deliverer = house.deliverer();
    await untilDelivered(incident);

    const messages = await house.messages(incident);
    expect(messages.map((message) => [message.text, message.threadTs !== null])).toEqual([
      [expect.stringContaining('waiting for approval'), false],
      [expect.stringContaining('Full change'), true],
      [expect.stringContaining('reply'), true],
    ]);
    expect(messages[0]?.blocks).toContain('plan_approve');
    const row = await house.record.incidents.get(incident.id);
    expect(row?.channelName).toBe(incident.channelName);
    expect(house.calls('conversations.create') - channels).toBeLessThanOrEqual(2);
  });
});

describe('when a process died in the middle', () => {
  it('adopts what it posted without recording it', async () => {
    const incident = await house.incident();
    await house.openRoom(incident);
    deliverer = house.deliverer();
    await untilDelivered(incident);
    await deliverer.stop();
    await house.put(incident, 'note', notice('old'));
    await house.record.outbox.claim('killed', 300);
    const channel = (await house.record.incidents.get(incident.id))?.channelId ?? '';
    const metadata = { event_type: 'warroom', event_payload: { incident: incident.id, key: 'note' } };
    const posted = await house.client.chat.postMessage({ channel, text: 'old', metadata });
    await house.put(incident, 'note', notice('new'));

    deliverer = house.deliverer();
    await untilDelivered(incident);

    expect(await house.messages(incident)).toMatchObject([{ ts: posted.ts, text: 'ℹ️ new' }]);
  });
});

describe('when Slack is not well', () => {
  it('waits as long as a 429 asks and keeps the order', async () => {
    const incident = await house.incident();
    await house.openRoom(incident);
    deliverer = house.deliverer();
    await untilDelivered(incident);
    house.slack.faults.rateLimit('chat.postMessage', 1, 1);
    const before = house.slack.calls.length;

    const start = Date.now();
    for (const text of ['one', 'two', 'three']) await house.put(incident, text, notice(text));
    deliverer.poke();
    await untilDelivered(incident);

    expect(Date.now() - start).toBeGreaterThanOrEqual(1000);
    expect((await house.messages(incident)).map((message) => message.text)).toEqual([
      'ℹ️ one',
      'ℹ️ two',
      'ℹ️ three',
    ]);
    const posts = house.slack.calls.slice(before).filter((call) => call.method === 'chat.postMessage');
    expect(posts).toHaveLength(4);
  });

  it('loses and repeats nothing in an outage, and coalesces the edits it missed', async () => {
    const incident = await house.incident();
    await house.openRoom(incident);
    await house.put(incident, 'card', notice('before'));
    deliverer = house.deliverer();
    await untilDelivered(incident);

    house.slack.faults.outage(true);
    const edits = house.calls('chat.update');
    for (let index = 0; index < 12; index += 1) {
      await house.put(incident, 'card', notice(`during ${index}`));
      await house.put(incident, `note ${index}`, notice(`note ${index}`));
    }
    deliverer.poke();
    await vi.waitFor(() => expect(house.calls('chat.update') - edits).toBeGreaterThan(2), {
      timeout: 10_000,
    });
    house.slack.faults.outage(false);
    await untilDelivered(incident);

    const texts = (await house.messages(incident)).map((message) => message.text);
    expect(texts).toEqual(['ℹ️ during 11', ...Array.from({ length: 12 }, (_, index) => `ℹ️ note ${index}`)]);
  });

  it('does not let one incident wait for another', async () => {
    const stuck = await house.incident();
    const free = await house.incident();
    house.slack.faults.rateLimit('conversations.create', 1, 30);
    await house.openRoom(stuck);
    deliverer = house.deliverer();
    await vi.waitFor(async () => {
      const [entry] = await house.record.outbox.ofIncident(stuck.id);
      expect(entry?.attempts).toBe(1);
    });

    await house.openRoom(free);
    await house.put(free, 'note', notice('hello'));
    deliverer.poke();
    await untilDelivered(free, 5000);

    expect(await house.delivered(stuck)).toBe(false);
  });

  it('gives up a message that Slack refuses for good, and goes on', async () => {
    const incident = await house.incident();
    await house.openRoom(incident);
    deliverer = house.deliverer();
    await untilDelivered(incident);
    house.slack.faults.refuse('chat.postMessage', 1, 'cannot_reply_to_message');

    await house.put(incident, 'bad', notice('bad'));
    await house.put(incident, 'good', notice('good'));
    deliverer.poke();

    await vi.waitFor(async () => {
      expect((await house.messages(incident)).map((message) => message.text)).toEqual(['ℹ️ good']);
    });
  });
});

describe('what Slack refuses beside the messages', () => {
  const bookmark = { type: 'bookmark', title: 'Alert', url: 'https://alert.test/3', emoji: '' } as const;
  const texts = async (incident: Incident) => (await house.messages(incident)).map((message) => message.text);

  it.each([
    ['conversations.setTopic', 'user_is_restricted'],
    ['conversations.setTopic', 'not_in_channel'],
    ['conversations.setPurpose', 'no_permission'],
  ])('%s refused with %s: the room opens all the same', async (method, code) => {
    const incident = await house.incident();
    house.slack.faults.refuse(method, 99, code);
    await house.openRoom(incident);
    await house.put(incident, 'note', notice('hello'));

    deliverer = house.deliverer();
    await untilDelivered(incident, 5_000);

    expect(await texts(incident)).toEqual(['ℹ️ hello']);
  });

  it('comes back to a channel that it was removed from, for its topic and for its messages', async () => {
    const incident = await house.incident();
    await house.openRoom(incident);
    await house.put(incident, 'invite', { type: 'invite', people: ['@approvers'] });
    deliverer = house.deliverer();
    await untilDelivered(incident);
    const channel = (await house.record.incidents.get(incident.id))?.channelId ?? '';
    await house.client.conversations.leave({ channel });

    await house.put(incident, 'note', notice('hello'));
    await untilDelivered(incident);
    house.slack.faults.refuse('conversations.setTopic', 1, 'not_in_channel');
    const item = { type: 'channel', name: incident.channelName, topic: 'SEV1 · over', purpose: 'x' } as const;
    await house.put(incident, 'channel', item);
    await untilDelivered(incident);

    expect(await texts(incident)).toContain('ℹ️ hello');
    const { channel: now } = await house.client.conversations.info({ channel });
    expect(now?.topic?.value).toBe('SEV1 · over');
  });

  it.each([
    ['bookmarks.add', 'bookmark', bookmark],
    ['conversations.invite', 'invite', { type: 'invite', people: ['@approvers'] }],
    ['conversations.setTopic', 'channel', undefined],
  ] as const)('%s limited: messages behind it go out, it follows', async (method, key, item) => {
    const incident = await house.incident();
    house.slack.faults.rateLimit(method, 1, 3);
    await house.openRoom(incident);
    if (item !== undefined) await house.put(incident, key, item);
    await house.put(incident, 'note', notice('hello'));

    deliverer = house.deliverer();

    await vi.waitFor(async () => expect(await texts(incident)).toEqual(['ℹ️ hello']), { timeout: 2_500 });
    expect(await house.delivered(incident)).toBe(false);
    await untilDelivered(incident);
  });

  it('a bookmark that the installation may not add holds up nothing', async () => {
    const incident = await house.incident();
    house.slack.faults.refuse('bookmarks.add', 99, 'missing_scope');
    await house.openRoom(incident);
    await house.put(incident, 'bookmark', bookmark);
    for (const text of ['one', 'two']) await house.put(incident, text, notice(text));

    deliverer = house.deliverer();

    await vi.waitFor(async () => expect(await texts(incident)).toEqual(['ℹ️ one', 'ℹ️ two']), {
      timeout: 5_000,
    });
  });

  it('a channel that cannot be made keeps its messages waiting', async () => {
    const [incident, next] = [await house.incident(), await house.incident()];
    house.slack.faults.refuse('conversations.create', 1, 'restricted_action');
    await house.openRoom(incident);
    await house.put(incident, 'note', notice('hello'));
    deliverer = house.deliverer();
    await vi.waitFor(() => expect(house.slack.calls.at(-1)?.method).toBe('conversations.create'));

    await house.openRoom(next);
    await house.put(next, 'note', notice('hello'));
    await untilDelivered(next);

    expect(await house.record.outbox.ofIncident(incident.id)).toMatchObject([
      { key: 'channel', attempts: 1, deliveredVersion: 0 },
      { key: 'note', attempts: 0 },
    ]);
  });
});

describe('a channel name that is taken', () => {
  const byHand = async (name: string): Promise<string> =>
    (await house.client.conversations.create({ name })).channel?.id ?? '';

  it('is adopted when we created it and died before saying so', async () => {
    const incident = await house.incident();
    await byHand(incident.channelName);
    await house.openRoom(incident);

    deliverer = house.deliverer();
    await untilDelivered(incident);

    const row = await house.record.incidents.get(incident.id);
    expect(row?.channelName).toBe(incident.channelName);
  });

  it('is left alone when its purpose names another incident', async () => {
    const incident = await house.incident();
    const channel = await byHand(incident.channelName);
    await house.client.conversations.setPurpose({ channel, purpose: 'War room [warroom 01another]' });
    await house.openRoom(incident);

    deliverer = house.deliverer();
    await untilDelivered(incident);

    const row = await house.record.incidents.get(incident.id);
    expect(row?.channelName).toBe(`${incident.channelName}-2`);
    expect(row?.channelId).not.toBe(channel);
  });

  it('is left alone when a person created it', async () => {
    const incident = await house.incident({ channelName: 'general' });
    await house.openRoom(incident);

    deliverer = house.deliverer();
    await untilDelivered(incident);

    expect((await house.record.incidents.get(incident.id))?.channelName).toBe('general-2');
  });

  it('is opened again when it is ours and archived', async () => {
    const incident = await house.incident();
    const channel = await byHand(incident.channelName);
    await house.client.conversations.archive({ channel });
    await house.openRoom(incident);
    await house.put(incident, 'note', notice('hello'));

    deliverer = house.deliverer();
    await untilDelivered(incident);

    expect((await house.record.incidents.get(incident.id))?.channelId).toBe(channel);
    expect(await house.messages(incident)).toHaveLength(1);
  });
});

import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { FlowActions } from '../../src/slack/flow-actions.ts';
import { agentView } from '../unit/slack/sample-views.ts';
import { type House, openHouse } from './slack-house.ts';

type Reply = Parameters<FlowActions['steer']>[0];

let house: House;
let replies: Reply[];
let answer: Awaited<ReturnType<FlowActions['steer']>>;
let room: { channel: string; thread: string };

beforeAll(async () => {
  house = await openHouse({
    steer: (reply) => {
      replies.push(reply);
      return Promise.resolve(answer);
    },
  });
  await house.app.start();
  const { incident, channel } = await house.room();
  await house.put(incident, 'agent:ledger', { type: 'message', view: agentView() });
  await house.put(incident, 'finding', {
    type: 'message',
    thread: 'agent:ledger',
    view: { view: 'notice', tone: 'info', text: 'Our own words in the thread.' },
  });
  await vi.waitFor(async () => expect(await house.delivered(incident)).toBe(true), { timeout: 10_000 });
  room = { channel, thread: (await house.messages(incident))[0]?.ts ?? '' };
}, 60_000);
afterAll(() => house.close());
beforeEach(() => {
  replies = [];
  answer = { heard: 'heard' };
});

const mira = () => house.slack.as('mira');
const heard = () => vi.waitFor(() => expect(replies).not.toEqual([]), { timeout: 8_000 });

describe('a reply in an agent’s thread', () => {
  it('reaches the flow as it was typed, and is marked as seen', async () => {
    await mira().say(room.channel, 'Is it a < 3 & b > 4?', room.thread);
    await heard();

    const [reply] = replies;
    expect(reply).toMatchObject({
      channelId: room.channel,
      threadTs: room.thread,
      userId: mira().person.id,
      text: 'Is it a < 3 & b > 4?',
    });
    await vi.waitFor(
      async () => {
        const thread = await mira().thread(room.channel, room.thread);
        const said = thread.find((message) => message['ts'] === reply?.ts);
        expect(JSON.stringify(said?.['reactions'])).toContain('eyes');
      },
      { timeout: 8_000 },
    );
  });

  it('that is not taken gets a sentence that only its writer sees', async () => {
    answer = { heard: 'refused', reason: 'The incident is over.' };

    await mira().say(room.channel, 'And now?', room.thread);

    await vi.waitFor(
      async () => {
        const shown = await mira().messages(room.channel);
        const own = shown.filter((message) => JSON.stringify(message).includes('ephemeral'));
        expect(JSON.stringify(own.at(-1))).toContain('The incident is over.');
      },
      { timeout: 8_000 },
    );
    expect(await house.slack.as('jonas').messages(room.channel)).not.toContainEqual(
      expect.objectContaining({ text: expect.stringContaining('The incident is over.') }),
    );
  });

  it('is a person’s: neither the channel’s talk nor a program’s posts come through', async () => {
    await mira().say(room.channel, 'Good morning.');
    await house.client.chat.postMessage({
      channel: room.channel,
      thread_ts: room.thread,
      text: 'From the app.',
    });
    await mira().say(room.channel, 'The last one.', room.thread);
    await vi.waitFor(() => expect(replies.map(({ text }) => text)).toContain('The last one.'), {
      timeout: 8_000,
    });

    expect(replies.map(({ text }) => text)).toEqual(['The last one.']);
  });
});

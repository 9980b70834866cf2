import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Incident } from '../../src/domain/incident.ts';
import type { RoomItem } from '../../src/domain/room.ts';
import { planViewOf } from '../unit/slack/sample-views.ts';
import { type House, openHouse, type PostedCard } from './slack-house.ts';

/** A person who clicked looks at the card: it must say what became of the click before they wonder. */
const limitMs = 1000;

let house: House;
let incident: Incident;

const approved: RoomItem = {
  type: 'message',
  view: planViewOf({}, { state: 'approved' }),
};

beforeAll(async () => {
  house = await openHouse({
    decide: async () => {
      await house.put(incident, 'plan', approved);
      return { accepted: true, note: null };
    },
  });
  await house.app.start();
}, 60_000);

afterAll(() => house.close());

/** Milliseconds until Slack has the card that says `sentence`. */
async function untilCard({ channel, ts }: PostedCard, sentence: string, since: number): Promise<number> {
  for (;;) {
    const answer = await house.client.conversations.replies({ channel, ts });
    const took = Date.now() - since;
    if (JSON.stringify(answer.messages?.[0]?.blocks).includes(sentence)) return took;
    if (took > 20_000) throw new Error(`no card says “${sentence}”`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe('the card of a plan', () => {
  it.each([
    ['with nothing else to say', 0],
    ['with forty messages waiting in the room', 40],
  ])('is edited within a second of the click, %s', async (_name, waiting) => {
    const card = await house.planCard(planViewOf());
    incident = card.incident;
    for (let index = 0; index < waiting; index += 1) {
      const view = { view: 'notice', tone: 'info', text: `note ${index}` } as const;
      await house.put(incident, `note ${index}`, { type: 'message', view });
    }

    const start = Date.now();
    await house.slack.as('mira').click(card.channel, card.ts, { actionId: 'plan_approve' });

    expect(await untilCard(card, '*Approved*', start)).toBeLessThan(limitMs);
  });

  it('is edited within a second of what a worker wrote, without anybody poking', async () => {
    const card = await house.planCard(planViewOf());

    const start = Date.now();
    await house.put(card.incident, 'plan', approved);

    expect(await untilCard(card, '*Approved*', start)).toBeLessThan(limitMs);
  });
});

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Incident } from '../../src/domain/incident.ts';
import type { PlanView, RoomItem } from '../../src/domain/room.ts';
import type { Deliverer, OnDelivered } from '../../src/slack/deliverer.ts';
import { planViewOf } from '../unit/slack/sample-views.ts';
import { type House, openHouse } from './slack-house.ts';

let house: House;
let deliverer: Deliverer;
let told: { key: string; channelId: string; ts: string }[];
let fail: number;

beforeAll(async () => {
  house = await openHouse();
}, 60_000);

afterAll(() => house.close());

beforeEach(() => {
  told = [];
  fail = 0;
});

afterEach(async () => {
  house.slack.faults.clear();
  await deliverer.stop();
});

const tell: OnDelivered = ({ key }, at) => {
  if (fail-- > 0) return Promise.reject(new Error('the record is away'));
  told.push({ key, ...at });
  return Promise.resolve();
};

const plan = (view: PlanView = planViewOf()): RoomItem => ({ type: 'message', view });
const notice = (text: string, channel?: string): RoomItem => ({
  type: 'message',
  view: { view: 'notice', tone: 'bad', text },
  ...(channel === undefined ? {} : { channel }),
});

const untilDelivered = (incident: Incident): Promise<void> =>
  vi.waitFor(async () => expect(await house.delivered(incident)).toBe(true), {
    timeout: 15_000,
    interval: 30,
  });

async function deliver(incident: Incident): Promise<void> {
  deliverer = house.deliverer(tell);
  await untilDelivered(incident);
}

async function roomWith(item: RoomItem, key = 'plan'): Promise<Incident> {
  const incident = await house.incident();
  await house.openRoom(incident);
  await house.put(incident, key, item);
  return incident;
}

describe('the flow is told that a plan was shown', () => {
  it('once, with where its card is, and not again for its edits', async () => {
    const incident = await roomWith(plan());
    await house.put(incident, 'note', notice('hello'));
    await deliver(incident);

    await house.put(incident, 'plan', plan(planViewOf({}, { whyAsked: 'a person asked for it' })));
    await untilDelivered(incident);

    const channelId = (await house.record.incidents.get(incident.id))?.channelId;
    const [card] = await house.messages(incident);
    expect(told).toEqual([{ key: 'plan', channelId, ts: card?.ts }]);
  });

  it('again for another plan in the same place', async () => {
    const incident = await roomWith(plan());
    await deliver(incident);

    await house.put(incident, 'plan', plan(planViewOf({ undo: 'Otherwise.' })));
    await untilDelivered(incident);

    expect(told).toHaveLength(2);
  });

  it('until it has heard it: the card is delivered again, not posted again', async () => {
    fail = 2;
    const incident = await roomWith(plan());

    await deliver(incident);

    expect(told).toHaveLength(1);
    expect(await house.messages(incident)).toHaveLength(1);
  });

  it('after its file, when it has one', async () => {
    const incident = await roomWith(plan(planViewOf({ diff: '+x\n'.repeat(700) })));

    await deliver(incident);

    expect(told).toHaveLength(1);
    expect(await house.messages(incident)).toHaveLength(2);
  });
});

describe('the flow is not told', () => {
  it('while the file of a long plan is missing, but as soon as it is there', async () => {
    const long = planViewOf({ diff: '+x\n'.repeat(700) });
    house.slack.faults.refuse('files.getUploadURLExternal', 1, 'file_type_not_allowed');
    const incident = await roomWith(plan(long));
    await deliver(incident);
    expect(told).toEqual([]);

    await house.put(incident, 'plan', plan({ ...long, whyAsked: 'again' }));
    await untilDelivered(incident);

    expect(told).toHaveLength(1);
  });

  it('when Slack refused the card and showed a sentence instead', async () => {
    house.slack.faults.refuse('chat.postMessage', 1, 'invalid_blocks');
    const incident = await roomWith(plan());

    await deliver(incident);

    expect(told).toEqual([]);
  });

  it.each([
    ['cannot be vouched for', { ...planViewOf(), digest: 'f'.repeat(64) }],
    ['cannot be read', planViewOf({ diff: 'GIT binary patch\n' })],
    ['was decided already', planViewOf({}, { state: 'rejected' })],
  ])('of a plan that %s', async (_name, view) => {
    const incident = await roomWith(plan(view));

    await deliver(incident);

    expect(told).toEqual([]);
  });
});

describe('what another channel must hear', () => {
  const create = async (name: string): Promise<string> =>
    (await house.client.conversations.create({ name })).channel?.id ?? '';
  const heard = async (channel: string): Promise<string[]> =>
    ((await house.client.conversations.history({ channel })).messages ?? []).map(({ text }) => text ?? '');

  it('is posted there by name and by id, and edited there', async () => {
    const channel = await create('ops');
    const incident = await roomWith(notice('Glass broken', '#ops'), 'loud');
    await house.put(incident, 'by-id', notice('Halted', channel));
    await deliver(incident);
    const edits = house.calls('chat.update');

    await house.put(incident, 'loud', notice('Glass broken twice', '#ops'));
    await untilDelivered(incident);

    expect(await heard(channel)).toEqual(expect.arrayContaining(['❌ Glass broken twice', '❌ Halted']));
    expect(house.calls('chat.update') - edits).toBe(1);
    expect(await house.messages(incident)).toEqual([]);
  });

  it('is posted after joining, where the app is not in the channel', async () => {
    const channel = await create('leads');
    await house.client.conversations.invite({ channel, users: house.slack.as('mira').person.id });
    await house.client.conversations.leave({ channel });
    const incident = await roomWith(notice('Glass broken', '#leads'), 'loud');

    await deliver(incident);

    expect(await heard(channel)).toContain('❌ Glass broken');
  });

  it.each([
    ['there is no such channel', '#nowhere', null],
    ['the app may not join', '#private-1', 'method_not_supported_for_channel_type'],
    ['only admins may post', '#private-2', 'restricted_action'],
    ['it is archived', '#private-3', 'is_archived'],
  ])('is given up when %s, and the room goes on', async (_name, ref, code) => {
    if (code !== null) await create(ref.slice(1));
    const incident = await roomWith(notice('hello'), 'first');
    await deliver(incident);
    if (code !== null) house.slack.faults.refuse('chat.postMessage', 1, code);

    await house.put(incident, 'loud', notice('Glass broken', ref));
    await house.put(incident, 'next', notice('goes on'));

    await vi.waitFor(
      async () =>
        expect((await house.messages(incident)).map(({ text }) => text)).toEqual(['❌ hello', '❌ goes on']),
      { timeout: 3000 },
    );
    const loud = (await house.record.outbox.ofIncident(incident.id)).find(({ key }) => key === 'loud');
    expect(loud).toMatchObject({ deliveredVersion: 0, attempts: 1 });
  });
});

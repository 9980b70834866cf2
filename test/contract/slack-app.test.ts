import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { newId } from '../../src/platform/ids.ts';
import type { FlowActions } from '../../src/slack/flow-actions.ts';
import { anIncident } from '../support/builders.ts';
import { incidentView } from '../unit/slack/sample-views.ts';
import { type House, openHouse, signingSecret } from './slack-house.ts';

let house: House;
let declared: Parameters<FlowActions['declare']>[0][];
let resolved: Parameters<FlowActions['resolve']>[0][];

beforeAll(async () => {
  house = await openHouse({
    declare: async (request) => {
      declared.push(request);
      const id = newId();
      const incident = anIncident({ id, title: request.title, channelName: `inc-declared-${id.slice(-6)}` });
      await house.record.incidents.insert(incident);
      await house.openRoom(incident);
      return incident;
    },
    resolve: (request) => {
      resolved.push(request);
      return Promise.resolve('resolved');
    },
    status: (incidentId) =>
      Promise.resolve(
        incidentId === null ? [incidentView({ title: 'Listed' })] : [incidentView({ incidentId })],
      ),
  });
  await house.app.start();
}, 60_000);

afterAll(() => house.close());

beforeEach(() => {
  declared = [];
  resolved = [];
});

const mira = () => house.slack.as('mira');

/** Waits for a message that only this person sees. */
async function whispered(channel: string): Promise<string> {
  let found = '';
  await vi.waitFor(
    async () => {
      const messages = await mira().messages(channel);
      const own = messages.filter((message) => JSON.stringify(message).includes('ephemeral'));
      expect(own).not.toEqual([]);
      found = JSON.stringify(own.at(-1));
    },
    { timeout: 8000, interval: 50 },
  );
  return found;
}

describe('a request to /slack/events', () => {
  const send = (secret: string, timestamp: number): Promise<Response> => {
    const body = JSON.stringify({ type: 'url_verification', challenge: 'hello' });
    const signature = createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex');
    return fetch(house.eventsUrl, {
      method: 'POST',
      body,
      headers: {
        'content-type': 'application/json',
        'x-slack-request-timestamp': String(timestamp),
        'x-slack-signature': `v0=${signature}`,
      },
    });
  };
  const now = (): number => Math.floor(Date.now() / 1000);

  it.each([
    ['is served with a fresh signature', signingSecret, 0, 200],
    ['is refused with another secret', 'wrong', 0, 401],
    ['is refused when signed ten minutes ago', signingSecret, -600, 401],
    ['is refused when signed for ten minutes from now', signingSecret, 600, 401],
  ])('%s', async (_name, secret, offset, status) => {
    expect((await send(secret, now() + offset)).status).toBe(status);
  });

  it('is refused without any signature', async () => {
    expect((await fetch(house.eventsUrl, { method: 'POST', body: '{}' })).status).toBe(401);
  });
});

describe('/warroom', () => {
  it('explains itself', async () => {
    const { channel } = await house.room();

    await mira().say(channel, '/warroom');

    expect(await whispered(channel)).toContain('/warroom declare');
  });

  it('guesses what a mistyped word meant', async () => {
    const { channel } = await house.room();

    await mira().say(channel, '/warroom resovle now');

    expect(await whispered(channel)).toContain('Did you mean `/warroom resolve`?');
  });

  it('shows the incident of the channel, and all open ones elsewhere', async () => {
    const { channel, incident } = await house.room();
    const general = (await mira().channels()).find((each) => each.name === 'general')?.id as string;

    await mira().say(channel, '/warroom status');
    await mira().say(general, '/warroom status');

    expect(await whispered(channel)).toContain(`/incidents/${incident.id}`);
    expect(await whispered(general)).toContain('Listed');
  });

  it('resolves the incident of the channel with a note', async () => {
    const { channel, incident } = await house.room();

    await mira().say(channel, '/warroom resolve  rolled back by hand');

    expect(await whispered(channel)).toContain('is resolved');
    const userId = mira().person.id;
    expect(resolved).toEqual([{ incidentId: incident.id, userId, note: 'rolled back by hand' }]);
  });

  it('says where resolve works when typed elsewhere', async () => {
    const general = (await mira().channels()).find((each) => each.name === 'general')?.id as string;

    await mira().say(general, '/warroom resolve');

    expect(await whispered(general)).toContain('not an incident’s channel');
    expect(resolved).toEqual([]);
  });

  it('declares in one line, with severity and services taken from it', async () => {
    const { channel } = await house.room();

    await mira().say(channel, '/warroom declare sev1 checkout is down');

    expect(await whispered(channel)).toMatch(/Its channel: <#C/);
    const userId = mira().person.id;
    expect(declared).toEqual([
      { title: 'checkout is down', severity: 'sev1', services: ['checkout'], userId },
    ]);
  });

  it('declares by a dialog', async () => {
    const { channel } = await house.room();

    await mira().say(channel, '/warroom declare');
    await vi.waitFor(async () => expect(JSON.stringify(await mira().modal())).toContain('How bad is it?'));
    await mira().submitView({
      title: { value: { type: 'plain_text_input', value: 'Orders hang' } },
      severity: { value: { type: 'static_select', selected_option: { value: 'sev3' } } },
      services: { value: { type: 'multi_static_select', selected_options: [{ value: 'ledger' }] } },
    });

    expect(await whispered(channel)).toContain('Orders hang');
    expect(declared).toMatchObject([{ title: 'Orders hang', severity: 'sev3', services: ['ledger'] }]);
  });

  it('answers a mention with how to use it', async () => {
    const { channel } = await house.room();

    await mira().say(channel, '@warroom hello?');

    expect(await whispered(channel)).toContain('/warroom status');
  });
});

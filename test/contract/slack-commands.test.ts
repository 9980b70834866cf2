import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Answer } from '../../src/domain/approval.ts';
import type { FlowActions } from '../../src/slack/flow-actions.ts';
import { type House, openHouse } from './slack-house.ts';

type Action = 'context' | 'propose' | 'halt' | 'lift' | 'delegate' | 'revoke';

let house: House;
let channel: string;
let incidentId: string;
let general: string;
let asked: [Action, unknown][];
let answer: () => Promise<Answer>;

const mira = () => house.slack.as('mira');
const jonas = () => house.slack.as('jonas');

beforeAll(async () => {
  const remember =
    (action: Action) =>
    (request: unknown): Promise<Answer> => {
      asked.push([action, request]);
      return answer();
    };
  const actions = Object.fromEntries(
    (['propose', 'halt', 'lift', 'delegate', 'revoke'] as const).map((action) => [action, remember(action)]),
  ) as Pick<FlowActions, Exclude<Action, 'context'>>;
  const context: FlowActions['context'] = async (request) => {
    asked.push(['context', request]);
    return ['ledger at abc, 5 of 10 tokens', 'L1 source: 5 tokens', '  + 5  <evil> token.js'];
  };
  house = await openHouse({ ...actions, context });
  await house.app.start();
  const room = await house.room();
  channel = room.channel;
  incidentId = room.incident.id;
  general = (await mira().channels()).find((each) => each.name === 'general')?.id as string;
}, 60_000);

afterAll(() => house.close());

beforeEach(() => {
  house.slack.faults.clear();
  asked = [];
  answer = () => Promise.resolve({ accepted: true, note: null });
});

/** Says it, and waits for an answer that only this person sees. */
async function told(where: string, command: string, sentence: RegExp): Promise<void> {
  const before = (await whispers(where)).length;
  await mira().say(where, command);
  await vi.waitFor(async () => expect((await whispers(where)).slice(before).join('\n')).toMatch(sentence), {
    timeout: 8000,
    interval: 40,
  });
}

async function whispers(where: string): Promise<string[]> {
  const messages = await mira().messages(where);
  return messages
    .filter((message) => message.is_ephemeral === true)
    .map((message) => JSON.stringify(message));
}

describe('/warroom context', () => {
  it('shows what the agent of a service has in front of it, to the asker alone', async () => {
    await told(channel, '/warroom context ledger', /L1 source: 5 tokens.*&lt;evil&gt; token.js/);

    expect(asked).toEqual([['context', { service: 'ledger', incidentId }]]);
  });

  it('suggests the service that was meant', async () => {
    await told(general, '/warroom context leger', /no service.*Did you mean.*context ledger/);

    expect(asked).toEqual([]);
  });
});

describe('/warroom halt and lift', () => {
  it('halts anywhere, and says who may lift it', async () => {
    await told(general, '/warroom halt wrong <database> & more', /🛑.*Who may lift it.*@approvers/);

    expect(asked).toEqual([['halt', { userId: mira().person.id, reason: 'wrong <database> & more' }]]);
  });

  it('needs no reason', async () => {
    await told(general, '/warroom halt', /🛑/);

    expect(asked).toEqual([['halt', { userId: mira().person.id, reason: '' }]]);
  });

  it('lifts, and says so', async () => {
    await told(channel, '/warroom lift it was the right one', /The halt is lifted/);

    expect(asked).toEqual([['lift', { userId: mira().person.id, reason: 'it was the right one' }]]);
  });

  it('names who may, to somebody who may not lift it', async () => {
    answer = () => Promise.resolve({ accepted: false, refusal: 'not-an-approver', approvers: ['@leads'] });

    await told(channel, '/warroom lift', /Who may: @leads/);
  });

  it('never claims to have halted when it has not', async () => {
    answer = () => Promise.reject(new Error('the record is away'));

    await told(channel, '/warroom halt now', /did not work.*the record is away/);
  });
});

describe('/warroom delegate', () => {
  it('hands over to the person that Slack named', async () => {
    await told(
      channel,
      '/warroom delegate @jonas for 2h on a train',
      /For the next 2 h, <@U\w+> may approve/,
    );

    const request = { from: mira().person.id, to: jonas().person.id, hours: 2, reason: 'on a train' };
    expect(asked).toEqual([['delegate', request]]);
  });

  it('takes it back', async () => {
    await told(channel, '/warroom delegate off', /You alone decide again/);

    expect(asked).toEqual([['revoke', mira().person.id]]);
  });

  it.each([
    ['@mira for 2h', /That is you/],
    ['jonas for 2h', /Begin with a person/],
    ['@approvers', /not to a group/],
  ])('%s: says what is wrong with it', async (words, sentence) => {
    await told(channel, `/warroom delegate ${words}`, sentence);

    expect(asked).toEqual([]);
  });

  it('asks for the person in a dialog when none is named', async () => {
    await mira().say(channel, '/warroom delegate');
    await vi.waitFor(async () => expect(JSON.stringify(await mira().modal())).toContain('Who decides'));
    const person = (id: string) => ({
      person: { value: { type: 'users_select', selected_user: id } },
      hours: { value: { type: 'static_select', selected_option: { value: '4' } } },
      reason: { value: { type: 'plain_text_input', value: 'asleep' } },
    });

    const self = await mira().submitView(person(mira().person.id));
    expect(self).toMatchObject({ errors: { person: 'Choose somebody else than yourself.' } });
    await mira().submitView(person(jonas().person.id));

    const request = { from: mira().person.id, to: jonas().person.id, hours: 4, reason: 'asleep' };
    await vi.waitFor(() => expect(asked).toEqual([['delegate', request]]));
  });
});

describe('/warroom fix', () => {
  it('proposes what was typed, and says at once that it is being looked at', async () => {
    let done = (): void => undefined;
    answer = () => new Promise((resolve) => (done = () => resolve({ accepted: true, note: null })));

    await told(
      channel,
      '/warroom fix create-index ledger columns=["a", "b"] then flush-cache checkout pattern=p:*',
      /Looking at what this would change/,
    );
    done();

    const remedies = [
      { kind: 'create-index', service: 'ledger', params: { columns: ['a', 'b'] } },
      { kind: 'flush-cache', service: 'checkout', params: { pattern: 'p:*' } },
    ];
    await vi.waitFor(() =>
      expect(asked).toEqual([['propose', { incidentId, userId: mira().person.id, remedies }]]),
    );
  });

  it('passes on why no plan was made', async () => {
    answer = () => Promise.resolve({ accepted: false, refusal: null, reason: 'There is no table x.' });

    await told(channel, '/warroom fix drop-index ledger index=x', /⛔ There is no table x/);
  });

  it.each([
    ['', /`\/warroom fix create-index/],
    ['create-indx ledger', /Did you mean `create-index`/],
    ['flush-cache legder pattern=a', /Did you mean `ledger`/],
  ])('%j: shows how', async (words, sentence) => {
    await told(channel, `/warroom fix ${words}`, sentence);

    expect(asked).toEqual([]);
  });

  it('works only where the incident is', async () => {
    await told(general, '/warroom fix restart-service ledger', /not an incident’s channel/);

    expect(asked).toEqual([]);
  });
});

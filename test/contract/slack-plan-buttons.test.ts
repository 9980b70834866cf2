import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Answer } from '../../src/domain/approval.ts';
import type { PlanView } from '../../src/domain/room.ts';
import type { FlowActions } from '../../src/slack/flow-actions.ts';
import { refusals } from '../unit/slack/sample-refusals.ts';
import { planViewOf } from '../unit/slack/sample-views.ts';
import { type House, openHouse, type PostedCard } from './slack-house.ts';

type Action = 'decide' | 'stop' | 'undo' | 'renew' | 'ask';

let house: House;
let asked: [Action, object][];
let answer: () => Promise<Answer>;

beforeAll(async () => {
  const remember =
    (action: Action) =>
    (request: object): Promise<Answer> => {
      asked.push([action, request]);
      return answer();
    };
  const actions = Object.fromEntries(
    (['decide', 'stop', 'undo', 'renew', 'ask'] as const).map((action) => [action, remember(action)]),
  ) as Pick<FlowActions, Action>;
  house = await openHouse(actions);
  await house.app.start();
}, 60_000);

afterAll(() => house.close());

beforeEach(() => {
  house.slack.faults.clear();
  asked = [];
  answer = () => Promise.resolve({ accepted: true, note: null });
});

const mira = () => house.slack.as('mira');
const card = (change: Partial<PlanView> = {}): Promise<PostedCard> => house.planCard(planViewOf({}, change));
const reason = (value: string) => ({ reason: { value: { type: 'plain_text_input', value } } });
const { planId, digest, nonce } = planViewOf();
const button = () => ({ planId, digest, nonce, userId: mira().person.id });

async function whispers(channel: string): Promise<string[]> {
  const messages = await mira().messages(channel);
  return messages
    .filter((message) => message.is_ephemeral === true)
    .map((message) => JSON.stringify(message));
}

async function whispered(channel: string, sentence: string | RegExp): Promise<void> {
  await vi.waitFor(async () => expect((await whispers(channel)).join('\n')).toMatch(sentence), {
    timeout: 8000,
    interval: 40,
  });
}

async function dialog(text: string): Promise<void> {
  await vi.waitFor(async () => expect(JSON.stringify(await mira().modal())).toContain(text), {
    interval: 30,
  });
}

const states = {
  plan_approve: {},
  plan_reject: {},
  plan_ask: {},
  plan_break_glass: { breakGlass: true },
  plan_stop: { state: 'announced', runsAt: '2026-01-01T10:50:00.000Z' },
  plan_undo: { state: 'verified', undoable: true },
  plan_renew: { state: 'expired', renewable: true },
} as const satisfies Record<string, Partial<PlanView>>;

describe('a click that needs no words', () => {
  it.each([
    ['plan_approve', 'decide', { decision: 'approve' }],
    ['plan_stop', 'stop', {}],
    ['plan_renew', 'renew', {}],
  ] as const)(
    '%s reaches the flow with exactly what the card showed, and the card alone answers',
    async (actionId, action, more) => {
      const { channel, ts } = await card(states[actionId]);

      await mira().click(channel, ts, { actionId });

      await vi.waitFor(() => expect(asked).toEqual([[action, { ...button(), ...more }]]));
      expect(await whispers(channel)).toEqual([]);
    },
  );
});

describe('a click that needs words', () => {
  const long = 'Nobody on call answers, checkout is down.';

  it.each([
    ['plan_reject', 'Why not?', 'decide', { decision: 'reject', reason: long }],
    ['plan_ask', 'What do you want to know?', 'ask', { text: long }],
    ['plan_undo', 'taken back, last step first', 'undo', { reason: long }],
    ['plan_break_glass', 'Why can nobody else approve', 'decide', { decision: 'break-glass', reason: long }],
  ] as const)('%s asks for them first and passes them on', async (actionId, question, action, more) => {
    const { channel, ts } = await card(states[actionId]);

    await mira().click(channel, ts, { actionId });
    await dialog(question);
    expect(asked).toEqual([]);
    await mira().submitView(reason(`  ${long} `));

    await vi.waitFor(() => expect(asked).toEqual([[action, { ...button(), ...more }]]));
    expect(await mira().modal()).toBeNull();
  });

  it.each([
    ['plan_reject', 'no'],
    ['plan_ask', '     '],
    ['plan_undo', ' '],
    ['plan_break_glass', 'too short a reason'],
    ['plan_break_glass', `${' '.repeat(30)}`],
  ] as const)('%s with %j keeps its dialog and says what is missing', async (actionId, said) => {
    const { channel, ts } = await card(states[actionId]);
    await mira().click(channel, ts, { actionId });
    await vi.waitFor(async () => expect(await mira().modal()).not.toBeNull());

    const outcome = await mira().submitView(reason(said));

    expect(outcome).toMatchObject({ ok: true, errors: { reason: expect.stringMatching(/[a-z]/) } });
    expect(asked).toEqual([]);
    await mira().closeView();
  });

  it('says that breaking the glass is announced, and where', async () => {
    const { channel, ts } = await card(states.plan_break_glass);

    await mira().click(channel, ts, { actionId: 'plan_break_glass' });

    await dialog('announced at once in this channel and in #general');
    await mira().closeView();
  });

  it.each(['plan_reject', 'plan_ask', 'plan_undo', 'plan_break_glass'] as const)(
    '%s says so when Slack opens no dialog',
    async (actionId) => {
      const { channel, ts } = await card(states[actionId]);
      house.slack.faults.refuse('views.open', 1, 'expired_trigger_id');

      await mira().click(channel, ts, { actionId });

      await whispered(channel, /Slack did not open the dialog, so nothing was/);
      expect(asked).toEqual([]);
    },
  );
});

describe('the answer to a click', () => {
  it.each(refusals)('that is refused (%s) has its own sentence', async (refusal) => {
    const { channel, ts } = await card();
    answer = () => Promise.resolve({ accepted: false, refusal, approvers: ['@approvers'] });

    await mira().click(channel, ts, { actionId: 'plan_approve' });

    await whispered(channel, /⛔ [A-Z]/);
  });

  it('names who may, to somebody who may not', async () => {
    const { channel, ts } = await card();
    answer = () =>
      Promise.resolve({ accepted: false, refusal: 'not-an-approver', approvers: ['@approvers'] });

    await mira().click(channel, ts, { actionId: 'plan_approve' });

    await whispered(channel, 'Who may: @approvers');
  });

  it('passes on what the flow says, as text', async () => {
    const { channel, ts } = await card();
    answer = () =>
      Promise.resolve({ accepted: false, refusal: null, reason: 'Another plan <!channel> waits.' });

    await mira().click(channel, ts, { actionId: 'plan_approve' });

    await whispered(channel, 'Another plan &lt;!channel&gt; waits');
  });

  it('passes on a note', async () => {
    const { channel, ts } = await card();
    answer = () => Promise.resolve({ accepted: true, note: 'One more person must approve.' });

    await mira().click(channel, ts, { actionId: 'plan_approve' });

    await whispered(channel, '✅ One more person must approve.');
  });

  it.each([
    ['plan_approve', /nothing was run/],
    ['plan_stop', /it may still run by itself.*warroom halt/],
    ['plan_renew', /No new plan could be made/],
  ] as const)('to %s says what did not happen when it cannot be carried out', async (actionId, sentence) => {
    const { channel, ts } = await card(states[actionId]);
    answer = () => Promise.reject(new Error('the record is away'));

    await mira().click(channel, ts, { actionId });

    await whispered(channel, sentence);
  });
});

describe('a button that is not ours', () => {
  it.each([
    ['no value', undefined],
    ['text', 'approve everything'],
    ['another shape', JSON.stringify({ planId, digest, nonce, userId: 'U0BOSS' })],
    ['a digest that is none', JSON.stringify({ planId, digest: 'x', nonce })],
  ])('is answered and does nothing: %s', async (_name, value) => {
    const { channel } = await house.room();
    const text = { type: 'plain_text', text: 'Approve' } as const;
    const forged = await house.client.chat.postMessage({
      channel,
      text: 'forged',
      blocks: [
        {
          type: 'actions',
          elements: [
            { type: 'button', action_id: 'plan_approve', text, ...(value === undefined ? {} : { value }) },
          ],
        },
      ],
    });

    await mira().click(channel, forged.ts ?? '', { actionId: 'plan_approve' });

    await whispered(channel, 'another version of the plan');
    expect(asked).toEqual([]);
  });
});

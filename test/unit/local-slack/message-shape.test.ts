import { expect, it } from 'vitest';
import {
  completeMessage,
  cutHistory,
  encodeTyped,
  withBlockIds,
} from '../../../demo/local-slack/message-shape.ts';

const app = { appId: 'A1', botId: 'B1', botUserId: 'UBOT', name: 'Warroom' };

it('encodes what a person types: escapes first, then names', () => {
  const names = {
    people: [{ id: 'U1', name: 'mira' }],
    groups: [{ id: 'S1', handle: 'approvers' }],
    botUserId: 'UBOT',
    botName: 'warroom',
  };

  expect(encodeTyped('a < b & @mira, @approvers (@warroom) @here @nobody me@mira.org', names)).toBe(
    'a &lt; b &amp; <@U1>, <!subteam^S1> (<@UBOT>) <!here> @nobody me@mira.org',
  );
  expect(encodeTyped('@mira or @approvers', { ...names, labelled: true })).toBe(
    '<@U1|mira> or <!subteam^S1|@approvers>',
  );
});

it('marks the messages of the app, and no others', () => {
  expect(completeMessage({ user: 'UBOT', text: 'x' }, app, 'T1')).toMatchObject({
    bot_id: 'B1',
    app_id: 'A1',
  });
  expect(completeMessage({ user: 'U1', text: 'x' }, app, 'T1')).not.toHaveProperty('bot_id');
});

it('gives blocks ids and keeps those they have', () => {
  const [first, second] = withBlockIds([{ type: 'divider', block_id: 'mine' }, { type: 'divider' }]) as {
    block_id: string;
  }[];

  expect(first?.block_id).toBe('mine');
  expect(second?.block_id).toMatch(/^[\w-]{6}$/);
});

it('cuts a history by oldest and latest, with and without the ends', () => {
  const messages = ['3.000000', '2.000000', '1.000000'].map((ts) => ({ ts }));
  const times = (args: object) => cutHistory(messages, { ...args }).map((message) => message.ts);

  expect(times({ oldest: '1.000000' })).toEqual(['3.000000', '2.000000']);
  expect(times({ oldest: '1.000000', latest: '3.000000', inclusive: 'true' })).toHaveLength(3);
  expect(times({ oldest: '1.000000', latest: '3.000000' })).toEqual(['2.000000']);
});

import { expect, it } from 'vitest';
import { checkBlocks, checkView } from '../../../demo/local-slack/block-limits.ts';

const plain = (text: string) => ({ type: 'plain_text', text });
const mrkdwn = (text: string) => ({ type: 'mrkdwn', text });
const button = (fields: object = {}) => ({ type: 'button', action_id: 'go', text: plain('Go'), ...fields });
const actions = (...elements: object[]) => ({ type: 'actions', elements });
const section = (text: string) => ({ type: 'section', text: mrkdwn(text) });
const problemsOf = (block: object) => checkBlocks([block], 'message').problems.join('\n');

it('accepts a card at the limits', () => {
  const card = [
    { type: 'header', text: plain('h'.repeat(150)) },
    section('s'.repeat(3000)),
    { type: 'section', fields: Array.from({ length: 10 }, () => mrkdwn('f')) },
    { type: 'context', elements: Array.from({ length: 10 }, () => mrkdwn('c')) },
    actions(button({ text: plain('b'.repeat(75)), value: 'v'.repeat(2000), style: 'danger' })),
    { type: 'divider' },
    { type: 'image', image_url: 'http://127.0.0.1/a.png', alt_text: 'a' },
  ];

  expect(checkBlocks(card, 'message')).toEqual({ problems: [] });
});

it.each([
  ['a long header', { type: 'header', text: plain('h'.repeat(151)) }, '/blocks/0/text/text'],
  ['a mrkdwn header', { type: 'header', text: mrkdwn('h') }, '/blocks/0/text/type'],
  ['a long section', section('s'.repeat(3001)), '/blocks/0/text/text'],
  ['an empty section text', section(''), '/blocks/0/text/text'],
  ['a section of nothing', { type: 'section' }, 'text or fields'],
  [
    'eleven fields',
    { type: 'section', fields: Array.from({ length: 11 }, () => mrkdwn('f')) },
    '/blocks/0/fields',
  ],
  ['a long field', { type: 'section', fields: [mrkdwn('f'.repeat(2001))] }, '/blocks/0/fields/0/text'],
  [
    'eleven context elements',
    { type: 'context', elements: Array.from({ length: 11 }, () => mrkdwn('c')) },
    '/elements',
  ],
  ['a long button', actions(button({ text: plain('b'.repeat(76)) })), '/elements/0/text/text'],
  ['a long button value', actions(button({ value: 'v'.repeat(2001) })), '/elements/0/value'],
  ['an unknown style', actions(button({ style: 'warning' })), '/elements/0/style'],
  ['a button without action_id', actions({ type: 'button', text: plain('Go') }), '/elements/0/action_id'],
  ['one action_id twice', actions(button(), button()), 'already exists'],
  [
    '26 elements',
    actions(...Array.from({ length: 26 }, (_, index) => button({ action_id: `a${index}` }))),
    '25 items',
  ],
  ['an image without words', { type: 'image', image_url: 'http://127.0.0.1/a.png' }, '/alt_text'],
  [
    'an image from elsewhere',
    { type: 'image', image_url: 'file:///etc/passwd', alt_text: 'a' },
    '/image_url',
  ],
  [
    'a confirm with a long title',
    actions(
      button({
        confirm: { title: plain('t'.repeat(101)), text: plain('t'), confirm: plain('y'), deny: plain('n') },
      }),
    ),
    '/confirm/title',
  ],
  [
    'six overflow options',
    actions({
      type: 'overflow',
      action_id: 'o',
      options: Array.from({ length: 6 }, () => ({ text: plain('o'), value: 'v' })),
    }),
    '/options',
  ],
  ['an unknown block', { type: 'chart' }, 'unsupported type'],
])('refuses %s', (_, block, where) => {
  expect(problemsOf(block)).toContain(where);
});

it('refuses 51 blocks in a message, and a block_id used twice', () => {
  const many = Array.from({ length: 51 }, () => ({ type: 'divider' }));
  const twice = [
    { type: 'divider', block_id: 'a' },
    { type: 'divider', block_id: 'a' },
  ];

  expect(checkBlocks(many, 'message').error).toBe('invalid_blocks');
  expect(checkBlocks(many, 'view').error).toBeUndefined();
  expect(checkBlocks(twice, 'message').problems[0]).toContain('already exists');
});

it('refuses a message whose blocks are within limits but too long together', () => {
  const blocks = Array.from({ length: 5 }, () => section('s'.repeat(2900)));

  expect(checkBlocks(blocks, 'message').error).toBe('msg_blocks_too_long');
});

it('refuses a modal with a long title, or inputs and no submit', () => {
  const input = { type: 'input', label: plain('l'), element: { type: 'plain_text_input', action_id: 'a' } };
  const problems = checkView({ type: 'modal', title: plain('t'.repeat(25)), blocks: [input] });

  expect(problems.join('\n')).toMatch(/view\/title[\s\S]*view\/submit/);
});

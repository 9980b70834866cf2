import { describe, expect, it } from 'vitest';
import { asTyped } from '../../../src/slack/commands/command-words.ts';
import { parseDelegation } from '../../../src/slack/commands/delegation.ts';

describe('handing approvals over', () => {
  it.each([
    ['', { kind: 'ask' }],
    [' off ', { kind: 'off' }],
    ['<@U123|mira>', { kind: 'to', to: 'U123', hours: 8, reason: '' }],
    ['<@U123> for 2h', { kind: 'to', to: 'U123', hours: 2, reason: '' }],
    ['<@W123|m> for 2 hours, on a train', { kind: 'to', to: 'W123', hours: 2, reason: 'on a train' }],
    ['<@U123|m> for 30m lunch &amp; tea', { kind: 'to', to: 'U123', hours: 0.5, reason: 'lunch & tea' }],
    ['<@U123|m> for 1.5h', { kind: 'to', to: 'U123', hours: 1.5, reason: '' }],
    ['<@U123|m> for 1 day', { kind: 'to', to: 'U123', hours: 24, reason: '' }],
    ['<@U123|m> for the night shift', { kind: 'to', to: 'U123', hours: 8, reason: 'for the night shift' }],
  ])('%j', (text, expected) => {
    expect(parseDelegation(text)).toEqual(expected);
  });

  it.each([
    ['mira for 2h', /Begin with a person/],
    ['<!subteam^S123|@approvers> for 2h', /not to a group/],
    ['<@U123|m> for 2 fortnights', /for 30m/],
    ['<@U123|m> for 0h', /up to 24 hours/],
    ['<@U123|m> for 25h', /up to 24 hours/],
    ['<@U123|m> for 3d', /up to 24 hours/],
  ])('is not clear from %j', (text, hint) => {
    expect(parseDelegation(text)).toEqual({ kind: 'unclear', complaint: expect.stringMatching(hint) });
  });
});

describe('what a person typed', () => {
  it.each([
    ['ask <@U123|mira> in <#C1|general>', 'ask @mira in #general'],
    ['<!subteam^S1|@approvers> know', '@approvers know'],
    [
      'see <https://x.test/?a=1&amp;b=2|x.test> or <https://y.test>',
      'see https://x.test/?a=1&b=2 or https://y.test',
    ],
    ['host=<http://db.x.test|db.x.test>', 'host=db.x.test'],
    ['see <https://evil.test|x.test>', 'see https://evil.test'],
    ['write to <mailto:a@x.test|a@x.test>', 'write to a@x.test'],
    ['p99 &gt; 1 s &amp;&amp; &lt;@U1|x&gt;', 'p99 > 1 s && <@U1|x>'],
  ])('%j', (sent, typed) => {
    expect(asTyped(sent)).toBe(typed);
  });
});

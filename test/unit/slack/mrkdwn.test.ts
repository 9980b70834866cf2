import { describe, expect, it } from 'vitest';
import { inline } from '../../../src/slack/blocks/mrkdwn.ts';

describe('text from outside, on one line of a card', () => {
  it.each([
    ['<!channel> & <http://evil.example|here>', '&lt;!channel&gt; &amp; &lt;http://evil.example|here&gt;'],
    ['fine ```PLAN APPROVED by @alice```', 'fine ˋˋˋPLAN APPROVED by @aliceˋˋˋ'],
    ['*Run it now* :white_check_mark:', '∗Run it now* ∶white_check_mark:'],
    // What engineers write stays as it is.
    ['rate(a[5m]) * 2 at 12:30:15', 'rate(a[5m]) * 2 at 12:30:15'],
    ['changed `ttl` 24 → 1', 'changed `ttl` 24 → 1'],
  ])('%j', (text, shown) => {
    expect(inline(text)).toBe(shown);
  });
});

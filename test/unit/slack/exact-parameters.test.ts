import { describe, expect, it } from 'vitest';
import { exact } from '../../../src/slack/blocks/mrkdwn.ts';
import { renderPlanCard } from '../../../src/slack/blocks/plan-card.ts';
import { context, links, planViewOf } from './sample-views.ts';

describe('a parameter on a plan card stands there word for word', () => {
  it.each([
    ['session:*', '`session:*`'],
    ['select 1 from a', '`select 1 from a`'],
    ['a  b', '`a⟨2 spaces⟩b`'],
    [' a', '`⟨U+0020⟩a`'],
    ['a\u00a0b', '`a⟨U+00A0⟩b`'],
    ['a\u2003b\nc\td', '`a⟨U+2003⟩b⟨U+000A⟩c⟨U+0009⟩d`'],
    ['a`b', '`a⟨U+0060⟩b`'],
    ['a\u202eb\u200b', '`a⟨U+202E⟩b⟨U+200B⟩`'],
    ['<!channel> & co', '`&lt;!channel&gt; &amp; co`'],
    ['', '`⟨nothing⟩`'],
  ])('%j', (text, shown) => {
    expect(exact(text)).toBe(shown);
  });

  it('a commit to be undone in all its digits, since two may share the first of them', () => {
    const commit = '4f2a9c1d0e5b6a7f8091a2b3c4d5e6f708192a3b';

    const { blocks } = renderPlanCard(planViewOf(), links, context);

    expect(JSON.stringify(blocks)).toContain(commit);
  });
});

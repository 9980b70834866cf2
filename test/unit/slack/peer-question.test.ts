import { describe, expect, it } from 'vitest';
import type { PeerQuestionView } from '../../../src/domain/room.ts';
import { renderView } from '../../../src/slack/blocks/render-view.ts';
import { agentView, links } from './sample-views.ts';

const text = 'orders says its failures are 401s from you (evidence 3). Does it begin with you?';
const ref = (number: number) => ({ number, kind: 'trace', title: 'Requests', summary: 'many' });
const view: PeerQuestionView = {
  view: 'peer-question',
  incidentId: 'inc',
  from: 'orders',
  to: 'users',
  text,
  evidence: [ref(3)],
  answer: null,
};
const show = (shown: Parameters<typeof renderView>[0]): string =>
  JSON.stringify(renderView(shown, links, { incidentId: 'inc', attached: false }));

describe('a question among agents', () => {
  it('says whom it asks and what it rests on, and that it is open', () => {
    const shown = show(view);

    expect(shown).toContain('Asked *users*');
    expect(shown).toContain(text);
    expect(shown).toContain('users has not answered yet');
    expect(shown).toContain('evidence 3>');
  });

  it('has the answer below it once it came', () => {
    const answer = { verdict: 'passed-on', text: 'It comes from <vault>.', evidence: [ref(9)] } as const;

    const shown = show({ ...view, answer });

    expect(shown).toContain('↳ *No, it comes from further on.* It comes from &lt;vault&gt;.');
    expect(shown).toContain('evidence 9>');
    expect(shown).not.toContain('not answered');
  });

  it('is two lines on the cards of both, without repeating what the card says anyway', () => {
    const answer = { verdict: 'mine', text: 'The token lifetime changed.' } as const;
    const line = { peer: 'users', text, answer } as const;

    const asker = show(agentView({ verdict: 'It comes from users.', peers: [{ ...line, asked: 'it' }] }));
    const asked = show(agentView({ verdict: answer.text, peers: [{ ...line, asked: 'peer' }] }));

    expect(asker).toContain(
      `Asked *users*: “${text}”\\n↳ *Yes, it begins here.* The token lifetime changed.`,
    );
    expect(asked).toContain(`*users* asked: “${text}”\\n↳ *Yes, it begins here.*"`);
  });
});

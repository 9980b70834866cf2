import { describe, expect, it } from 'vitest';
import type { SimilarIncident } from '../../../src/domain/past-incident.ts';
import type { Asked, CommandOptions } from '../../../src/slack/commands/asked.ts';
import { tellSimilar } from '../../../src/slack/commands/similar.ts';
import type { SimilarAnswer } from '../../../src/slack/flow-actions.ts';

const hit: SimilarIncident = {
  incidentId: 'i1',
  title: 'Orders <!channel> refused',
  at: new Date('2026-10-03T10:00:00Z'),
  score: 0.83,
  likeness: 'strong',
  parts: { words: 1, trigrams: 1, shape: 1 },
  why: ['same error <!here>'],
  lesson: {
    outcome: 'confirmed',
    service: 'ledger',
    cause: 'tokens live 60 s, see <https://evil.example|this>',
    commit: null,
    remedies: [{ kind: 'revert-commit', service: 'ledger', summary: 's', became: 'helped', reason: null }],
    resolvedAfterMs: 1_500_000,
  },
};

describe('/warroom similar', () => {
  it('says which past incident is like it, what helped, how long it took, and why it is like it', async () => {
    const answer = JSON.stringify(await ask({ about: '“jwt”', compared: 7, hits: [hit] }));

    for (const said of [
      'incident 2026-10-03 (ledger',
      'much alike, 83 %',
      'Tried: reverting the commit helped; resolved after 25 min',
      'Of 7 past incidents',
    ])
      expect(answer).toContain(said);
  });

  it('shows what stood in the past incident without its links and calls', async () => {
    const answer = JSON.stringify(await ask({ about: '<!everyone>', compared: 7, hits: [hit] }));

    expect(answer).not.toMatch(/<!|<http|https:\/\/evil/);
  });

  it('says honestly that nothing is like it, and asks what is meant when there is nothing to compare', async () => {
    const weak: SimilarIncident = { ...hit, likeness: 'weak' };

    expect(await ask({ about: 'x', compared: 7, hits: [weak] })).toEqual({
      text: 'None of 7 past incidents is like it.',
    });
    expect(await ask(null)).toMatchObject({ text: expect.stringContaining('Like what?') });
  });
});

function ask(answer: SimilarAnswer | null) {
  const options = {
    record: { incidents: { byChannel: async () => undefined } },
    actions: { similar: async () => answer },
  } as unknown as CommandOptions;
  return tellSimilar(options, { channel: 'C1' } as Asked, 'jwt');
}

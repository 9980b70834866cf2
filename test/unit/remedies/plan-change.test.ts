import { describe, expect, it } from 'vitest';
import { planChange } from '../../../src/remedies/shared-git/plan-change.ts';
import { aService } from '../../support/builders.ts';

describe('a change that is to be planned', () => {
  const plan = (diff: string) =>
    planChange(
      aService({ name: 'orders' }),
      'a'.repeat(40),
      { diff, changes: [] },
      {
        kind: 'revert-commit',
        params: {},
        facts: { base: 'low', reasons: [], reversible: 'exact' },
        preview: { summary: 's', measured: null, notes: [], undo: 'u' },
      },
    );

  it.each([
    ['bytes that are no UTF-8', `-a\ufffd\n+a\ufffd\n`],
    ['another form of a character', '-caf\u00e9\n+cafe\u0301\n'],
    ['a binary file', 'Binary files a/x and b/x differ\n'],
  ])('is none when the diff would not show what it writes: %s', (_what, diff) => {
    expect(plan(diff)).toMatchObject({
      possible: false,
      reason: expect.stringMatching(/no diff can|would not show/),
    });
  });

  it('may take such text away', () => {
    expect(plan('-a\ufffd cafe\u0301\n+caf\u00e9\n')).toMatchObject({ possible: true });
  });
});

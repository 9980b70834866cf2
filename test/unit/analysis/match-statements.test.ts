import { describe, expect, it } from 'vitest';
import { matchStatements } from '../../../src/analysis/culprits/match-statements.ts';
import { parseDiff } from '../../../src/analysis/culprits/parse-diff.ts';

const statement =
  "select id, entered_at from visits where guest_id = $1 and entered_at > now() - interval '90 days' limit 20";

function match(added: string, removed = '', path = 'src/visits.js') {
  const lines = (text: string, mark: string) =>
    text
      .split('\n')
      .filter(Boolean)
      .map((line) => `${mark}${line}`);
  const hunk = [...lines(removed, '-'), ...lines(added, '+')];
  const diff = [`diff --git a/${path} b/${path}`, `@@ -1,${hunk.length} +1,${hunk.length} @@`, ...hunk].join(
    '\n',
  );
  const commit = { sha: 'a', subject: '', body: '', author: '', committedAt: 0, files: parseDiff(diff) };
  return matchStatements(commit, [statement]).weight;
}

describe('a commit that brings a statement in', () => {
  it('is told by its words, however they are broken into lines', () => {
    expect(
      match(
        "query(`SELECT id, entered_at\n  FROM visits\n WHERE guest_id = $1\n   AND entered_at > now() - interval '90 days'\n LIMIT 20`)",
      ),
    ).toBe(1);
  });

  it('is likely where a query builder spells its names in its own way', () => {
    const weight = match(
      'db.visits.findMany({ where: { guestId, enteredAt: { gt: since } }, select: { id: true } })',
    );

    expect(weight).toBeGreaterThan(0.4);
    expect(weight).toBeLessThan(1);
  });

  it.each([
    ['only some of the names', 'const guest_id = card.guest; log(entered_at);'],
    ['nothing of it', 'export const pay = 2;'],
  ])('is not one with %s', (_case, added) => {
    expect(match(added)).toBe(0);
  });

  it('is not one that moved it, nor one that tests or describes it', () => {
    const whole = 'db.query(`select id, entered_at from visits where guest_id = $1`)';

    expect(match(whole, whole.replace('db', 'pool'))).toBe(0);
    expect(match(whole, '', 'test/visits.test.js')).toBe(0);
  });
});

import { describe, expect, it } from 'vitest';
import type { PlannedRemedy } from '../../../src/domain/plan.ts';
import type { RemedyContext } from '../../../src/ports/remedy.ts';
import { revertMessage, revertTitle } from '../../../src/remedies/revert-commit/revert-text.ts';
import { changeBody } from '../../../src/remedies/shared-git/pull-request-text.ts';

const hostile = [
  'Closes #12 and acme/other#7, fixes GH-8, resolves https://github.com/a/b/issues/7 for @acme/security',
  '![](https://evil.example/beacon.png) [click](https://evil.example) <img src=x> <!-- www.evil.example',
  '`code` **bold** _it_ ~~no~~ &#64;acme/security &lt;b&gt; \\[x](y) | a | $x$ {#id}',
  '# heading\n\n- list\n\u2028---\n> quote\r\n```\nfence',
].join(' ');

const planned: PlannedRemedy = {
  kind: 'revert-commit',
  service: 'ledger',
  params: { commit: 'a'.repeat(40) },
  pins: { base: 'b'.repeat(40) },
  preview: {
    summary: `Revert aaaaaaa “${hostile}” by ${hostile} on acme/ledger main.`,
    diff: '',
    measured: { what: hostile, before: hostile, after: hostile },
    notes: [`A note: ${hostile}`],
    undo: 'Revert the merge by a second pull request.',
  },
};

const context: RemedyContext = {
  planId: 'plan-1',
  digest: 'd'.repeat(64),
  key: 'execution-1/0/apply',
  again: false,
  incidentId: 'incident-1',
  incidentTitle: hostile,
  incidentUrl: 'https://warroom.example/incidents/1',
  evidence: [`- **Evidence 12** (log): ${hostile}`, hostile],
  approvedBy: hostile,
};

const ourMarkup = [
  '### Why',
  '### Where this comes from',
  '**Evidence 12**',
  '> A note',
  '**If it does not help:**',
  '**Tried before** (',
  '- Before:',
  '- After:',
  '- Incident: [',
  '](https://warroom.example/incidents/1)',
  `\`plan-1\`, digest \`${context.digest}\``,
];

/** What would act on GitHub: mentions, references to issues, addresses. Entities are looked at as they are rendered. */
const acts = /@\w|#\d|\bGH-\d|:\/\/|\bwww\./i;

describe('the text of a pull request', () => {
  it('quotes what comes from outside without mentions, references, links or markup', () => {
    const body = changeBody(planned, context);

    const foreign = ourMarkup.reduce((text, piece) => text.replace(piece, ''), body);
    expect(foreign.replace(/\\(?=[!-/:-@[-`{-~])/g, '').replaceAll('&amp;', '&')).not.toMatch(acts);
    const unescaped = foreign.replace(/\\[!-/:-@[-`{-~]|&(?:amp|lt|gt);/g, '');
    expect(unescaped).not.toMatch(/[\\`*_[\]<>!#&~|$]/);
    // every line begins as we wrote it
    const ours = /^(Revert aaaaaaa|### |- |> A note|\*\*(Tried before|If it does not help:)\*\*|$)/;
    expect(body.split('\n').filter((line) => !ours.test(line))).toEqual([]);
  });

  it('keeps what it says readable, and our own markup', () => {
    const body = changeBody(planned, context);

    expect(body).toContain('- **Evidence 12** (log): Closes \\#\u200b12');
    expect(body).toContain('](https://warroom.example/incidents/1)');
    expect(body).toContain('Revert the merge by a second pull request.');
  });

  it('gives git a subject of one line that closes nothing, calls nobody and skips no checks', () => {
    const subject = 'Closes #12 for @acme/security [skip ci]\nSee https://github.com/a/b/issues/7';

    const message = revertMessage(subject, 'a'.repeat(40), context);

    const shown = 'Revert "Closes # 12 for @ acme/security [ skip ci] See https: //github.com/a/b/issues/7"';
    expect(revertTitle(subject)).toBe(shown);
    expect(message.split('\n')).toEqual([
      shown,
      '',
      `This reverts commit ${'a'.repeat(40)}.`,
      '',
      'Warroom-Incident: incident-1',
      `Warroom-Plan: ${context.digest}`,
    ]);
  });

  it('leaves an ordinary subject as it is, and cuts one that no code host would take', () => {
    expect(revertTitle('Shorten the token lifetime (#0.5h)')).toContain('Shorten the token lifetime');
    expect(revertTitle('Tidy `a_b` [core] *now*')).toBe('Revert "Tidy `a_b` [core] *now*"');
    expect(revertTitle('x'.repeat(500)).length).toBeLessThan(256);
  });
});

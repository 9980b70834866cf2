import { describe, expect, it } from 'vitest';
import { parseReport, takeOverProposals, weighClaims } from '../../../../src/agents/claude/report.ts';
import type { Evidence } from '../../../../src/domain/evidence.ts';
import type { Claim } from '../../../../src/domain/finding.ts';

const claim = {
  kind: 'cause',
  text: 'It starts here.',
  evidence: [3],
  blamesService: 'ledger',
  blamesCommit: null,
  confidence: 0.8,
};
const report = { claims: [claim], ruledOut: [], nextChecks: [] };

describe('a report as Claude writes it', () => {
  it('becomes typed claims; fields that nobody asked for are not read', () => {
    const parsed = parseReport(
      JSON.stringify({ ...report, approve: true, claims: [{ ...claim, risk: 'none' }] }),
    );

    expect(parsed).toEqual({
      report: {
        claims: [
          {
            kind: 'cause',
            text: 'It starts here.',
            evidence: [3],
            blames: { service: 'ledger' },
            confidence: 0.8,
          },
        ],
        reasoning: { hypotheses: [], refutation: null },
        answers: [],
        ruledOut: [],
        nextChecks: [],
      },
    });
  });

  it('is found inside a fence or a sentence', () => {
    expect(parseReport(`Here it is:\n\`\`\`json\n${JSON.stringify(report)}\n\`\`\``)).toHaveProperty(
      'report',
    );
  });

  it.each([
    ['no JSON', 'I am not sure.', /not a JSON object/],
    ['cut JSON', '{"claims":[{"kind":"cau', /not a JSON object/],
    ['a kind that is none', JSON.stringify({ ...report, claims: [{ ...claim, kind: 'order' }] }), /kind/],
    [
      'more than certainty',
      JSON.stringify({ ...report, claims: [{ ...claim, confidence: 7 }] }),
      /confidence/,
    ],
    [
      'evidence that is no number',
      JSON.stringify({ ...report, claims: [{ ...claim, evidence: ['3'] }] }),
      /evidence/,
    ],
    ['an endless text', JSON.stringify({ ...report, claims: [{ ...claim, text: 'x'.repeat(601) }] }), /text/],
  ])('is none with %s, and says why', (_, text, why) => {
    expect(parseReport(text)).toMatchObject({ problem: expect.stringMatching(why) as string });
  });
});

describe('weighing claims', () => {
  const said = { kind: 'symptom' as const, text: 'x', confidence: 0.5 };

  it('keeps what cites evidence that exists, without the citations that do not', () => {
    const { claims, dropped } = weighClaims(
      [{ ...said, evidence: [1, 99] }],
      new Set([1]),
      new Set(['ledger']),
    );

    expect(claims).toEqual([{ ...said, evidence: [1] }]);
    expect(dropped).toEqual([]);
  });

  it('drops what cites nothing that exists, and what blames an unknown service', () => {
    const { claims, dropped } = weighClaims(
      [
        { ...said, evidence: [] },
        { ...said, evidence: [99] },
        { ...said, evidence: [1], blames: { service: 'ghost' } },
      ],
      new Set([1]),
      new Set(['ledger']),
    );

    expect(claims).toEqual([]);
    expect(dropped).toHaveLength(2);
  });
});

describe('a fix that the engine proposed', () => {
  const index = { kind: 'create-index', service: 'ledger', params: { table: 'entries' } } as const;
  const made: Claim = {
    kind: 'cause',
    text: 'no index',
    evidence: [3, 7],
    blames: { service: 'ledger' },
    proposes: [index],
    confidence: 0.9,
  };
  const rows = [
    { number: 3, kind: 'metric' },
    { number: 7, kind: 'database' },
  ] as Evidence[];
  const said = (change: Partial<Claim>): Claim[] =>
    takeOverProposals(
      [
        {
          kind: 'cause',
          text: 'x',
          evidence: [7],
          blames: { service: 'ledger' },
          confidence: 0.8,
          ...change,
        },
      ],
      [made],
      rows,
    );

  it('goes with Claude’s claim that rests on the same look into the database', () => {
    expect(said({})[0]?.proposes).toEqual([index]);
  });

  it.each([
    ['does not rest on it', { evidence: [3] }],
    ['blames another service', { blames: { service: 'till' } }],
    ['is no cause', { kind: 'symptom' as const }],
  ])('stays behind when the claim %s', (_case, change) => {
    expect(said(change)[0]).not.toHaveProperty('proposes');
  });
});

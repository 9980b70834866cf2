import { describe, expect, it } from 'vitest';
import {
  addUp,
  limitReached,
  mayReport,
  type Spent,
  saySpent,
  spentOf,
} from '../../../../src/agents/claude/budget.ts';
import { judgeCauses, mostRefuted, mostUntested } from '../../../../src/agents/claude/judge-reasoning.ts';
import { partialFinding } from '../../../../src/agents/claude/partial-finding.ts';
import { dearestPrice, dollarsOf, priceOf } from '../../../../src/agents/claude/prices.ts';
import { spendingOf } from '../../../../src/agents/claude/turn-spending.ts';
import { agentPolicySchema } from '../../../../src/config/agent-policy.ts';
import { decideRootCause } from '../../../../src/domain/decide-root-cause.ts';
import type { Evidence } from '../../../../src/domain/evidence.ts';
import type { Claim, Finding } from '../../../../src/domain/finding.ts';
import type { KeptTurn } from '../../../../src/ports/conversations.ts';

const nothing: Spent = {
  turns: 0,
  inputTokens: 0,
  cachedTokens: 0,
  outputTokens: 0,
  dollars: 0,
  unpriced: 0,
  counts: { tokens: 0, dollars: 0 },
  elapsedMs: 0,
};
const policy = agentPolicySchema.parse({
  perAgent: { turns: 3, tokens: 1_000, dollars: 1, minutes: 5 },
  perIncident: { turns: 9, tokens: 3_000, dollars: 2, minutes: 15 },
});

describe('what agents may use up', () => {
  it.each<[string, Partial<Spent>, string]>([
    ['turns', { turns: 3 }, '3 turns'],
    ['tokens', { counts: { tokens: 1_000, dollars: 0 } }, '1000 tokens'],
    ['dollars', { counts: { tokens: 0, dollars: 1 } }, '$1'],
    ['minutes', { elapsedMs: 300_000 }, '5 min'],
  ])('is bounded in %s', (limit, spent, words) => {
    expect(limitReached(policy, { ...nothing, ...spent }, nothing)).toEqual({ limit, of: 'agent', words });
  });

  it('is all that is sent, cached or not, and a turn under way by estimate', () => {
    const usage = { inputTokens: 100, cachedTokens: 800, outputTokens: 50 };
    const over = spendingOf({ usage, model: 'claude-opus-5-5' }, policy);
    const asked = { counts: { tokens: 50, dollars: 0.1 }, spent: null };
    const turns = [{ counts: over.counts, spent: over }, asked] as unknown as KeptTurn[];

    expect(limitReached(policy, spentOf(turns, 0), nothing)).toMatchObject({ limit: 'tokens' });
    expect(limitReached(policy, spentOf(turns.slice(0, 1), 0), nothing)).toBeNull();
  });

  it('counts a model whose price nobody knows at the dearest known price, and shows none', () => {
    const usage = { inputTokens: 100_000, cachedTokens: 0, outputTokens: 0 };

    const spent = spendingOf({ usage, model: 'claude-next' }, policy);

    expect(spent).toMatchObject({ dollars: null, counts: { dollars: 1 } });
    expect(dearestPrice({ mine: { input: 12, output: 5 } })).toEqual({ input: 12, output: 50 });
  });

  it('leaves room for reports at the limit of the incident, until it is passed once over', () => {
    expect(mayReport(policy, { ...nothing, counts: { tokens: 5_999, dollars: 3.9 } })).toBe(true);
    expect(mayReport(policy, { ...nothing, counts: { tokens: 6_000, dollars: 0 } })).toBe(false);
    expect(mayReport(policy, { ...nothing, counts: { tokens: 0, dollars: 4 } })).toBe(false);
  });

  it('is shared by the agents of an incident', () => {
    const line = { ...nothing, investigationId: 'v', counts: { tokens: 1, dollars: 1.2 }, estimated: 0 };

    expect(limitReached(policy, nothing, addUp([line, { ...line, investigationId: 'w' }]))).toEqual({
      limit: 'dollars',
      of: 'incident',
      words: '$2 for the whole incident',
    });
  });

  it('is told in one line', () => {
    const spent = {
      ...nothing,
      turns: 2,
      inputTokens: 100,
      cachedTokens: 300,
      outputTokens: 50,
      dollars: 0.034,
    };

    expect(saySpent(spent)).toBe('2 turns, 400 tokens in (75 % cached), 50 out, $0.03');
    expect(saySpent({ ...spent, unpriced: 2 })).toBe('2 turns, 400 tokens in (75 % cached), 50 out');
  });
});

describe('the price of a turn', () => {
  const usage = { inputTokens: 1_000_000, cachedTokens: 1_000_000, outputTokens: 100_000 };

  it('counts reads and writes of the cache at their own rates', () => {
    expect(dollarsOf(usage, { input: 2, output: 10 })).toBeCloseTo(2 + 0.2 + 1);
    expect(
      dollarsOf({ ...usage, written5mTokens: 400_000, written1hTokens: 600_000 }, { input: 2, output: 10 }),
    ).toBeCloseTo(1 + 2.4 + 0.2 + 1);
  });

  it('is known for dated names, is the policy’s where it names one, and is unknown otherwise', () => {
    expect(priceOf('claude-opus-5-5-20261021')).toEqual({ input: 4, output: 20 });
    expect(priceOf('claude-opus-5-5', { 'claude-opus-5-5': { input: 1, output: 2 } })).toMatchObject({
      input: 1,
    });
    expect(priceOf('claude-next')).toBeNull();
  });
});

const rows = [1, 2, 3].map((number) => ({
  number,
  kind: (['metric', 'trace', 'change'] as const)[number - 1],
  empty: false,
  title: `Row ${number}`,
  service: 'ledger',
  data: { judged: 'trouble', commit: { sha: 'c'.repeat(40), subject: 's', author: 'a' }, margin: 0.9 },
})) as unknown as Evidence[];

describe('a cause that a model states', () => {
  const cause: Claim = {
    kind: 'cause',
    text: 'It starts here.',
    evidence: [1, 2, 3],
    blames: { service: 'ledger', commit: 'c'.repeat(40) },
    confidence: 0.95,
  };
  const blame: Claim = {
    kind: 'blame',
    text: 'It is ledger.',
    evidence: [2],
    blames: { service: 'ledger' },
    confidence: 1,
  };
  const looked = new Set([1, 2, 3, 4]);
  const tried = { tried: 'Looked before the commit.', survived: true };
  const outcomeOf = (claims: readonly Claim[]) =>
    decideRootCause({
      alerted: ['shop'],
      findings: claims.map(
        (claim, index) => ({ ...claim, id: `${index}`, service: index === 0 ? 'ledger' : 'shop' }) as Finding,
      ),
      evidence: rows,
      ruledOut: [],
      nextChecks: [],
    }).outcome;

  it('counts in full when a look of its own did not refute it', () => {
    const { claims, problem } = judgeCauses([cause, blame], { ...tried, evidence: [4] }, looked);

    expect(problem).toBeNull();
    expect(outcomeOf(claims)).toBe('confirmed');
  });

  it.each([
    ['nobody tried to refute', null, mostUntested, 'likely'],
    ['was tested by rows that it was given', { ...tried, evidence: [5, 6] }, mostUntested, 'likely'],
    ['was tested against what it rests on itself', { ...tried, evidence: [1, 2] }, mostUntested, 'likely'],
    [
      'its own test speaks against',
      { ...tried, evidence: [4], survived: false },
      mostRefuted,
      'inconclusive',
    ],
  ])(
    'that %s is lowered, and with every caller’s blame still no more than that',
    (_, refutation, most, outcome) => {
      const { claims, problem } = judgeCauses([cause, blame], refutation, looked);

      expect(claims[0]?.confidence).toBe(most);
      expect(claims[1]).toEqual(blame);
      expect(problem).not.toBeNull();
      expect(outcomeOf(claims)).toBe(outcome);
    },
  );

  it('is the one that was tested where there are several: the one it was surest of', () => {
    const other = { ...cause, confidence: 0.9, blames: { service: 'mailer' } };

    const { claims, problem, limit } = judgeCauses([other, cause], { ...tried, evidence: [4] }, looked);

    expect(claims.map((claim) => claim.confidence)).toEqual([mostUntested, 0.95]);
    expect(problem).toBeNull();
    expect(limit).toContain('one of its causes alone');
  });

  it('is never raised', () => {
    expect(judgeCauses([{ ...cause, confidence: 0.1 }], null, looked).claims[0]?.confidence).toBe(0.1);
  });
});

describe('a look that ended at a limit', () => {
  const reached = { limit: 'turns', of: 'agent', words: '3 turns' } as const;

  it('says what was seen, what is open and what comes next, and cites it', () => {
    const hypotheses = [
      { statement: 'The pool is too small.', test: '', verdict: 'open' as const, evidence: [] },
    ];
    const { claim, stopped } = partialFinding(reached, rows, {
      nextChecks: ['Read the diff.'],
      reasoning: { hypotheses, refutation: null },
    });

    expect(claim).toEqual({
      kind: 'partial',
      text: 'Stopped at 3 turns: 3 pieces of evidence were seen (metric 1, trace 1, change 1), the last one “Row 3”; still open: The pool is too small; next: Read the diff.',
      evidence: [1, 2, 3],
      confidence: 0,
    });
    expect(stopped.sentence).toBe(claim.text);
  });

  it('decides nothing', () => {
    const { claim } = partialFinding(reached, rows, { nextChecks: [] });
    const finding = { ...claim, id: 'f', service: 'ledger' } as Finding;

    const decision = decideRootCause({
      alerted: ['ledger'],
      findings: [finding],
      evidence: rows,
      ruledOut: [],
      nextChecks: [],
    });

    expect(decision).toMatchObject({ outcome: 'inconclusive', service: null, ruledOut: [] });
  });
});

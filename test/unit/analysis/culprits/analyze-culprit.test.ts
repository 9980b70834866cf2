import { describe, expect, it } from 'vitest';
import {
  analyzeCulprit,
  answerCulprit,
  type CulpritInput,
} from '../../../../src/analysis/culprits/analyze-culprit.ts';
import { BadRequest } from '../../../../src/analysis/requests/request.ts';

type Candidate = CulpritInput['candidates'][number];

function candidate(sha: string, time: number, more: Partial<Candidate> = {}): Candidate {
  return {
    sha,
    time,
    subject: 'Change',
    body: '',
    files: [[`src/${sha}.c`, 20, 3]],
    hunks: [],
    added_identifiers: { other: 2 },
    removed_identifiers: {},
    ...more,
  };
}

const crowd = Array.from({ length: 12 }, (_, n) => candidate(`c${n}`, 1000 + n));

function ask(texts: Partial<CulpritInput>, ...special: readonly Candidate[]): CulpritInput {
  return { id: 'x', incident_time: 5000, candidates: [...crowd, ...special], ...texts };
}
const first = (input: CulpritInput) => analyzeCulprit(input).ranking[0];

describe('ranking commits against a text', () => {
  it('finds the commit that brought in the name that the error gives, and says so', () => {
    const culprit = candidate('bad', 900, { added_identifiers: { ledger_flush_all: 3 } });

    const found = first(ask({ error_text: 'panic: ledger_flush_all: no such ledger' }, culprit));

    expect(found?.sha).toBe('bad');
    expect(found?.score).toBeGreaterThan(0.5);
    expect(found?.reasons.join(' ')).toContain('`ledger_flush_all`');
  });

  it('follows the trace to the file and function that a commit changed, though later commits moved the line', () => {
    const error_text = '  at flushLedger (src/ledger/flush.js:240:7)\n  at main (src/main.js:3:1)';
    const culprit = candidate('bad', 900, {
      files: [['src/ledger/flush.js', 12, 2]],
      hunks: [['src/ledger/flush.js', 100, 2, 100, 12, ['function', 'flushLedger']]],
    });
    const elsewhere = candidate('far', 901, {
      files: [['src/ledger/flush.js', 12, 2]],
      hunks: [['src/ledger/flush.js', 700, 2, 700, 12, ['function', 'closeLedger']]],
    });
    const mover = candidate('mover', 4000, {
      files: [['src/ledger/flush.js', 130, 0]],
      hunks: [['src/ledger/flush.js', 5, 0, 5, 130, ['import']]],
    });

    const { ranking } = analyzeCulprit(ask({ error_text }, culprit, elsewhere, mover));

    expect(ranking[0]?.sha).toBe('bad');
    expect(ranking[0]?.reasons[0]).toBe(
      'changes `flushLedger in src/ledger/flush.js`, where the trace points',
    );
  });

  it('holds what was made after the incident for unlikely', () => {
    const late = candidate('late', 6000, { added_identifiers: { ledger_flush_all: 3 } });
    const early = candidate('early', 900, { added_identifiers: { ledger_flush_all: 3 } });

    const { ranking } = analyzeCulprit(ask({ error_text: 'ledger_flush_all failed' }, late, early));

    expect(ranking[0]?.sha).toBe('early');
    expect(ranking.find((one) => one.sha === 'late')?.reasons).toContain('made after the incident began');
  });

  it('does not depend on the order of the candidates, and shares one probability among them and none of them', () => {
    const input = ask(
      { report_text: 'ledger: flush fails\n\nThe ledger is not flushed.' },
      candidate('bad', 900, { subject: 'ledger: flush later' }),
    );

    const answer = analyzeCulprit(input);

    expect(analyzeCulprit({ ...input, candidates: input.candidates.toReversed() })).toEqual(answer);
    const sum = answer.ranking.reduce((all, one) => all + one.score, 0);
    expect(sum).toBeGreaterThan(0.3);
    expect(sum).toBeLessThan(1);
    expect(answer.ranking[0]?.sha).toBe('bad');
  });

  it.each([
    ['no text', ''],
    ['a text of something else', 'disk full on node 7'],
  ])('holds the only candidate for unlikely that nothing speaks for: %s', (_what, error_text) => {
    const alone = { id: 'x', incident_time: 5000, error_text, candidates: [candidate('alone', 4999)] };
    const large = { ...alone, candidates: [candidate('large', 4999, { files: [['src/b.c', 90_000, 1]] })] };

    expect(first(alone)).toMatchObject({ sha: 'alone', reasons: [] });
    expect(first(alone)?.score).toBeLessThan(0.05);
    expect(first(large)?.score).toBeLessThan(0.1);
  });

  it('favours none by much when the text says nothing', () => {
    expect(first(ask({ error_text: '' }))?.score).toBeLessThan(0.2);
  });

  it('tells the commit that brings a name in from one that only moves it', () => {
    const moves = candidate('moves', 901, {
      added_identifiers: { ledger_flush_all: 3 },
      removed_identifiers: { ledger_flush_all: 3 },
    });
    const brings = candidate('brings', 900, { added_identifiers: { ledger_flush_all: 3 } });

    expect(first(ask({ error_text: 'ledger_flush_all: no such ledger' }, moves, brings))?.sha).toBe('brings');
  });

  it('gives little for words that any failure is told in', () => {
    const generic = candidate('generic', 900, { added_identifiers: { detected: 2, memory: 2 } });
    const special = candidate('special', 901, { added_identifiers: { ledger: 2 } });

    const found = first(ask({ error_text: 'detected memory leaks of ledger' }, generic, special));

    expect(found?.sha).toBe('special');
  });

  it('takes what stands in quotes for a name, however short', () => {
    const named = candidate('named', 900, { added_identifiers: { ttl: 1 } });

    const [answer] = analyzeCulprit(ask({ error_text: "KeyError: 'ttl'" }, named)).ranking;

    expect(answer?.sha).toBe('named');
  });

  it('takes addresses and sums for no names', () => {
    const noise = candidate('noise', 900, { added_identifiers: { x7f8a57eae667: 1, deadbeef01: 1 } });
    const culprit = candidate('bad', 901, { added_identifiers: { ledger: 1, release: 1 } });

    const error_text = 'leak of ledger at 0x7f8a57eae667, release deadbeef01';

    expect(first(ask({ error_text }, noise, culprit))?.sha).toBe('bad');
  });
});

describe('a request to rank commits', () => {
  it('may come without hunks, identifiers and texts, and with binary files', () => {
    const answer = answerCulprit({
      id: 1,
      candidates: [{ sha: 'a', time: 1, files: [['logo.png', '-', '-']] }],
    });

    expect(answer.ranking).toEqual([{ sha: 'a', score: expect.any(Number) as number, reasons: [] }]);
  });

  it('may say null for whatever may be missing', () => {
    const nothing = {
      subject: null,
      body: null,
      files: null,
      hunks: null,
      added_identifiers: null,
      removed_identifiers: null,
    };

    const { ranking } = answerCulprit({
      id: 1,
      incident_time: null,
      error_text: 'ledger_flush_all failed',
      report_text: null,
      candidates: [
        { sha: 'a', time: 1, ...nothing },
        {
          sha: 'b',
          time: 2,
          ...nothing,
          hunks: [['a.c', 1, 1, 1, 1, null]],
          added_identifiers: { ledger_flush_all: 1 },
        },
      ],
    });

    expect(ranking.map(({ sha }) => sha)).toEqual(['b', 'a']);
  });

  it('has no ranking without candidates, and is refused without a list of them', () => {
    expect(answerCulprit({ id: 1, candidates: [] })).toEqual({ ranking: [] });
    expect(() => answerCulprit({ id: 1 })).toThrow(BadRequest);
  });
});

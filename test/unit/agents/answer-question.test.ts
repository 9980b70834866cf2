import { describe, expect, it } from 'vitest';
import { answerFromRecord } from '../../../src/agents/answer-question.ts';
import type { Evidence } from '../../../src/domain/evidence.ts';
import { aPlan, aPlanBody } from '../../support/builders.ts';

const plan = aPlan({
  body: aPlanBody({ evidence: [1, 3], risk: { class: 'medium', reasons: ['changes code'] } }),
});

function row(number: number, summary: string, change: Partial<Evidence> = {}): Evidence {
  return {
    number,
    incidentId: plan.incidentId,
    investigationId: null,
    at: new Date('2026-01-01T10:00:00Z'),
    kind: 'metric',
    service: 'ledger',
    title: '',
    summary,
    query: '',
    data: {},
    empty: false,
    ...change,
  };
}

const evidence = [
  row(1, 'The error ratio of ledger rose to 0.4.'),
  row(2, 'Latency of ledger stayed at 30 ms.'),
  row(3, 'New log text in ledger: token expired.', { kind: 'log' }),
  row(4, 'Connections to the database of ledger: none.', { empty: true }),
];
const ask = (question: string, rows = evidence) => answerFromRecord(question, plan, rows);

describe('an answer from the record', () => {
  it('puts the evidence first that shares the rarer words of the question', () => {
    const said = ask('Was the token of ledger expired?');

    expect(said.evidence[0]).toBe(3);
    expect(said.text).toContain('What the evidence says to that:\n• Evidence 3 (log, ledger): New log text');
  });

  it('falls back on what the plan rests on, and says so', () => {
    const said = ask('Quo vadis');

    expect(said.evidence).toEqual([1, 3]);
    expect(said.text).toContain('Nothing on record answers that in its own words. The plan rests on:');
  });

  it('cites nothing that was looked for and not found', () => {
    expect(ask('How many connections has the database?').evidence).not.toContain(4);
  });

  it('cites a few rows, however many there are', () => {
    const many = Array.from({ length: 30 }, (_, n) => row(n + 1, `timeout number ${n}`));

    expect(ask('Why a timeout?', many).evidence).toEqual([1, 2, 3, 4]);
  });

  it.each([
    ['How do we undo this?', 'To undo it: Revert the revert.'],
    ['Is it SAFE?', 'Risk: medium; changes code.'],
    ['How do you know that it helped', 'It has helped when HighErrorRatio no longer holds: ratio > 0.1'],
    ['What does it change?', 'Revert aaaaaaa'],
  ])('answers “%s” from the plan itself', (question, expected) => {
    expect(ask(question).text).toContain(expected);
  });

  it('says that nothing measures a plan without an expression', () => {
    const blind = aPlan({ body: aPlanBody({ verification: { alert: '', expression: '', series: {} } }) });

    expect(answerFromRecord('Can we measure it?', blind, []).text).toContain('people judge');
  });

  it('makes nothing up where nothing is on record', () => {
    expect(ask('Why?', [])).toEqual({
      text: 'Nothing on record answers that in its own words. The plan rests on:',
      evidence: [],
    });
  });
});

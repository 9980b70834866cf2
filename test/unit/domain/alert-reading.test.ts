import { describe, expect, it } from 'vitest';
import { splitComparison } from '../../../src/domain/alert-expression.ts';
import { isWorse, judgeReading } from '../../../src/domain/alert-reading.ts';

const series = { service: 'ledger', instance: 'a:1' };
const sample = (value: number | null, labels = series as Record<string, string>) => ({ labels, value });

describe('reading an alert expression', () => {
  const above = splitComparison('ratio > 0.05 and traffic > 1');

  it('holds while the whole expression has the series', () => {
    expect(judgeReading(series, above, [sample(0.4)], [sample(0.4)])).toEqual({ value: 0.4, state: 'holds' });
  });

  it('has recovered when the measure is there and good', () => {
    expect(judgeReading(series, above, [], [sample(0.01)])).toEqual({ value: 0.01, state: 'recovered' });
  });

  it('is unknown when there is no measure', () => {
    expect(judgeReading(series, above, [], []).state).toBe('unknown');
    expect(judgeReading(series, above, [], [sample(null)]).state).toBe('unknown');
  });

  it('is unknown when the measure is still bad and only the condition beside it stopped applying', () => {
    expect(judgeReading(series, above, [], [sample(1)]).state).toBe('unknown');
  });

  it('never takes the absence of an expression of another shape for recovery', () => {
    expect(judgeReading(series, splitComparison('a > 1 or b > 2'), [], []).state).toBe('unknown');
  });

  it('compares only labels that both sides have', () => {
    expect(judgeReading({ service: 'ledger' }, above, [sample(0.4)], [sample(0.4)]).state).toBe('holds');
    expect(
      judgeReading(series, above, [sample(0.4, { service: 'mailer' })], [sample(0.4, { service: 'mailer' })])
        .state,
    ).toBe('unknown');
  });

  it('reads the worst of several series in the sense of the comparison', () => {
    const below = splitComparison('up < 1');

    expect(judgeReading({ service: 'ledger' }, below, [], [sample(1), sample(0)]).value).toBe(0);
    expect(judgeReading({ service: 'ledger' }, above, [], [sample(0.01), sample(0.02)]).value).toBe(0.02);
  });
});

describe('a measure that got worse', () => {
  const over = splitComparison('errors > 0.1');
  const under = splitComparison('free < 100');

  it.each([
    ['far past where it was', over, 0.4, 0.7, true],
    ['just past one and a half times as far', over, 0.4, 0.5501, true],
    ['not quite that', over, 0.4, 0.549, false],
    ['better', over, 0.4, 0.2, false],
    ['the same', over, 0.4, 0.4, false],
    ['over the threshold from just past it, by a hair', over, 0.101, 0.12, false],
    ['over the threshold from just past it, by a real amount', over, 0.101, 0.16, true],
    ['over the threshold from the good side, by a real amount', over, 0.05, 0.16, true],
    ['back on the good side', over, 0.4, 0.09, false],
    ['further down where low is bad, by half the threshold', under, 60, 10, false],
    ['further down where low is bad, by more', under, 90, 20, true],
    ['up where low is bad', under, 60, 90, false],
    ['silent before', over, null, 0.9, false],
    ['silent now', over, 0.4, null, false],
    ['equality, which has no magnitude', splitComparison('up == 0'), 0, 0, false],
    ['inequality, which has no magnitude', splitComparison('up != 1'), 0, -9, false],
    ['an expression of another shape', splitComparison('a > 1 or b > 2'), 1, 9, false],
  ])('%s', (_, comparison, before, now, expected) => {
    expect(isWorse(comparison, before, now)).toBe(expected);
  });
});

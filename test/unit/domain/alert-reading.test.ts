import { describe, expect, it } from 'vitest';
import { splitComparison } from '../../../src/domain/alert-expression.ts';
import { judgeReading } from '../../../src/domain/alert-reading.ts';

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

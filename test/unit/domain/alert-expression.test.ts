import { describe, expect, it } from 'vitest';
import { splitComparison, splitRatio } from '../../../src/domain/alert-expression.ts';

describe('taking an alert expression apart', () => {
  it.each([
    ['up == 0', 'up', '==', 0],
    ['a / b > 0.05\n  and sum(rate(c[1m])) > 1', 'a / b', '>', 0.05],
    ['a > 1 unless b', 'a', '>', 1],
    ['rate(x{a=">5"}[5m]) > 0.05', 'rate(x{a=">5"}[5m])', '>', 0.05],
    ['(a / b) >= bool 1e3', '(a / b)', '>=', 1000],
    [
      'histogram_quantile(0.99, sum by (le) (rate(h[1m]))) > 1',
      'histogram_quantile(0.99, sum by (le) (rate(h[1m])))',
      '>',
      1,
    ],
  ])('%s', (expression, left, operator, threshold) => {
    expect(splitComparison(expression)).toEqual({ left, operator, threshold });
  });

  it.each(['absent(up)', 'a > b', 'a > 1 or b > 2', '1 < a < 2', 'a and b'])(
    'leaves %s whole',
    (expression) => {
      expect(splitComparison(expression)).toBeNull();
    },
  );
});

describe('taking a share apart', () => {
  it('splits at the one division outside the brackets', () => {
    expect(splitRatio('sum by (s) (rate(bad{p="/x"}[1m])) / sum by (s) (rate(all[1m]))')).toEqual({
      numerator: 'sum by (s) (rate(bad{p="/x"}[1m]))',
      denominator: 'sum by (s) (rate(all[1m]))',
    });
  });

  it.each(['a', 'a / b / c', 'a / b * 100', 'a / on (x) b', '1 - a / b'])('leaves %s whole', (expression) => {
    expect(splitRatio(expression)).toBeNull();
  });
});

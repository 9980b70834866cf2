import { describe, expect, it } from 'vitest';
import { createPromqlChecker } from '../../../src/adapters/lezer-promql/promql-checker.ts';

const checker = createPromqlChecker();
const check = (expression: string) => checker.check(expression);

describe('an expression', () => {
  it.each([
    'up',
    'sum by (service) (rate(http_requests_total{status=~"5.."}[5m])) / sum by (service) (rate(http_requests_total[5m]))',
    'histogram_quantile(0.99, sum by (service, le) (rate(http_request_duration_seconds_bucket[5m])))',
    'max_over_time(rate(x[5m])[1h:1m]) > bool 2',
    'a / on (pod) group_left (node) b offset 1d',
    '{__name__=~"jvm_.*",service="x"}',
    'x{a="[9w] (("}',
  ])('that is right passes: %s', (expression) => {
    expect(check(expression)).toBeNull();
  });

  it.each([
    ['sum(rate(x[5m])', 1, 16, 'ends too early', '"(" is not closed'],
    ['sum by (a (x)', 1, 11, 'Something is missing', '"(" is not closed'],
    ['x{a=b}', 1, 5, '"b" is no value', '{label="value"}'],
    ['rate(x)', 1, 5, 'rate needs a range', 'rate(metric[5m])'],
    ['nosuch(x)', 1, 1, '"nosuch" is no function', 'name'],
    ['up\n  / foo bar', 2, 9, '"bar" is not expected', 'form is'],
    ['x)', 1, 2, '")" is not expected', 'was not opened'],
    ['', 1, 1, 'is empty', 'metric'],
    ['rate(x[30d])', 1, 6, 'more than 7 days', 'shorter'],
    ['x offset 2w', 1, 1, 'more than 7 days', 'shorter'],
    ['count({a=~".+"})', 1, 7, 'every series', 'Name a metric'],
  ])('that is wrong is answered with place and remedy: %s', (expression, line, column, problem, hint) => {
    expect(check(expression)).toMatchObject({
      line,
      column,
      problem: expect.stringContaining(problem),
      hint: expect.stringContaining(hint),
    });
  });
});

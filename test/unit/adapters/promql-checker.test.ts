import { describe, expect, it } from 'vitest';
import { createPromqlChecker } from '../../../src/adapters/lezer-promql/promql-checker.ts';

const checker = createPromqlChecker();
const check = (expression: string) => checker.check(expression, 241);

describe('an expression', () => {
  it.each([
    'up',
    'sum by (service) (rate(http_requests_total{status=~"5.."}[5m])) / sum by (service) (rate(http_requests_total[5m]))',
    'histogram_quantile(0.99, sum by (service, le) (rate(http_request_duration_seconds_bucket[5m])))',
    'max_over_time(rate(x[5m])[1h:1m]) > bool 2',
    'a / on (pod) group_left (node) b offset 1d',
    '{__name__=~"jvm_.*",service="x"}',
    'x{a="[9w] (("}',
    'rate(x[300])',
    'x offset -5m',
    'max_over_time(rate(x[5m])[6h:15s])',
    'max_over_time(rate(x[5m])[1h:])',
    '{job="shop"}',
    '{service=~"shop|cart"}',
    '{"metric.with.dots"}',
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

  it.each([
    ['max_over_time(vector(1)[7d:1ms])', 'steps by 15 s'],
    ['max_over_time(vector(1)[1h:14s])', 'steps by 15 s'],
    ['max_over_time(vector(1)[1h:0])', 'steps by 15 s'],
    ['max_over_time(vector(1)[7d:15s])', 'steps, at most 1,000,000'],
    ['max_over_time(vector(1)[7d:])', 'steps, at most 1,000,000'],
    ['max_over_time(max_over_time(vector(1)[1h:1m])[1h:1m])', 'more than one subquery'],
    ['max_over_time(x[1h:1m]) / max_over_time(y[1h:1m])', 'more than one subquery'],
    ['max_over_time(rate(x[4d])[4d:1h])', 'more than 7 days'],
    ['rate(x[4d] offset 4d)', 'more than 7 days'],
    ['rate(x[691200])', 'more than 7 days'],
    ['x offset -8d', 'more than 7 days'],
    ['max_over_time(vector(1)[4d:1h] offset 4d)', 'more than 7 days'],
    ['rate(x[1d * 30])', 'no plain duration'],
    ['max_over_time(x[1h:step()])', 'steps by 15 s'],
    ['x offset -(9d)', 'no plain duration'],
    ['m @ 0', '"@"'],
    ['rate(m[5m] @ end())', '"@"'],
    ['{__name__=~"(.+)"}', 'every series'],
    ['{__name__=~"..*"}', 'every series'],
    ['{__name__=~"http_.*"}', 'every series'],
    ['{"__name__"=~".+"}', 'every series'],
    ['{"__na\\u006de__"=~"up"}', 'every series'],
    ['{__name__!=""}', 'every series'],
    ['{job=~".+|shop"}', 'every series'],
    ['{job!="shop"}', 'every series'],
    ['{job=""}', 'every series'],
    ['{}', 'every series'],
  ])('that would cost the server too much is refused: %s', (expression, problem) => {
    expect(check(expression)).toMatchObject({ problem: expect.stringContaining(problem) });
  });

  it('may look further into detail where fewer points are asked for', () => {
    expect(checker.check('max_over_time(x[7d:15s])', 20)).toBeNull();
    expect(checker.check('max_over_time(x[7d:15s])', 25)).toMatchObject({
      problem: expect.stringContaining('1,008,000 steps'),
    });
  });

  it('has its selectors named once, bare', () => {
    expect(checker.selectors('rate(x{a="b"}[5m] offset 1d) / rate(x{a="b"}[5m]) + y')).toEqual([
      'x{a="b"}',
      'y',
    ]);
    expect(checker.selectors('vector(1)')).toEqual([]);
  });
});

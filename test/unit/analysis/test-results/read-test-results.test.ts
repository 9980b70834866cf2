import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readTestResults } from '../../../../src/analysis/test-results/read-test-results.ts';
import type { TestReport } from '../../../../src/analysis/test-results/test-report.ts';

const captured = (name: string): string =>
  readFileSync(new URL(`../../../fixtures/test-reports/${name}`, import.meta.url), 'utf8');

function read(text: string, cut = false): TestReport {
  const report = readTestResults(text, cut);
  if (report === null) throw new Error('no format was recognised');
  return report;
}

const node = { file: 'cart.test.mjs', line: 5, message: '240 == 225' };
const vitest = { file: 'cart.test.ts', line: 4, message: 'expected 240 to be 225 // Object.is equality' };

/** Made by the runners themselves: node 24, vitest 5, pytest, go 1.19. */
const runs: readonly [
  file: string,
  counts: Partial<TestReport>,
  failure: { name: string; file: string; line: number; message: string },
][] = [
  ['node-tap.txt', { format: 'tap', passed: 2, skipped: 2 }, { name: 'takes the discount off', ...node }],
  [
    'node-junit.txt',
    { format: 'junit', passed: 2, failed: 2, skipped: 2 },
    { name: 'cart takes the discount off', ...node },
  ],
  [
    'node-spec.txt',
    { format: 'node-spec', passed: 2, skipped: 2 },
    { name: 'takes the discount off', ...node },
  ],
  [
    'vitest.json',
    { format: 'jest-json', total: 4, passed: 1, failed: 2, skipped: 1 },
    { name: 'cart takes the discount off', ...vitest },
  ],
  [
    'vitest-junit.xml',
    { format: 'junit', total: 4, passed: 1, failed: 2, skipped: 1 },
    { name: 'cart.test.ts cart > takes the discount off', ...vitest },
  ],
  [
    'vitest-tap.txt',
    { format: 'tap', total: 4, passed: 1, failed: 2, skipped: 1 },
    { name: 'takes the discount off', ...vitest },
  ],
  [
    'pytest.txt',
    { format: 'pytest', total: 4, passed: 1, failed: 2, skipped: 1 },
    {
      name: 'test_cart.py::test_takes_the_discount_off',
      file: 'test_cart.py',
      line: 10,
      message: 'assert 240 == 225',
    },
  ],
  [
    'pytest-junit.xml',
    { format: 'junit', total: 4, passed: 1, failed: 2, skipped: 1 },
    {
      name: 'test_cart test_takes_the_discount_off',
      file: 'test_cart.py',
      line: 10,
      message: 'assert 240 == 225',
    },
  ],
  [
    'go-test.json',
    { format: 'go-json', total: 4, passed: 2, failed: 1, skipped: 1 },
    {
      name: 'example.com/cart TestTotal/discount',
      file: 'cart_test.go',
      line: 11,
      message: 'total = 240, want 225',
    },
  ],
  [
    'go-test.txt',
    { format: 'go-text', total: 4, passed: 2, failed: 1, skipped: 1 },
    { name: 'TestTotal/discount', file: 'cart_test.go', line: 11, message: 'total = 240, want 225' },
  ],
];

describe('what a test runner printed', () => {
  it.each(runs)('%s is read with its counts and where each failure is', (file, counts, failure) => {
    const report = read(captured(file));

    expect(report).toMatchObject({ ...counts, cut: false });
    const found = report.failures.find((one) => one.name === failure.name);
    expect(found).toMatchObject({ file: failure.file, line: failure.line });
    expect(found?.message).toContain(failure.message);
  });

  it.each(runs)('%s that ends early tells what is there, and that it is not whole', (file, { format }) => {
    const text = captured(file);

    const report = read(text.slice(0, Math.floor(text.length * 0.12)));

    expect(report).toMatchObject({ format, cut: true });
  });

  it.each(runs)('%s is found between other output and colours', (file, counts) => {
    const report = read(`> shop@1.0.0 test\n> run\n\n\u001b[32mstarted\u001b[0m\n${captured(file)}\ndone\n`);

    expect(report).toMatchObject({ ...counts, cut: false });
  });

  it.each(runs)('%s cut anywhere never throws', (file) => {
    const text = captured(file);

    for (let at = 0; at < text.length; at += 97)
      expect(() => readTestResults(text.slice(at, at + 900))).not.toThrow();
  });

  it('is nothing when no runner is recognised', () => {
    expect(readTestResults('hello\nworld\n')).toBeNull();
  });

  it('says that it was cut when the run was', () => {
    expect(read(captured('node-tap.txt'), true).cut).toBe(true);
  });
});

describe('hostile reports', () => {
  it('know no entity but the five of the standard, so nothing grows', () => {
    const bomb = `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>
      <testsuite><testcase name="&b; &lt;ok&gt;"><failure message="&b;"/></testcase></testsuite>`;

    expect(read(bomb).failures).toEqual([{ name: '&b; <ok>', message: '&b;', stack: '' }]);
  });

  it('do not make an object of their own kind', () => {
    const report = read(
      '<testsuite><testcase __proto__="1" name="constructor"><failure/></testcase></testsuite>',
    );

    expect(report.failures[0]?.name).toBe('constructor');
    expect(({} as Record<string, unknown>)['name']).toBeUndefined();
  });

  it('are bounded: names, messages, stacks and how many', () => {
    const long = 'x'.repeat(50_000);
    const cases = Array.from(
      { length: 3_000 },
      () =>
        `<testcase name="${long.slice(0, 500)}"><failure message="m">${long.slice(0, 3_000)}</failure></testcase>`,
    );

    const report = read(`<testsuite>${cases.join('')}</testsuite>`);

    expect(report.cut).toBe(true);
    expect(report.failures.length).toBe(50);
    expect(JSON.stringify(report).length).toBeLessThan(200_000);
  });

  it.each([
    ['one long line', `not ok 1 - ${'a '.repeat(400_000)}`],
    ['blanks', `ok 1${' '.repeat(400_000)}x`],
    ['open brackets', `<testsuite>${'<testcase '.repeat(40_000)}`],
    ['quotes', `<testsuite a='${'"\''.repeat(100_000)}`],
    ['equal signs', `${'='.repeat(200_000)} 1 passed`],
    ['underscores', `=== test session starts ===\n${'_'.repeat(200_000)}`],
    [
      'frames',
      `<testsuite><testcase name="n"><failure>${'at ('.repeat(100_000)}</failure></testcase></testsuite>`,
    ],
    ['events', `{"Action":"run","Action":"${'{'.repeat(100_000)}`],
    ['numbers', `ℹ tests 1\n✖ ${'1.'.repeat(200_000)}ms)`],
  ])('of %s are read in no time', (_, text) => {
    const startedAt = performance.now();

    readTestResults(text);

    expect(performance.now() - startedAt).toBeLessThan(1_500);
  });
});

describe('TAP of any producer', () => {
  it('misses tests that were planned and did not come', () => {
    expect(read('1..3\nok 1 - a\nok 2 - b\n')).toMatchObject({ total: 2, passed: 2, cut: true });
  });

  it('counts what is to do as skipped, and a test with subtests as those', () => {
    const text =
      '1..2\n# Subtest: a\n    ok 1 - x\n    not ok 2 - y\n    1..2\nnot ok 1 - a\nnot ok 2 - later # TODO not yet\n';

    expect(read(text)).toMatchObject({ total: 3, passed: 1, failed: 1, skipped: 1, cut: false });
  });

  it('ends where it bails out', () => {
    expect(read('1..2\nok 1\nBail out! no database\n').cut).toBe(true);
  });
});

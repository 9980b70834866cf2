import { describe, expect, it } from 'vitest';
import { readTestResults } from '../../../../src/analysis/test-results/read-test-results.ts';

const texts = {
  jest: `FAIL src/sum.test.js
  ✕ adds 1 + 2 (5 ms)
  ✓ adds (1 ms)

  ● adds 1 + 2

    expect(received).toBe(expected)

      at Object.<anonymous> (src/sum.test.js:4:21)

Test Suites: 1 failed, 1 total
Tests:       1 failed, 1 passed, 2 total
`,
  vitest: ` RUN  v3.0.0 /work

 ❯ a.test.ts (2 tests | 1 failed) 5ms
   × adds 3ms
     → expected 3 to be 4 // Object.is equality

 Test Files  1 failed (1)
      Tests  1 failed | 1 passed (2)
`,
  mocha: `
  cart
    ✔ adds
    1) takes off

  1 passing (5ms)
  1 failing

  1) cart takes off:
     AssertionError: 1 == 2
      at Context.<anonymous> (test/cart.js:5:10)
`,
  unittest: `.F
======================================================================
FAIL: test_a (test_x.T.test_a)
----------------------------------------------------------------------
Traceback (most recent call last):
  File "/work/test_x.py", line 5, in test_a
    self.assertEqual(1, 2)
AssertionError: 1 != 2

----------------------------------------------------------------------
Ran 2 tests in 0.001s

FAILED (failures=1)
`,
  surefire: `[ERROR] Tests run: 3, Failures: 1, Errors: 0, Skipped: 0, Time elapsed: 0.05 s <<< FAILURE! - in CartTest
[ERROR]   CartTest.total:12 expected:<3> but was:<4>
[ERROR] Tests run: 3, Failures: 1, Errors: 0, Skipped: 0
`,
  pytestQuiet: `F.                                                                       [100%]
=================================== FAILURES ===================================
_________________________________ test_a[x - y] _________________________________

    def test_a():
>       assert 1 == 2
E       assert 1 == 2

test_x.py:2: AssertionError
=========================== short test summary info ============================
FAILED test_x.py::test_a[x - y] - assert 1 == 2
1 failed, 1 passed in 0.02s
`,
  goPanic: `=== RUN   TestA
--- FAIL: TestA (0.00s)
panic: boom [recovered]
	panic: boom

goroutine 7 [running]:
own.TestA(0x0)
	/work/a_test.go:5 +0x25
FAIL	own	0.004s
FAIL
`,
} as const;

describe('what a runner prints without a reporter', () => {
  it.each([
    ['jest', 'jest-text', 2, { name: 'adds 1 + 2', file: 'src/sum.test.js', line: 4 }],
    ['vitest', 'vitest-text', 2, { name: 'adds', message: 'expected 3 to be 4 // Object.is equality' }],
    ['mocha', 'mocha', 2, { name: 'cart takes off', file: 'test/cart.js', line: 5 }],
    ['unittest', 'unittest', 2, { name: 'test_a (test_x.T.test_a)', file: 'test_x.py', line: 5 }],
    ['surefire', 'surefire', 3, { name: 'CartTest.total', file: 'CartTest.java', line: 12 }],
    ['pytestQuiet', 'pytest', 2, { name: 'test_x.py::test_a[x - y]', message: 'assert 1 == 2', line: 2 }],
    ['goPanic', 'go-text', 1, { message: 'panic: boom', file: 'a_test.go', line: 5 }],
  ] as const)('is read: %s', (key, format, total, failure) => {
    const report = readTestResults(texts[key], false, 1);

    expect(report).toMatchObject({ format, total, passed: total - 1, failed: 1, cut: false });
    expect(report?.failures[0]).toMatchObject(failure);
  });

  it.each([
    [
      'mocha',
      `  cart
    1) takes off

  0 passing (5ms)
  1 failing

  1) cart
       takes off:

      AssertionError: 1 == 2
`,
      'cart takes off',
    ],
    [
      'go',
      'panic: boom\n\ngoroutine 7 [running]:\nown.work()\n\t/work/a.go:5 +0x25\nFAIL\town\t0.004s\nFAIL\n',
      'own',
    ],
    ['go', '# own\n./a.go:3: no\nFAIL\town [build failed]\nFAIL\n', 'own'],
  ])('names what fails, over several rows or outside of a test: %s', (_, text, name) => {
    expect(readTestResults(text, false, 1)?.failures).toMatchObject([{ name }]);
  });

  it('is no test where a name begins as in a log', () => {
    const text = texts.pytestQuiet.replace('FAILED test_x', 'ERROR root:x\nFAILED test_x');

    expect(readTestResults(text, false, 1)?.failures).toHaveLength(1);
  });
});

describe('several formats in one text', () => {
  const spec =
    'ok 3 retries\n✖ adds (1.2ms)\nℹ tests 1\nℹ pass 0\nℹ fail 1\n\n✖ failing tests:\n\ntest at a.test.js:3:1\n✖ adds (1.2ms)\n  AssertionError: 1 == 2\n';
  const tap = 'TAP version 13\nnot ok 1 - a\n1..1\n';
  const forged = '<testsuite tests="5" failures="0"><testcase name="x"/><testcase name="y"/></testsuite>\n';

  it('a line of the program that looks like TAP is not TAP', () => {
    expect(readTestResults(spec, false, 1)).toMatchObject({ format: 'node-spec', failed: 1 });
    expect(readTestResults('ok 3 retries\n', false, 0)).toBeNull();
  });

  it('a plan in the output of a program counts less than the tests themselves', () => {
    expect(readTestResults(`1..3\nok 1 order\n${texts.pytestQuiet}`, false, 1)).toMatchObject({
      format: 'pytest',
    });
  });

  it.each([1, undefined])(
    'a passing report inside of a failing one does not turn it around (exit code %s)',
    (exitCode) => {
      expect(readTestResults(tap + forged, false, exitCode)).toMatchObject({ format: 'tap', failed: 1 });
    },
  );

  it('a report that contradicts the exit code is none', () => {
    expect(readTestResults(forged, false, 1)).toBeNull();
    expect(readTestResults(tap, false, 0)).toBeNull();
    expect(readTestResults(tap + forged, false, 0)).toMatchObject({ format: 'junit', passed: 2 });
  });

  it('JSON keeps its details when something is printed after it', () => {
    const json = JSON.stringify({
      numFailedTests: 1,
      testResults: [
        {
          name: '/work/a.test.js',
          status: 'failed',
          assertionResults: [{ fullName: 'a "}" b', status: 'failed', failureMessages: ['no'] }],
        },
      ],
    }).replace('"numFailedTests"', '"numFailedTestSuites":1,"numFailedTests"');

    expect(readTestResults(`${json}\nclose {}\n`, false, 1)?.failures).toMatchObject([
      { name: 'a "}" b', file: 'a.test.js' },
    ]);
  });

  it.each([
    ['quotes that do not end', `{"testResults"${'\\"'.repeat(200_000)}`],
    ['braces', `{"testResults":${'{'.repeat(400_000)}`],
    ['rows that look like a summary', 'Tests: 1 1 1 total x\n'.repeat(20_000)],
    ['blanks before a summary', `${' '.repeat(300_000)}Tests 1 (`],
    ['numbered rows', `  1 failing\n${'  1) a\n'.repeat(50_000)}`],
    ['one long row', `  1 failing\n  1) ${'a:1 '.repeat(100_000)}`],
    ['counts', `1 passed ${'in 1'.repeat(100_000)}`],
  ])('of %s are read in no time', (_, text) => {
    const startedAt = performance.now();

    readTestResults(text, false, 1);

    expect(performance.now() - startedAt).toBeLessThan(1_500);
  });
});

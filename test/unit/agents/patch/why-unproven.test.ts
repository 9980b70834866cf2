import { describe, expect, it } from 'vitest';
import { whyFewerPass, whyUnproven } from '../../../../src/agents/patch/why-unproven.ts';
import type { CommandResult } from '../../../../src/ports/sandbox.ts';

const ended = (output: string, exitCode = 1): CommandResult => ({
  reason: 'exit',
  exitCode,
  output,
  durationMs: 400,
});
const spec = (passed: readonly string[], failed: readonly string[] = []) =>
  ended(
    [
      ...passed.map((name) => `✔ ${name} (1.2ms)`),
      ...failed.map((name) => `✖ ${name} (1.2ms)`),
      `ℹ tests ${passed.length + failed.length}`,
      `ℹ pass ${passed.length}`,
      `ℹ fail ${failed.length}`,
      ...(failed.length === 0 ? [] : ['', '✖ failing tests:', '']),
      ...failed.flatMap((name) => ['test at test/a.test.js:4:1', `✖ ${name} (1.2ms)`, '  8 == 15']),
    ].join('\n'),
    failed.length > 0 ? 1 : 0,
  );
const tap = (...rows: readonly string[]) =>
  ended(
    ['TAP version 13', ...rows, `1..${rows.length}`].join('\n'),
    rows.some((row) => row.startsWith('not')) ? 1 : 0,
  );
const pytest = (passed: number, failed: readonly string[] = []) =>
  ended(
    [
      '=========== test session starts ===========',
      ...(failed.length === 0 ? [] : ['=========== short test summary info ===========']),
      ...failed.map((name) => `FAILED tests/test_a.py::${name} - assert 8 == 15`),
      `=========== ${failed.length > 0 ? `${failed.length} failed, ` : ''}${passed} passed in 0.12s ===========`,
    ].join('\n'),
    failed.length > 0 ? 1 : 0,
  );
const added = [{ path: 'test/a.test.js', content: "test('three of five', () => {});" }];
const why = (before: CommandResult, after: CommandResult, more: object = {}) =>
  whyUnproven({ before, after, lackedServer: false, added: [], ...more });

const failing = spec(['nothing'], ['three of five']);
const mended = spec(['nothing', 'three of five']);

describe('what shows that a patch repairs something', () => {
  it.each([
    ['named tests that pass now', failing, mended],
    ['named tests in TAP', tap('not ok 1 - three of five'), tap('ok 1 - three of five')],
    ['as many tests, where only numbers are told', pytest(3, ['test_five']), pytest(4)],
  ])('is %s', (_, before, after) => {
    expect(why(before, after)).toBeNull();
  });

  it('is a test that came with it, by its name', () => {
    const other = [{ path: 'test/b.test.js', content: "it('four of five', () => {});" }];
    const nameless = [{ path: 'test/c.test.js', content: 'for (const name of names) test(name, run);' }];

    expect(why(failing, mended, { added })).toBeNull();
    expect(why(failing, mended, { added: other })).toMatch(/nothing says that “four of five”/);
    expect(why(failing, mended, { added: nameless })).toMatch(/no name of a test/);
  });

  it.each([
    [
      'a time-out before',
      { ...failing, reason: 'timeout' as const, exitCode: null },
      mended,
      /not done in time/,
    ],
    [
      'an end by a signal before',
      { ...failing, reason: 'signal' as const, exitCode: null },
      mended,
      /by signal/,
    ],
    ['a check that passed before', mended, mended, /does not fail without/],
    ['a program that may not be run', { ...failing, exitCode: 126 }, mended, /could not be run/],
    ['a program that is not there', { ...failing, exitCode: 127 }, mended, /could not be run/],
    ['an exit code alone before', ended('no'), mended, /names no test that fails/],
    ['an exit code alone after', failing, ended('yes', 0), /tells of no test/],
    ['a run that ends before its summary', failing, ended('✔ three of five (1ms)', 0), /tells of no test/],
    ['fewer tests than before', failing, spec(['three of five']), /only 1 tests pass.*of 2/],
    [
      'a file told as a test, since it ended without a word',
      failing,
      spec(['nothing', 'test/a.test.js']),
      /“three of five” fails.*nothing says/,
    ],
    [
      'a test file that could not be loaded before',
      spec([], ['test/a.test.js']),
      spec(['test/a.test.js']),
      /before any test of it has run/,
    ],
    [
      'a test that is left out now',
      tap('not ok 1 - three of five'),
      tap('ok 1 - three of five # SKIP', 'ok 2 - other'),
      /“three of five” fails/,
    ],
    ['fewer numbers than before', pytest(3, ['test_five']), pytest(3), /only 3 tests pass.*of 4/],
  ])('is not %s', (_, before, after, reason) => {
    expect(why(before, after)).toMatch(reason);
  });

  it('is not a failing for want of a server that was there afterwards', () => {
    expect(why(failing, mended, { lackedServer: true })).toMatch(/server .* was not there/);
  });

  it('needs as many of the service’s own tests as before, told by a report', () => {
    expect(whyFewerPass(failing, mended)).toBeNull();
    expect(whyFewerPass(undefined, mended)).toBeNull();
    expect(whyFewerPass(mended, spec(['nothing']))).toMatch(/only 1 of the service/);
    expect(whyFewerPass(failing, ended('fine', 0))).toMatch(/tell of no test/);
  });
});

import { describe, expect, it } from 'vitest';
import { learnLevel, readLevel } from '../../../../src/analysis/logs/learn-level.ts';

describe('severity', () => {
  it.each([
    ['2026-11-22 10:00:00 ERROR pay: declined', 'error'],
    ['2026-11-22 10:00:00 INFO pay: 3 failed logins so far', 'info'],
    ['[Sun Nov 22 10:00:00 2026] [warn] child is slow to die', 'warn'],
    ['{"level":"info","msg":"retry failed, trying on"}', 'info'],
    ['ts=1 level=error msg="x"', 'error'],
    ['W1122 10:00:00.000001  1 a.go:1] failed once', 'warn'],
    ['2026-09-29 02:03:48, Info   CBS    Failed to get next element', 'info'],
  ])('is what the logger states: %s', (line, level) => {
    expect(readLevel(line)).toBe(level);
  });

  it.each([
    ['connection refused by peer', 'error'],
    ['there was an error in the list', 'error'],
    ['retrying in 2 s', 'warn'],
    ['listening on 8080', 'info'],
    ['import done with 0 errors', 'info'],
    ['ended, error=null', 'info'],
  ])('is learnt from the words where nothing is stated: %s', (line, level) => {
    expect(learnLevel(line)).toBe(level);
    expect(readLevel(line)).toBe(level);
  });
});

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const program = path.resolve(import.meta.dirname, '../../../setup/print-test-counts.mjs');
const folder = mkdtempSync(path.join(tmpdir(), 'warroom-counts-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

type Test = { status: 'passed' | 'failed' | 'skipped' | 'pending' | 'todo'; fullName: string };

function count(suites: { status: string; tests: Test[] }[]): { exitCode: number | null; lines: string[] } {
  const tests = suites.flatMap((suite) => suite.tests);
  const report = {
    numPassedTests: tests.filter((test) => test.status === 'passed').length,
    numFailedTests: tests.filter((test) => test.status === 'failed').length,
    testResults: suites.map((suite, index) => ({
      name: `file-${index}.test.ts`,
      status: suite.status,
      assertionResults: suite.tests,
    })),
  };
  const file = path.join(folder, 'results.json');
  writeFileSync(file, JSON.stringify(report));
  return run(file);
}

function run(file: string): { exitCode: number | null; lines: string[] } {
  const { status, stdout } = spawnSync(process.execPath, [program, file], { encoding: 'utf8' });
  return { exitCode: status, lines: stdout.trimEnd().split('\n') };
}

const passed: Test = { status: 'passed', fullName: 'adds' };
const failed: Test = { status: 'failed', fullName: 'divides' };
const skipped: Test = { status: 'skipped', fullName: 'multiplies' };

describe('the closing line of .ci/run', () => {
  it('is honest about a pass', () => {
    expect(count([{ status: 'passed', tests: [passed, passed] }])).toEqual({
      exitCode: 0,
      lines: ['2 passed, 0 failed'],
    });
  });

  it('is honest about a failure', () => {
    expect(count([{ status: 'failed', tests: [passed, failed] }])).toEqual({
      exitCode: 1,
      lines: ['1 passed, 1 failed'],
    });
  });

  it('names what was skipped', () => {
    expect(count([{ status: 'passed', tests: [passed, skipped] }])).toEqual({
      exitCode: 0,
      lines: ['skipped: multiplies', '1 passed, 0 failed, 1 skipped'],
    });
  });

  it('counts a file that could not be loaded as a failure', () => {
    const { exitCode, lines } = count([
      { status: 'passed', tests: [passed] },
      { status: 'failed', tests: [] },
    ]);

    expect(exitCode).toBe(1);
    expect(lines.at(-1)).toBe('1 passed, 1 failed');
  });

  it('fails when no test ran', () => {
    expect(count([])).toEqual({ exitCode: 1, lines: ['0 passed, 0 failed'] });
  });

  it('fails when there is no report', () => {
    expect(run(path.join(folder, 'absent.json'))).toEqual({ exitCode: 1, lines: ['0 passed, 1 failed'] });
  });
});

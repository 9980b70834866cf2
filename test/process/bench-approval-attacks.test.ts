import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';

interface Measured {
  readonly name: string;
  readonly results: readonly { readonly metric: string; readonly value: number; readonly ok: boolean }[];
}

/** A few classes and two guards; the whole takes minutes. */
describe('the benchmark approval-attacks', () => {
  let measured: Measured;
  const figure = (metric: string) => measured.results.find((one) => one.metric === metric);

  beforeAll(async () => {
    const argv = ['bench/main.ts', 'approval-attacks', '--short', '--json'];
    const { stdout } = await promisify(execFile)(process.execPath, argv, { maxBuffer: 10_000_000 });
    measured = JSON.parse(stdout) as Measured;
  }, 240_000);

  it('sees nothing executed without a valid approval, and everything that had one', () => {
    expect(figure('attempts')?.value).toBeGreaterThan(20);
    expect(figure('executed')).toMatchObject({ value: 0, ok: true });
    expect(figure('executed-not-shown')).toMatchObject({ value: 0, ok: true });
    expect(figure('legitimate-executed')).toMatchObject({ ok: true });
    expect(figure('legitimate-executed')?.value).toBeGreaterThan(2);
  });

  it('notices a guard that is switched off', () => {
    expect(figure('guards-proven')).toMatchObject({ value: 2, ok: true });
  });
});

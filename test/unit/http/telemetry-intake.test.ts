import { describe, expect, it } from 'vitest';
import { createTelemetryIntake, TelemetryOverload } from '../../../src/http/telemetry/telemetry-intake.ts';
import type { LogLine } from '../../../src/ports/log-source.ts';

const line: LogLine = { at: new Date(0), service: 'billing', level: 'info', message: 'm', fields: {} };

function lines(count: number): LogLine[] {
  return Array.from({ length: count }, () => line);
}

function slowStore() {
  const release = Promise.withResolvers<void>();
  let stored = 0;
  return {
    release: () => release.resolve(),
    fail: (error: Error) => release.reject(error),
    stored: () => stored,
    async appendLogs(rows: readonly LogLine[]) {
      await release.promise;
      stored += rows.length;
    },
    appendSpans: () => Promise.resolve(),
    appendChanges: () => Promise.resolve(),
    trim: () => Promise.resolve(),
  };
}

describe('telemetry that outruns its store', () => {
  it('is refused beyond the bound, and what was answered is stored', async () => {
    const store = slowStore();
    const intake = createTelemetryIntake(store, 100);
    const first = intake.logs(lines(60));
    const second = intake.logs(lines(40));

    await expect(intake.logs(lines(1))).rejects.toThrow(TelemetryOverload);
    expect(store.stored()).toBe(0);
    store.release();
    await Promise.all([first, second]);

    expect(store.stored()).toBe(100);
    await intake.logs(lines(1));
    expect(store.stored()).toBe(101);
  });

  it('is not refused for its size alone', async () => {
    const store = slowStore();
    store.release();

    await createTelemetryIntake(store, 100).logs(lines(500));

    expect(store.stored()).toBe(500);
  });

  it('makes room again when the store failed, and says that it failed', async () => {
    const store = slowStore();
    const intake = createTelemetryIntake(store, 100);
    const failed = intake.logs(lines(100));
    store.fail(new Error('disk full'));

    await expect(failed).rejects.toThrow('disk full');
    await expect(intake.logs(lines(100))).rejects.toThrow('disk full');
  });
});

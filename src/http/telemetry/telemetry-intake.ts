import { WarroomError } from '../../platform/errors.ts';
import type { PushedChange } from '../../ports/change-source.ts';
import type { LogLine } from '../../ports/log-source.ts';
import type { TelemetryStore } from '../../ports/telemetry-store.ts';
import type { Span } from '../../ports/trace-source.ts';

/** More telemetry waits to be stored than memory should hold. */
export class TelemetryOverload extends WarroomError {
  readonly code = 'telemetry_overload';
  override readonly retryable = true;
}

export interface TelemetryIntake {
  /** Resolves once stored. @throws TelemetryOverload */
  logs(lines: readonly LogLine[]): Promise<void>;
  /** Resolves once stored. @throws TelemetryOverload */
  spans(spans: readonly Span[]): Promise<void>;
  /** Resolves once stored. @throws TelemetryOverload */
  changes(changes: readonly PushedChange[]): Promise<void>;
}

/**
 * Every answer to a shipper means "stored": the store joins pushes that arrive while it writes, so waiting for it is
 * cheap and nothing is kept here that a crash would lose. What this adds is the bound: when senders outrun the database
 * they are told to come again (503) instead of filling memory. A push is never refused while nothing waits.
 */
export function createTelemetryIntake(store: TelemetryStore, maxWaitingRows = 50_000): TelemetryIntake {
  let waitingRows = 0;

  async function bounded<Row>(
    rows: readonly Row[],
    append: (rows: readonly Row[]) => Promise<void>,
  ): Promise<void> {
    if (rows.length === 0) return;
    if (waitingRows > 0 && waitingRows + rows.length > maxWaitingRows)
      throw new TelemetryOverload(
        `More than ${maxWaitingRows} rows of telemetry wait to be stored.`,
        'Send this batch again in a few seconds; if it lasts, sample at the sender or give the database more room.',
      );
    waitingRows += rows.length;
    try {
      await append(rows);
    } finally {
      waitingRows -= rows.length;
    }
  }

  return {
    logs: (lines) => bounded(lines, (rows) => store.appendLogs(rows)),
    spans: (spans) => bounded(spans, (rows) => store.appendSpans(rows)),
    changes: (changes) => bounded(changes, (rows) => store.appendChanges(rows)),
  };
}

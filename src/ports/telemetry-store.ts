import type { PushedChange } from './change-source.ts';
import type { LogLine } from './log-source.ts';
import type { Span } from './trace-source.ts';

/** Where pushed telemetry goes; what is older than its keep is dropped by `trim`. */
export interface TelemetryStore {
  appendLogs(lines: readonly LogLine[]): Promise<void>;
  appendSpans(spans: readonly Span[]): Promise<void>;
  /** The same change again is nothing new; of one without a time, the same within five minutes. */
  appendChanges(changes: readonly PushedChange[]): Promise<void>;
  trim(olderThan: Date): Promise<void>;
}

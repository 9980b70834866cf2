import { WarroomError } from '../../platform/errors.ts';
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
}

interface Limits {
  /** Rows that may wait besides those being stored. */
  readonly maxWaiting: number;
  /** Rows of one append. */
  readonly maxPerAppend: number;
}

const defaults: Limits = { maxWaiting: 50_000, maxPerAppend: 2_000 };

/**
 * Group commit: the first request is stored at once; what arrives meanwhile goes together in the next append. So a lone
 * request waits for nothing, a flood of small ones costs few appends, and every answer still means "stored".
 */
export function createTelemetryIntake(store: TelemetryStore, limits: Partial<Limits> = {}): TelemetryIntake {
  const bounds = { ...defaults, ...limits };
  return {
    logs: createGroupAppend((rows: readonly LogLine[]) => store.appendLogs(rows), bounds),
    spans: createGroupAppend((rows: readonly Span[]) => store.appendSpans(rows), bounds),
  };
}

interface Waiter<Row> {
  readonly rows: readonly Row[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

function createGroupAppend<Row>(
  append: (rows: readonly Row[]) => Promise<void>,
  { maxWaiting, maxPerAppend }: Limits,
): (rows: readonly Row[]) => Promise<void> {
  let waiting: Waiter<Row>[] = [];
  let waitingRows = 0;
  let busy = false;

  async function work(): Promise<void> {
    busy = true;
    while (waiting.length > 0) {
      const group = takeGroup();
      try {
        const rows = group.flatMap((waiter) => waiter.rows);
        for (let from = 0; from < rows.length; from += maxPerAppend)
          await append(rows.slice(from, from + maxPerAppend));
        for (const waiter of group) waiter.resolve();
      } catch (error) {
        for (const waiter of group) waiter.reject(error);
      }
    }
    busy = false;
  }

  function takeGroup(): Waiter<Row>[] {
    let count = 0;
    let rows = 0;
    while (count < waiting.length && (count === 0 || rows < maxPerAppend)) {
      rows += waiting[count]?.rows.length ?? 0;
      count += 1;
    }
    const group = waiting.slice(0, count);
    waiting = waiting.slice(count);
    waitingRows -= rows;
    return group;
  }

  return (rows) => {
    if (rows.length === 0) return Promise.resolve();
    if (waitingRows > 0 && waitingRows + rows.length > maxWaiting)
      return Promise.reject(
        new TelemetryOverload(
          `More than ${maxWaiting} rows of telemetry wait to be stored.`,
          'Send this batch again in a few seconds; if it lasts, sample at the sender or give the database more room.',
        ),
      );
    waitingRows += rows.length;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    waiting.push({ rows, resolve, reject });
    if (!busy) void work();
    return promise;
  };
}

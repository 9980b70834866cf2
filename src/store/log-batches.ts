import type { LogLine } from '../ports/log-source.ts';
import { toJsonb } from './storable.ts';

/** A line inside its batch; the service stands once, on the row. */
interface StoredLine {
  readonly at: number;
  readonly level: LogLine['level'];
  readonly message: string;
  readonly traceId?: string;
  readonly fields: LogLine['fields'];
}

export function encodeLines(lines: readonly LogLine[]): string {
  const stored = lines.map((line): StoredLine => {
    const { service: _service, at, ...rest } = line;
    return { at: at.getTime(), ...rest };
  });
  return toJsonb(stored);
}

export function decodeLines(text: string, service: string): LogLine[] {
  return (JSON.parse(text) as StoredLine[]).map(({ at, ...rest }) => ({
    at: new Date(at),
    service,
    ...rest,
  }));
}

/** Gathers batches, newest first, and keeps the newest `limit` lines of [from, to). */
export function newestLines(from: Date, to: Date, limit: number) {
  let kept: LogLine[] = [];
  let truncated = false;

  return {
    add(batch: readonly LogLine[]): void {
      const inside = batch.filter((line) => line.at >= from && line.at < to);
      // Batches come newest first, so an older one goes before; the sort is stable and keeps the order of arrival.
      kept = [...inside, ...kept].sort((a, b) => a.at.getTime() - b.at.getTime());
      if (kept.length > limit) {
        truncated = true;
        kept = kept.slice(kept.length - limit);
      }
    },
    /** True when no line at or before `lastAt` can be among the newest. */
    hasAllAfter(lastAt: Date): boolean {
      const oldest = kept[0];
      const full = kept.length >= limit && oldest !== undefined && lastAt < oldest.at;
      if (full) truncated = true;
      return full;
    },
    take: () => ({ lines: kept, truncated }),
  };
}

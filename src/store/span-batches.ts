import type { Span } from '../ports/trace-source.ts';

interface Trace {
  startUs: number;
  readonly spans: Map<string, Span>;
}

/** Gathers batches, newest first, and keeps the newest whole traces of [from, to), at most `limit` spans. */
export function newestTraces(from: Date, to: Date, limit: number) {
  const fromUs = from.getTime() * 1000;
  const toUs = to.getTime() * 1000;
  const traces = new Map<string, Trace>();
  let count = 0;
  let cutEarly = false;

  function add(batch: readonly Span[]): void {
    for (const span of batch) {
      if (span.startUs < fromUs || span.startUs >= toUs) continue;
      const trace = traces.get(span.traceId) ?? { startUs: span.startUs, spans: new Map<string, Span>() };
      traces.set(span.traceId, trace);
      // An exporter that got no answer sends its spans again.
      const key = `${span.service} ${span.spanId} ${span.kind}`;
      if (!trace.spans.has(key)) count += 1;
      trace.spans.set(key, span);
      trace.startUs = Math.min(trace.startUs, span.startUs);
    }
  }

  function newestFirst(): Trace[] {
    return [...traces.values()].sort((a, b) => b.startUs - a.startUs);
  }

  return {
    add,
    /** True when no trace with a span after `at` only in older batches could still be among the newest. */
    hasAllAfter(at: Date): boolean {
      if (count < limit) return false;
      let spans = 0;
      for (const trace of newestFirst()) {
        spans += trace.spans.size;
        if (spans >= limit) {
          cutEarly = at.getTime() * 1000 < trace.startUs;
          return cutEarly;
        }
      }
      return false;
    },
    take(): { spans: Span[]; truncated: boolean } {
      const taken: Span[] = [];
      for (const trace of newestFirst()) {
        const spans = [...trace.spans.values()].sort((a, b) => a.startUs - b.startUs);
        if (taken.length + spans.length > limit) {
          // A single trace larger than the limit is better cut than not shown.
          if (taken.length === 0) taken.push(...spans.slice(0, limit));
          return { spans: taken, truncated: true };
        }
        taken.push(...spans);
      }
      return { spans: taken, truncated: cutEarly };
    },
  };
}

import type { Span } from '../../ports/trace-source.ts';
import { operationOf } from './span-facts.ts';
import { childrenOf, type TraceIndex } from './trace-index.ts';

/** Time that a request could not have been shorter by less than: what happened beside it does not count. */
export interface PathPart {
  readonly service: string;
  readonly operation: string;
  readonly kind: Span['kind'];
  /** Milliseconds on the critical path that passed in these spans and in nothing below them. */
  readonly selfMs: number;
}

const deepest = 100;

/**
 * Where a request's time went, the largest part first. From its end backwards: whatever ended last before a moment is what
 * was waited for until then. Work that ran beside a longer call and asynchronous work that outlives its parent are left out.
 */
export function criticalPath(index: TraceIndex, root: Span): PathPart[] {
  const parts = new Map<string, { service: string; operation: string; kind: Span['kind']; selfMs: number }>();
  const add = (span: Span, us: number): void => {
    if (us <= 0) return;
    const operation = operationOf(span);
    const key = `${span.service}\u0000${operation}\u0000${span.kind}`;
    const known = parts.get(key) ?? { service: span.service, operation, kind: span.kind, selfMs: 0 };
    known.selfMs += us / 1000;
    parts.set(key, known);
  };
  const walk = (span: Span, from: number, to: number, depth: number): void => {
    let cursor = to;
    const below = depth > deepest ? [] : childrenOf(index, span);
    for (const child of below.toSorted((a, b) => endOf(b) - endOf(a))) {
      const [start, end] = [Math.max(from, child.startUs), Math.min(cursor, endOf(child))];
      if (end <= start) continue;
      // It went on beside what was waited for longer: only what lies before that is on the path.
      add(span, cursor - end);
      walk(child, start, end, depth + 1);
      cursor = start;
    }
    add(span, cursor - from);
  };
  walk(root, root.startUs, endOf(root), 0);
  return [...parts.values()].toSorted((a, b) => b.selfMs - a.selfMs);
}

function endOf(span: Span): number {
  return span.startUs + span.durationUs;
}

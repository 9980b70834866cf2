import type { Span } from '../../ports/trace-source.ts';
import { isCall, peerOf } from './span-facts.ts';

/** Spans with their links followed. */
export interface TraceIndex {
  readonly spans: readonly Span[];
  readonly services: ReadonlySet<string>;
  readonly byId: ReadonlyMap<string, Span>;
  readonly children: ReadonlyMap<string, readonly Span[]>;
  /** Entry spans without a known parent, by trace. */
  readonly roots: ReadonlyMap<string, readonly Span[]>;
}

/** @param names services of the catalogue, so that a call that nobody answered still has a callee */
export function indexTraces(spans: readonly Span[], names: Iterable<string> = []): TraceIndex {
  const services = new Set(names);
  const byId = new Map<string, Span>();
  const children = new Map<string, Span[]>();
  const roots = new Map<string, Span[]>();
  for (const span of spans) {
    services.add(span.service);
    byId.set(key(span.traceId, span.spanId), span);
  }
  for (const span of spans) {
    const parent = span.parentId === null ? undefined : byId.get(key(span.traceId, span.parentId));
    if (parent === undefined) append(roots, span.traceId, span);
    else append(children, key(parent.traceId, parent.spanId), span);
  }
  return { spans, services, byId, children, roots };
}

export function childrenOf(index: TraceIndex, span: Span): readonly Span[] {
  return index.children.get(key(span.traceId, span.spanId)) ?? [];
}

/** Calls that a span's service made while it ran, however deep in its own internal spans. */
export function callsOf(index: TraceIndex, span: Span): Span[] {
  const calls: Span[] = [];
  const queue = [...childrenOf(index, span)];
  const seen = new Set<Span>();
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    if (next.service !== span.service || seen.has(next)) continue;
    seen.add(next);
    if (isCall(next)) calls.push(next);
    for (const child of childrenOf(index, next)) queue.push(child);
  }
  return calls;
}

/** Who answered a call: the service of its child span, else what its attributes say; null for things like databases. */
export function calleeOf(index: TraceIndex, call: Span): { service: string; answer: Span | null } | null {
  for (const child of childrenOf(index, call)) {
    if (child.service !== call.service) return { service: child.service, answer: child };
  }
  const peer = peerOf(call, index.services);
  return peer === null || peer === call.service ? null : { service: peer, answer: null };
}

/** Entry spans without tracing on the client side hang directly under the caller's span. */
export function directAnswers(index: TraceIndex, span: Span): Span[] {
  return childrenOf(index, span).filter((child) => child.service !== span.service);
}

function key(traceId: string, spanId: string): string {
  return `${traceId}/${spanId}`;
}

function append<K, V>(map: Map<K, V[]>, at: K, value: V): void {
  const list = map.get(at);
  if (list === undefined) map.set(at, [value]);
  else list.push(value);
}

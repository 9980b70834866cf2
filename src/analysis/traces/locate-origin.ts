import type { Span } from '../../ports/trace-source.ts';
import { quantile } from '../series/robust-statistics.ts';
import { isCall, isEntry, operationOf, statusOf, verdictOf } from './span-facts.ts';
import { calleeOf, callsOf, directAnswers, type TraceIndex } from './trace-index.ts';

/**
 * How the failure looked where it began.
 * - `failed`: the service broke by itself.
 * - `rejected`: it answered "your request is wrong" (4xx): it or its caller is at fault.
 * - `slow`: the caller gave up on it and it was slower than before.
 * - `unanswered`: the caller got no answer and no span of it exists.
 * - `gave-up`: the caller gave up although the callee answered as fast as ever.
 */
export type OriginKind = 'failed' | 'rejected' | 'slow' | 'unanswered' | 'gave-up';

export interface ErrorOrigin {
  readonly service: string;
  readonly operation: string;
  readonly kind: OriginKind;
  readonly status: number | null;
  readonly text: string | null;
  readonly traceId: string;
  /** Services from the one that the outside called to the origin. */
  readonly path: readonly string[];
  /** What the outside got: a failure counts for more than a refusal. */
  readonly outcome: 'failed' | 'rejected';
}

/** Durations that each operation did not exceed in 95 % of the earlier requests, in microseconds. */
export function usualDurations(before: TraceIndex): Map<string, number> {
  const durations = new Map<string, number[]>();
  for (const span of before.spans) {
    if (!isEntry(span)) continue;
    const name = `${span.service} ${operationOf(span)}`;
    const list = durations.get(name);
    if (list === undefined) durations.set(name, [span.durationUs]);
    else list.push(span.durationUs);
  }
  return new Map([...durations].map(([name, list]) => [name, quantile(list, 0.95)]));
}

/** Where each failing trace began to fail: one origin a trace. */
export function locateOrigins(index: TraceIndex, usual: ReadonlyMap<string, number>): ErrorOrigin[] {
  const origins: ErrorOrigin[] = [];
  for (const roots of index.roots.values()) {
    for (const root of roots) {
      const outcome = verdictOf(root);
      const origin = outcome === 'ok' ? null : originBelow(index, usual, root, []);
      if (origin === null || outcome === 'ok') continue;
      origins.push({ ...origin, outcome });
      break;
    }
  }
  return origins;
}

function originBelow(
  index: TraceIndex,
  usual: ReadonlyMap<string, number>,
  span: Span,
  path: readonly string[],
): ErrorOrigin | null {
  const here = path.at(-1) === span.service ? path : [...path, span.service];
  if (path.length > 30) return null;
  const verdict = verdictOf(span);
  if (verdict === 'ok') return null;
  if (isCall(span)) return originOfCall(index, usual, span, here);

  let deepest: ErrorOrigin | null = null;
  for (const call of callsOf(index, span)) {
    if (verdictOf(call) === 'ok') continue;
    const origin = originOfCall(index, usual, call, here);
    if (origin !== null && rank(origin) > (deepest === null ? -1 : rank(deepest))) deepest = origin;
  }
  for (const answer of directAnswers(index, span)) {
    const origin = originBelow(index, usual, answer, here);
    if (origin !== null) deepest ??= origin;
  }
  return deepest ?? originAt(span, verdict, here);
}

function originOfCall(
  index: TraceIndex,
  usual: ReadonlyMap<string, number>,
  call: Span,
  path: readonly string[],
): ErrorOrigin | null {
  const callee = calleeOf(index, call);
  if (callee === null) return null;
  const below = [...path, callee.service];
  const verdict = verdictOf(call);
  if (callee.answer === null) {
    if (verdict === 'rejected') return { ...originAt(call, 'rejected', below), service: callee.service };
    return { ...originAt(call, 'failed', below), service: callee.service, kind: 'unanswered' };
  }
  const deeper = originBelow(index, usual, callee.answer, path);
  if (deeper !== null) return deeper;
  const bar = usual.get(`${callee.service} ${operationOf(callee.answer)}`);
  const slow = bar !== undefined && callee.answer.durationUs > bar * 1.5;
  if (slow)
    return { ...originAt(callee.answer, 'failed', below), kind: 'slow', text: call.errorText ?? null };
  return { ...originAt(call, 'failed', path), kind: 'gave-up' };
}

function originAt(span: Span, verdict: 'failed' | 'rejected', path: readonly string[]): ErrorOrigin {
  return {
    service: span.service,
    operation: operationOf(span),
    kind: verdict,
    status: statusOf(span),
    text: span.errorText ?? null,
    traceId: span.traceId,
    path,
    outcome: verdict,
  };
}

function rank(origin: ErrorOrigin): number {
  return origin.kind === 'failed' ? 3 : origin.kind === 'rejected' ? 1 : 2;
}

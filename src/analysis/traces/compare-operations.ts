import type { Span } from '../../ports/trace-source.ts';
import { exceedance } from '../series/compare-windows.ts';
import { mean, quantile, riseOfShare } from '../series/robust-statistics.ts';
import { isEntry, operationOf, statusOf, verdictOf } from './span-facts.ts';
import { calleeOf, callsOf, type TraceIndex } from './trace-index.ts';

interface Tally {
  count: number;
  failed: number;
  rejected: number;
  durations: number[];
  /** Milliseconds inside this service, calls to known services taken out. */
  own: number[];
  /** Milliseconds waited for each callee, summed over all requests. */
  waits: Map<string, number>;
  statuses: Map<number, number>;
  texts: Map<string, number>;
}

export interface OperationChange {
  readonly service: string;
  readonly operation: string;
  readonly before: OperationFacts;
  readonly after: OperationFacts;
  /** 0–1, how surely failures (5xx, errors) and rejections (4xx) rose. */
  readonly failureRise: number;
  readonly rejectionRise: number;
  /** Share of requests slower than 95 % of the earlier ones; 0.05 is unchanged. */
  readonly slowShare: number;
  readonly slowRise: number;
  /** Milliseconds that the mean grew by, inside the service and waiting for each callee. */
  readonly ownGrowthMs: number;
  readonly waitGrowthMs: Readonly<Record<string, number>>;
  /** Statuses and error texts that became more frequent. */
  readonly statuses: readonly number[];
  /** Success statuses that it answers now and did not before: well-formed, but not what callers knew. */
  readonly newSuccesses: readonly number[];
  readonly texts: readonly string[];
}

export interface OperationFacts {
  readonly count: number;
  readonly failed: number;
  readonly rejected: number;
  readonly meanMs: number;
  readonly p95Ms: number;
}

/** Every operation that a service answers, before and after. */
export function compareOperations(before: TraceIndex, after: TraceIndex): OperationChange[] {
  const was = tally(before);
  const is = tally(after);
  const names = new Set([...was.keys(), ...is.keys()]);
  return [...names].map((name) => {
    const [service = '', operation = ''] = name.split('\u0000');
    return changeOf(service, operation, was.get(name) ?? emptyTally(), is.get(name) ?? emptyTally());
  });
}

function changeOf(service: string, operation: string, was: Tally, is: Tally): OperationChange {
  const known = was.count >= 5;
  const slowShare = known ? exceedance(was.durations, is.durations) : 0;
  const waitGrowthMs: Record<string, number> = {};
  if (known && is.count > 0)
    for (const callee of new Set([...was.waits.keys(), ...is.waits.keys()]))
      waitGrowthMs[callee] =
        (is.waits.get(callee) ?? 0) / is.count - (was.waits.get(callee) ?? 0) / was.count;
  return {
    service,
    operation,
    before: factsOf(was),
    after: factsOf(is),
    failureRise: riseOfShare({ hits: was.failed, total: was.count }, { hits: is.failed, total: is.count }),
    rejectionRise: riseOfShare(
      { hits: was.rejected, total: was.count },
      { hits: is.rejected, total: is.count },
    ),
    slowShare,
    slowRise: known
      ? riseOfShare(
          { hits: Math.round(was.count * 0.07), total: was.count },
          { hits: Math.round(slowShare * is.count), total: is.count },
        )
      : 0,
    ownGrowthMs: known && is.count > 0 ? mean(is.own) - mean(was.own) : 0,
    waitGrowthMs,
    statuses: risen(was.statuses, was.count, is.statuses, is.count).filter((status) => status >= 400),
    newSuccesses: known
      ? risen(was.statuses, was.count, is.statuses, is.count, 0.6).filter((status) => status < 400)
      : [],
    texts: risen(was.texts, was.count, is.texts, is.count),
  };
}

function tally(index: TraceIndex): Map<string, Tally> {
  const tallies = new Map<string, Tally>();
  for (const span of index.spans) {
    if (!isEntry(span)) continue;
    const name = `${span.service}\u0000${operationOf(span)}`;
    const one = tallies.get(name) ?? emptyTally();
    tallies.set(name, one);
    one.count += 1;
    const verdict = verdictOf(span);
    if (verdict === 'failed') one.failed += 1;
    if (verdict === 'rejected') one.rejected += 1;
    const status = statusOf(span);
    if (status !== null) count(one.statuses, status);
    if (span.errorText !== undefined && span.errorText !== '') count(one.texts, span.errorText);
    const { ownMs, waits } = splitTime(index, span);
    one.durations.push(span.durationUs / 1000);
    one.own.push(ownMs);
    for (const [callee, ms] of waits) one.waits.set(callee, (one.waits.get(callee) ?? 0) + ms);
  }
  return tallies;
}

/** Where a request's time went: overlapping calls count once for the service itself, in full for each callee. */
function splitTime(index: TraceIndex, span: Span): { ownMs: number; waits: Map<string, number> } {
  const waits = new Map<string, number>();
  const intervals: [number, number][] = [];
  const end = span.startUs + span.durationUs;
  for (const call of callsOf(index, span)) {
    const callee = calleeOf(index, call);
    if (callee === null) continue;
    const from = Math.max(call.startUs, span.startUs);
    const to = Math.min(call.startUs + call.durationUs, end);
    if (to <= from) continue;
    intervals.push([from, to]);
    waits.set(callee.service, (waits.get(callee.service) ?? 0) + (to - from) / 1000);
  }
  return { ownMs: (span.durationUs - unionLength(intervals)) / 1000, waits };
}

function unionLength(intervals: readonly [number, number][]): number {
  let covered = 0;
  let reach = Number.NEGATIVE_INFINITY;
  for (const [from, to] of intervals.toSorted((a, b) => a[0] - b[0])) {
    if (to <= reach) continue;
    covered += to - Math.max(from, reach);
    reach = to;
  }
  return covered;
}

function risen<T>(
  was: ReadonlyMap<T, number>,
  wasTotal: number,
  is: ReadonlyMap<T, number>,
  isTotal: number,
  least = 0.3,
): T[] {
  return [...is]
    .map(([value, hits]) => ({
      value,
      hits,
      rise: riseOfShare({ hits: was.get(value) ?? 0, total: wasTotal }, { hits, total: isTotal }),
    }))
    .filter((entry) => entry.rise > least)
    .toSorted((a, b) => b.hits - a.hits)
    .slice(0, 5)
    .map((entry) => entry.value);
}

function factsOf(one: Tally): OperationFacts {
  return {
    count: one.count,
    failed: one.failed,
    rejected: one.rejected,
    meanMs: one.count === 0 ? 0 : mean(one.durations),
    p95Ms: one.count === 0 ? 0 : quantile(one.durations, 0.95),
  };
}

function emptyTally(): Tally {
  return {
    count: 0,
    failed: 0,
    rejected: 0,
    durations: [],
    own: [],
    waits: new Map(),
    statuses: new Map(),
    texts: new Map(),
  };
}

function count<T>(map: Map<T, number>, value: T): void {
  map.set(value, (map.get(value) ?? 0) + 1);
}

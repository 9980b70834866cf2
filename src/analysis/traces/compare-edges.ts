import type { Span } from '../../ports/trace-source.ts';
import { exceedance } from '../series/compare-windows.ts';
import { mean, riseOfShare } from '../series/robust-statistics.ts';
import { isCall, isEntry, verdictOf } from './span-facts.ts';
import { calleeOf, directAnswers, type TraceIndex } from './trace-index.ts';

export interface EdgeFacts {
  readonly calls: number;
  readonly failed: number;
  readonly rejected: number;
  /** Calls that no span of the callee answers. */
  readonly unanswered: number;
  readonly meanMs: number;
}

/** One caller and one callee, before and after. */
export interface EdgeChange {
  readonly caller: string;
  readonly callee: string;
  readonly before: EdgeFacts;
  readonly after: EdgeFacts;
  readonly failureRise: number;
  readonly rejectionRise: number;
  readonly slowShare: number;
  /** Calls a second, after over before, against how the caller's own requests changed; 1 is unchanged. */
  readonly callsPerRequest: number | null;
}

interface Tally {
  calls: number;
  failed: number;
  rejected: number;
  unanswered: number;
  durations: number[];
}

export function compareEdges(before: TraceIndex, after: TraceIndex): EdgeChange[] {
  const was = tally(before);
  const is = tally(after);
  const requestsBefore = requests(before);
  const requestsAfter = requests(after);
  return [...new Set([...was.keys(), ...is.keys()])].map((name) => {
    const [caller = '', callee = ''] = name.split('\u0000');
    const a = was.get(name) ?? empty();
    const b = is.get(name) ?? empty();
    const perBefore = a.calls / Math.max(requestsBefore.get(caller) ?? 0, 1);
    const perAfter = b.calls / Math.max(requestsAfter.get(caller) ?? 0, 1);
    return {
      caller,
      callee,
      before: facts(a),
      after: facts(b),
      failureRise: riseOfShare({ hits: a.failed, total: a.calls }, { hits: b.failed, total: b.calls }),
      rejectionRise: riseOfShare({ hits: a.rejected, total: a.calls }, { hits: b.rejected, total: b.calls }),
      slowShare: a.calls >= 5 ? exceedance(a.durations, b.durations) : 0,
      callsPerRequest: a.calls >= 5 && perBefore > 0 ? perAfter / perBefore : null,
    };
  });
}

function tally(index: TraceIndex): Map<string, Tally> {
  const tallies = new Map<string, Tally>();
  for (const span of index.spans) {
    if (isCall(span)) {
      const callee = calleeOf(index, span);
      if (callee === null) continue;
      add(tallies, span, callee.service, span, callee.answer === null);
    } else if (isEntry(span)) {
      for (const answer of directAnswers(index, span)) add(tallies, span, answer.service, answer, false);
    }
  }
  return tallies;
}

function add(tallies: Map<string, Tally>, from: Span, callee: string, call: Span, unanswered: boolean): void {
  const name = `${from.service}\u0000${callee}`;
  const one = tallies.get(name) ?? empty();
  tallies.set(name, one);
  one.calls += 1;
  const verdict = verdictOf(call);
  if (verdict === 'failed') one.failed += 1;
  if (verdict === 'rejected') one.rejected += 1;
  if (unanswered) one.unanswered += 1;
  one.durations.push(call.durationUs / 1000);
}

function requests(index: TraceIndex): Map<string, number> {
  const counts = new Map<string, number>();
  for (const span of index.spans)
    if (isEntry(span)) counts.set(span.service, (counts.get(span.service) ?? 0) + 1);
  return counts;
}

function facts(one: Tally): EdgeFacts {
  const { calls, failed, rejected, unanswered } = one;
  return { calls, failed, rejected, unanswered, meanMs: calls === 0 ? 0 : mean(one.durations) };
}

function empty(): Tally {
  return { calls: 0, failed: 0, rejected: 0, unanswered: 0, durations: [] };
}

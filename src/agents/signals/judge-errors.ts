import type { TroubleKind } from '../../analysis/culprits/symptoms.ts';
import { saturate } from '../../analysis/series/robust-statistics.ts';
import { isCall, isEntry } from '../../analysis/traces/span-facts.ts';
import { calleeOf } from '../../analysis/traces/trace-index.ts';
import type { Part } from './judgement.ts';
import { sayFailures, sayOrigin } from './say-signals.ts';
import type { OriginRise, TraceSignals } from './trace-signals.ts';

/** Shares of the guilt when a call is refused or gets no answer: telemetry alone cannot tell which side is wrong. */
const calleeGuilt: Record<OriginRise['kind'], number> = {
  failed: 1,
  slow: 1,
  rejected: 0.6,
  unanswered: 0.7,
  'gave-up': 0.15,
};

function guiltOfCallee(origin: OriginRise, traces: TraceSignals | null): number {
  const share = calleeGuilt[origin.kind];
  if (origin.kind === 'unanswered' && servesOthersWell(origin.service, traces)) return 0.15;
  if (origin.kind !== 'rejected') return share;
  const known = traces?.operations.find(
    (one) => one.service === origin.service && one.operation === origin.operation,
  );
  // Refusing what nobody asked before: it is the question that is new.
  return known !== undefined && known.before.count === 0 && known.after.count > 0 ? 0.25 : share;
}

/** While it leaves one caller without an answer it answers others, as fast and as well as before. */
function servesOthersWell(service: string, traces: TraceSignals | null): boolean {
  if (traces === null) return false;
  const served = traces.operations.filter((one) => one.service === service && one.after.count >= 5);
  if (!served.every((one) => one.slowRise <= 0.35 && one.failureRise <= 0.3)) return false;
  const { spans } = traces.index;
  const waiting = spans.filter((span) => {
    const callee = isCall(span) ? calleeOf(traces.index, span) : null;
    return callee !== null && callee.service === service && callee.answer === null;
  });
  const from = Math.min(...waiting.map((span) => span.startUs));
  const to = Math.max(...waiting.map((span) => span.startUs));
  const answered = spans.filter(
    (span) => isEntry(span) && span.service === service && span.startUs > from + 1e6 && span.startUs < to,
  );
  return answered.length >= 5;
}

/** Of the failing traces, how many begin here, and how many of those that run through here begin below. */
export function judgeErrors(service: string, traces: TraceSignals | null): Part {
  const kinds = new Map<TroubleKind, number>();
  const reasons: { text: string; weight: number }[] = [];
  const blamed = new Map<string, { count: number; guilt: number; reason: string }>();
  const total = (traces?.origins ?? []).reduce((sum, origin) => sum + origin.weight, 0);
  const mine: OriginRise[] = [];
  let guilt = 0;
  for (const origin of traces?.origins ?? []) {
    const caller = origin.path.at(-2) ?? null;
    const here = origin.service === service;
    const share = guiltOfCallee(origin, traces);
    if (here) {
      mine.push(origin);
      guilt += origin.weight * (caller === null ? 1 : origin.kind === 'gave-up' ? 1 - share : share);
      noteOrigin(kinds, origin);
      reasons.push({ text: sayOrigin(origin), weight: origin.outcome === 'failed' ? 0.9 : 0.4 });
    }
    const place = origin.path.indexOf(service);
    const next = origin.path[place + 1];
    if (place === -1 || next === undefined || here) continue;
    const entry = blamed.get(next) ?? {
      count: 0,
      guilt: 0,
      reason: `calls to ${next}: ${sayOrigin(origin)}`,
    };
    blamed.set(next, {
      ...entry,
      count: entry.count + origin.weight,
      // Farther up the path nobody but the one called can be at fault.
      guilt: entry.guilt + origin.weight * (caller === service ? share : 1),
    });
    if (caller === service && share < 1) {
      guilt += origin.weight * (1 - share);
      mine.push(origin);
      noteOrigin(kinds, origin);
    } else {
      kinds.set('errors', Math.max(kinds.get('errors') ?? 0, 0.3));
    }
  }
  const troubled = (traces?.operations ?? []).filter(
    (operation) =>
      operation.service === service && Math.max(operation.failureRise, operation.rejectionRise) > 0.3,
  );
  const seen = Math.max(0, ...troubled.map((one) => Math.max(one.failureRise, 0.8 * one.rejectionRise)));
  for (const one of troubled) reasons.push({ text: sayFailures(one), weight: seen * 0.95 });
  const through = [...blamed.values()].reduce((sum, one) => sum + one.count, 0);
  return {
    own: total === 0 ? 0 : (guilt / total) * saturate(total, 3),
    seen,
    blames: [...blamed].map(([callee, { count, guilt, reason }]) => ({
      service: callee,
      share: (guilt / Math.max(through, total * 0.5)) * saturate(count, 3),
      reason,
    })),
    kinds,
    reasons,
    origins: mine.toSorted((a, b) => b.weight - a.weight),
    troubled,
  };
}

function noteOrigin(kinds: Map<TroubleKind, number>, origin: OriginRise): void {
  const add = (kind: TroubleKind, weight: number): void => {
    kinds.set(kind, Math.max(kinds.get(kind) ?? 0, weight));
  };
  if (origin.kind === 'rejected') {
    add('rejections', 1);
    add('errors', 0.5);
    if (origin.status === 429) add('saturation', 0.7);
  } else if (origin.kind === 'gave-up') add('timeouts', 1);
  else if (origin.kind === 'slow') add('latency', 1);
  else add('errors', 1);
  if (
    origin.status === 504 ||
    origin.status === 408 ||
    /time[d ]?\s?-?out|timeout|no answer|deadline/i.test(origin.text ?? '')
  )
    add('timeouts', 0.9);
  if (
    origin.status === 503 ||
    /pool|queue|capacity|too many|exhaust|overload|busy|limit/i.test(origin.text ?? '')
  )
    add('saturation', 0.8);
}

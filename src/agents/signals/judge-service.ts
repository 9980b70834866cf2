import { saturate } from '../../analysis/change-points/robust-statistics.ts';
import type { TroubleKind } from '../../analysis/culprits/symptoms.ts';
import type { OperationChange } from '../../analysis/traces/compare-operations.ts';
import type { Alert } from '../../domain/alert.ts';
import { judgeAlerts } from './judge-alerts.ts';
import type { LogSignals } from './log-signals.ts';
import type { MetricSignals } from './metric-signals.ts';
import { sayAnswer, sayFailures, sayOrigin, saySlow, shorten } from './say-signals.ts';
import type { OriginRise, TraceSignals } from './trace-signals.ts';

export interface Blame {
  readonly service: string;
  /** 0–1, how much of this service's trouble comes from there. */
  readonly share: number;
  readonly reason: string;
}

/** What telemetry says of one service. */
export interface Judgement {
  readonly service: string;
  /** 0–1: something is wrong here, whoever caused it. */
  readonly abnormal: number;
  /** 0–1: it begins here. */
  readonly own: number;
  readonly blames: readonly Blame[];
  readonly kinds: ReadonlyMap<TroubleKind, number>;
  /** Phrases with numbers, strongest first. */
  readonly reasons: readonly string[];
  readonly origins: readonly OriginRise[];
  readonly troubled: readonly OperationChange[];
  /** It is slow rather than failing. */
  readonly slow: boolean;
}

export interface ServiceSignals {
  readonly traces: TraceSignals | null;
  readonly metrics: MetricSignals | null;
  readonly logs: LogSignals | null;
}

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
  if (origin.kind !== 'rejected') return share;
  const known = traces?.operations.find(
    (one) => one.service === origin.service && one.operation === origin.operation,
  );
  // Refusing what nobody asked before: it is the question that is new.
  return known !== undefined && known.before.count === 0 && known.after.count > 0 ? 0.25 : share;
}

export function judgeService(service: string, alerts: readonly Alert[], signals: ServiceSignals): Judgement {
  const { traces, metrics, logs } = signals;
  const kinds = new Map<TroubleKind, number>();
  const reasons: { text: string; weight: number }[] = [];
  const note = (kind: TroubleKind, weight: number): void => {
    kinds.set(kind, Math.max(kinds.get(kind) ?? 0, weight));
  };
  const say = (text: string, weight: number): void => void reasons.push({ text, weight });

  const errors = judgeErrors(service, traces);
  const latency = judgeLatency(service, traces);
  for (const [kind, weight] of [...errors.kinds, ...latency.kinds]) note(kind, weight);
  for (const reason of [...errors.reasons, ...latency.reasons]) say(reason.text, reason.weight);

  const changed = judgeAnswers(service, traces);
  let own = Math.max(errors.own * (1 - 0.5 * changed.blamed), latency.own, changed.own);
  let abnormal = Math.max(errors.seen, latency.seen, changed.own);
  if (changed.own > 0) {
    note('errors', 0.8);
    note('rejections', 0.5);
    for (const reason of changed.reasons) say(reason, 0.95);
  }
  for (const one of metrics?.signals ?? []) {
    if (one.score < 0.35) continue;
    say(one.text, one.score * 0.9);
    if (one.kind === 'down') {
      note('crash', one.score);
      note('errors', one.score);
      own = Math.max(own, 0.85 * one.score);
    } else if (one.kind === 'descriptor-leak' || one.kind === 'memory-leak') {
      note(one.kind, one.score);
      own = Math.max(own, (one.kind === 'descriptor-leak' ? 0.6 : 0.4) * one.score);
    } else if (one.kind === 'saturation' || one.kind === 'cpu') {
      note(one.kind, one.score * 0.7);
      if (latency.own > 0.3) own = Math.max(own, Math.min(0.9, latency.own + 0.15 * one.score));
    } else if (
      one.kind === 'errors' ||
      one.kind === 'rejections' ||
      one.kind === 'latency' ||
      one.kind === 'traffic'
    ) {
      note(one.kind, one.score);
      if (traces === null || traces.traces.after === 0) own = Math.max(own, 0.5 * one.score);
    }
    if (one.kind !== 'other' && one.kind !== 'requests')
      abnormal = Math.max(
        abnormal,
        one.score * (one.kind === 'memory-leak' || one.kind === 'cpu' ? 0.5 : 0.9),
      );
  }
  if (logs !== null && logs.score > 0.2) {
    abnormal = Math.max(abnormal, 0.75 * logs.score);
    const [first] = logs.templates;
    if (first !== undefined)
      say(`${first.change} log line "${shorten(first.text)}" ×${first.count}`, 0.7 * logs.score);
    if (logs.frames.length > 0) own = Math.max(own, errors.blames.length === 0 ? 0.5 : 0.2);
  }
  const alerted = judgeAlerts(service, alerts);
  for (const [kind, weight] of alerted) note(kind, weight);
  if (alerted.size > 0 || alerts.some((alert) => alert.labels['service'] === service)) {
    abnormal = Math.max(abnormal, 0.5);
    const leaking = alerted.has('descriptor-leak') || alerted.has('memory-leak');
    // An alert about growth is taken at its word, but not against what the series shows.
    const growing = metrics?.signals.some((one) => one.kind.endsWith('leak') && one.score > 0.1) ?? true;
    if (leaking) own = Math.max(own, growing ? 0.7 : 0.3);
    if (alerted.has('crash')) own = Math.max(own, 0.7);
    say('it alerted', 0.3);
  }
  const blames = mergeBlames([...errors.blames, ...latency.blames, ...changed.blames]);
  return {
    service,
    abnormal: Math.min(1, Math.max(abnormal, own)),
    own: Math.min(1, own),
    blames,
    kinds,
    reasons: reasons.toSorted((a, b) => b.weight - a.weight).map((reason) => reason.text),
    origins: errors.origins,
    slow: latency.own > errors.own,
    troubled: [...new Set([...errors.troubled, ...latency.troubled, ...changed.troubled])],
  };
}

/**
 * A service may break its callers with an answer that looks well: a success status that it never gave before, while a
 * caller fails by itself.
 */
function judgeAnswers(
  service: string,
  traces: TraceSignals | null,
): { own: number; blamed: number; blames: Blame[]; reasons: string[]; troubled: OperationChange[] } {
  const changed = (traces?.operations ?? []).filter((one) => one.newSuccesses.length > 0);
  const failing = new Set(
    (traces?.origins ?? [])
      .filter((one) => one.kind === 'failed' && one.weight > 2)
      .map((one) => one.service),
  );
  const hurt = (traces?.edges ?? []).filter((edge) => failing.has(edge.caller) && edge.after.calls > 0);
  const mine = changed.filter(
    (one) =>
      one.service === service && hurt.some((edge) => edge.callee === service && edge.caller !== service),
  );
  const blames = changed
    .filter((one) => hurt.some((edge) => edge.caller === service && edge.callee === one.service))
    .map((one) => ({ service: one.service, share: 0.7, reason: sayAnswer(one) }));
  return {
    own: mine.length > 0 ? 0.6 : 0,
    blamed: blames.length > 0 ? 1 : 0,
    blames,
    reasons: mine.map(sayAnswer),
    troubled: mine,
  };
}

interface Part {
  readonly own: number;
  readonly seen: number;
  readonly blames: readonly Blame[];
  readonly kinds: ReadonlyMap<TroubleKind, number>;
  readonly reasons: readonly { text: string; weight: number }[];
  readonly origins: readonly OriginRise[];
  readonly troubled: readonly OperationChange[];
}

/** Of the failing traces, how many begin here, and how many of those that run through here begin below. */
function judgeErrors(service: string, traces: TraceSignals | null): Part {
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

/** Of the time that requests got slower by, how much passed inside and how much waiting for whom. */
function judgeLatency(service: string, traces: TraceSignals | null): Part {
  const kinds = new Map<TroubleKind, number>();
  const reasons: { text: string; weight: number }[] = [];
  const blames: Blame[] = [];
  let own = 0;
  let seen = 0;
  const slow = (traces?.operations ?? []).filter(
    (one) => one.service === service && one.slowRise > 0.35 && one.after.meanMs > one.before.meanMs * 1.15,
  );
  slow.sort((a, b) => b.ownGrowthMs - a.ownGrowthMs);
  for (const one of slow) {
    const waits = Object.entries(one.waitGrowthMs).filter(([, ms]) => ms > 0);
    const waited = waits.reduce((sum, [, ms]) => sum + ms, 0);
    const inside = Math.max(0, one.ownGrowthMs);
    const growth = inside + waited;
    if (growth <= 0) continue;
    seen = Math.max(seen, one.slowRise);
    const relative = saturate(growth / Math.max(one.before.meanMs, 0.5), 0.8);
    let guilt = inside / growth;
    for (const [callee, ms] of waits) {
      const served = servedSlower(traces, callee);
      const share = (ms / growth) * (served ? 1 : 0.45);
      guilt += (ms / growth) * (served ? 0 : 0.4);
      blames.push({
        service: callee,
        share: share * one.slowRise * relative,
        reason: `${one.operation} waits ${ms.toFixed(0)} ms longer for ${callee}`,
      });
    }
    own = Math.max(own, guilt * one.slowRise * relative);
    if (guilt > 0.3) kinds.set('latency', Math.max(kinds.get('latency') ?? 0, guilt));
    reasons.push({ text: saySlow(one), weight: 0.85 * one.slowRise });
  }
  return { own: own * 0.95, seen, blames, kinds, reasons, origins: [], troubled: slow };
}

function servedSlower(traces: TraceSignals | null, service: string): boolean {
  return (traces?.operations ?? []).some((one) => one.service === service && one.slowRise > 0.3);
}

function mergeBlames(blames: readonly Blame[]): Blame[] {
  const merged = new Map<string, Blame>();
  for (const blame of blames) {
    const known = merged.get(blame.service);
    if (known === undefined || known.share < blame.share) merged.set(blame.service, blame);
  }
  return [...merged.values()].filter((one) => one.share > 0.05).toSorted((a, b) => b.share - a.share);
}

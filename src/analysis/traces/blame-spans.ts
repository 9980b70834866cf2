import { mean, median, quantile, riseOfShare, saturate } from '../series/robust-statistics.ts';
import { between, type SpanProfile } from './profile-spans.ts';

/** What traces hold against one service, each 0–1, with words for the largest. */
export interface SpanBlame {
  readonly service: string;
  /** Its share of the time that requests now take longer. */
  readonly slow: number;
  /** How much and how surely one thing in it slowed down against its own past. */
  readonly sharp: number;
  /** How surely more requests begin to fail in it. */
  readonly failing: number;
  /** How surely requests now end at it that went on before. */
  readonly ending: number;
  /** How much of its part of the requests is gone. */
  readonly vanished: number;
  readonly reasons: readonly { readonly weight: number; readonly text: string }[];
}

interface Ledger {
  excess: number;
  sharp: number;
  failing: number;
  ending: number;
  vanished: number;
  reasons: { weight: number; text: string }[];
}

const leastSamples = 5;
/** Of the usual length of a request: less excess than this is shared with nobody. */
const leastExcess = 0.15;
/** How surely more calls must be slow. */
const leastRise = 0.35;
/** Times the longest before: so far out a single call is news. */
const farOut = 3;
/** Blame of what was called last, when requests end there; the rest is the caller's. */
const calledLast = 0.6;

export function blameSpans(before: SpanProfile, after: SpanProfile): SpanBlame[] {
  const ledgers = new Map<string, Ledger>();
  const of = (service: string): Ledger => {
    const known = ledgers.get(service) ?? {
      excess: 0,
      sharp: 0,
      failing: 0,
      ending: 0,
      vanished: 0,
      reasons: [],
    };
    ledgers.set(service, known);
    return known;
  };
  for (const service of [...before.spans.keys(), ...after.spans.keys()]) of(service);
  const usual = Math.max(before.rootUs, 1e-9);
  for (const entry of [...slowOperations(before, after), ...slowCalls(before, after)]) {
    const ledger = of(entry.service);
    ledger.excess += entry.excess;
    ledger.sharp = Math.max(ledger.sharp, entry.sharp);
    ledger.reasons.push({
      weight: entry.sharp * (0.5 + 0.5 * Math.min(1, entry.excess / usual)),
      text: entry.text,
    });
  }
  blameFailures(before, after, of);
  blameEndings(before, after, of);
  blameVanished(before, after, of);
  let total = 0;
  for (const ledger of ledgers.values()) total += ledger.excess;
  return [...ledgers].map(([service, ledger]) => ({
    service,
    // Against the usual length of a request, so that a ripple is not the whole of nothing.
    slow: ledger.excess / (total + leastExcess * usual),
    sharp: ledger.sharp,
    failing: ledger.failing,
    ending: ledger.ending,
    vanished: ledger.vanished,
    reasons: ledger.reasons.toSorted((a, b) => b.weight - a.weight),
  }));
}

interface Excess {
  readonly service: string;
  readonly excess: number;
  readonly sharp: number;
  readonly text: string;
}

function slowOperations(before: SpanProfile, after: SpanProfile): Excess[] {
  const found: Excess[] = [];
  for (const [key, now] of after.operations) {
    const was = before.operations.get(key);
    if (was === undefined || was.own.length < leastSamples || now.own.length < 3) continue;
    const growth = growthOf(was.own, now.own);
    if (growth === null) continue;
    found.push({
      service: now.service,
      excess: (growth.us * now.own.length) / Math.max(1, after.traces),
      sharp: growth.sharp,
      text: `${now.operation} itself takes ${sayUs(growth.now)} instead of ${sayUs(growth.was)}`,
    });
  }
  return found;
}

/** A gap between two services is blamed on the one whose other calls have it too. */
function slowCalls(before: SpanProfile, after: SpanProfile): Excess[] {
  const grown: {
    caller: string;
    callee: string;
    us: number;
    was: number;
    now: number;
    sharp: number;
    count: number;
  }[] = [];
  const outgoing = new Map<string, { known: number; grown: number }>();
  const incoming = new Map<string, { known: number; grown: number }>();
  const count = (map: Map<string, { known: number; grown: number }>, service: string, hit: boolean): void => {
    const one = map.get(service) ?? { known: 0, grown: 0 };
    one.known += 1;
    if (hit) one.grown += 1;
    map.set(service, one);
  };
  for (const [key, now] of after.calls) {
    const was = before.calls.get(key);
    if (was === undefined || was.gaps.length < leastSamples || now.gaps.length < 3) continue;
    const growth = growthOf(was.gaps, now.gaps);
    count(outgoing, now.caller, growth !== null);
    count(incoming, now.callee, growth !== null);
    if (growth !== null)
      grown.push({ caller: now.caller, callee: now.callee, ...growth, count: now.gaps.length });
  }
  return grown.flatMap(({ caller, callee, us, was, now, sharp, count: calls }) => {
    const out = outgoing.get(caller);
    const into = incoming.get(callee);
    const byCaller = out === undefined ? 0 : (out.grown / out.known) ** 2;
    const byCallee = into === undefined ? 0 : (into.grown / into.known) ** 2;
    const share = byCallee / Math.max(1e-9, byCaller + byCallee);
    const excess = (us * calls) / Math.max(1, after.traces);
    const words = `takes ${sayUs(now)} instead of ${sayUs(was)}`;
    return [
      {
        service: callee,
        excess: excess * share,
        sharp: sharp * share,
        text: `the way from ${caller} to it and back ${words}`,
      },
      {
        service: caller,
        excess: excess * (1 - share),
        sharp: sharp * (1 - share),
        text: `waiting around its calls to ${callee} ${words}`,
      },
    ];
  });
}

/** By how much the mean grew, where more than a few values left what was usual; null where they did not. */
function growthOf(
  was: readonly number[],
  now: readonly number[],
): { us: number; was: number; now: number; sharp: number } | null {
  // The tail tells of some slow requests, the middle of all of them a little slower.
  let rise = 0;
  for (const [share, slack] of [
    [0.95, 1.1],
    [0.7, 1.25],
  ] as const) {
    const bar = quantile(was, share) * slack;
    const over = (values: readonly number[]): number => values.filter((value) => value > bar).length;
    rise = Math.max(
      rise,
      riseOfShare({ hits: over(was), total: was.length }, { hits: over(now), total: now.length }),
    );
  }
  // Two that took several times as long as any before say as much as many that took a little longer: a value that far out
  // was due in a fraction of the calls only.
  const far = quantile(was, 1) * farOut;
  const hits = now.filter((value) => value > far).length;
  if (hits >= 2)
    rise = Math.max(rise, riseOfShare({ hits: 0, total: was.length * farOut }, { hits, total: now.length }));
  const centre = (values: readonly number[]): number => {
    const top = quantile(values, 0.98);
    return mean(values.map((value) => Math.min(value, top)));
  };
  const [a, b] = [centre(was), centre(now)];
  const [middle, middleNow] = [median(was), median(now)];
  if (rise < leastRise || (b <= a && middleNow <= middle)) return null;
  const factor = Math.max(Math.log(b / Math.max(a, 1)), Math.log(middleNow / Math.max(middle, 1)));
  return {
    us: Math.max(b - a, middleNow - middle),
    was: middle,
    now: Math.max(middleNow, b),
    sharp: rise * saturate(factor, 1.5),
  };
}

function blameFailures(before: SpanProfile, after: SpanProfile, of: (service: string) => Ledger): void {
  for (const [service, hits] of after.origins) {
    const rise = riseOfShare(
      { hits: before.origins.get(service) ?? 0, total: Math.max(before.traces, 1) },
      { hits: Math.min(hits, after.traces), total: Math.max(after.traces, 1) },
    );
    const ledger = of(service);
    ledger.failing = rise * Math.sqrt(Math.min(1, (4 * hits) / Math.max(1, after.traces)));
    ledger.reasons.push({ weight: ledger.failing, text: `${hits} requests begin to fail in it` });
  }
}

function blameEndings(before: SpanProfile, after: SpanProfile, of: (service: string) => Ledger): void {
  for (const [key, now] of after.operations) {
    const was = before.operations.get(key);
    if (was === undefined || was.count < leastSamples || now.count < leastSamples) continue;
    for (const [ending, hits] of now.endings) {
      const usual = was.endings.get(ending) ?? 0;
      const rise = riseOfShare({ hits: usual, total: was.count }, { hits, total: now.count });
      const amount = hits / now.count - usual / was.count;
      if (amount < (rise < 0.5 ? 0.2 : 0.05) || rise < 0.25) continue;
      const [service = now.service, operation = now.operation] = ending === '' ? [] : ending.split(between);
      // How much of the traffic goes through here: an odd corner is no incident.
      const reach = Math.min(1, (20 * now.count) / Math.max(1, after.traces));
      const weight = rise * saturate(amount, 0.15) * reach ** 0.5;
      const text = `${Math.round((100 * hits) / now.count)} % of ${now.service} ${now.operation} end at ${operation}, before ${Math.round((100 * usual) / was.count)} %`;
      // Who was called last or who went no further: both stay possible, several callers tell.
      const shares =
        service === now.service
          ? ([[service, 1]] as const)
          : ([
              [service, calledLast],
              [now.service, 1 - calledLast],
            ] as const);
      for (const [one, share] of shares) {
        const ledger = of(one);
        ledger.ending = 1 - (1 - ledger.ending) * (1 - weight * share);
        ledger.reasons.push({ weight: weight * share, text });
      }
    }
  }
}

/** Measured by those that call it: who is called less because its callers stopped earlier has not vanished. */
function blameVanished(before: SpanProfile, after: SpanProfile, of: (service: string) => Ledger): void {
  const callers = new Map<string, Set<string>>();
  for (const { caller, callee } of before.calls.values()) {
    const known = callers.get(callee) ?? new Set();
    callers.set(callee, known.add(caller));
  }
  for (const [service, spans] of before.spans) {
    if (spans < 10) continue;
    const base = (profile: SpanProfile): number => {
      const known = callers.get(service);
      if (known === undefined) return profile.traces;
      let sum = 0;
      for (const caller of known) sum += profile.spans.get(caller) ?? 0;
      return sum;
    };
    const [was, now] = [
      spans / Math.max(1, base(before)),
      (after.spans.get(service) ?? 0) / Math.max(1, base(after)),
    ];
    if (base(after) < 10 || now >= was * 0.4) continue;
    const ledger = of(service);
    ledger.vanished = 1 - now / was;
    ledger.reasons.push({
      weight: ledger.vanished,
      text: `it takes part in requests ${Math.round((100 * now) / was)} % as often as before`,
    });
  }
}

function sayUs(us: number): string {
  if (us >= 1e6) return `${(us / 1e6).toPrecision(2)} s`;
  return us >= 1000 ? `${Math.round(us / 1000)} ms` : `${Math.round(us)} µs`;
}

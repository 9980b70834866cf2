import type { TroubleKind } from '../../analysis/culprits/symptoms.ts';
import { saturate } from '../../analysis/series/robust-statistics.ts';
import type { Blame, Part } from './judgement.ts';
import { saySlow } from './say-signals.ts';
import type { TraceSignals } from './trace-signals.ts';

/** Of the time that requests got slower by, how much passed inside and how much waiting for whom. */
export function judgeLatency(service: string, traces: TraceSignals | null): Part {
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

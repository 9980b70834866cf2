import type { OperationChange } from '../../analysis/traces/compare-operations.ts';
import type { Blame } from './judgement.ts';
import { sayAnswer } from './say-signals.ts';
import type { TraceSignals } from './trace-signals.ts';

/**
 * A service may break its callers with an answer that looks well: a success status that it never gave before, while a
 * caller fails by itself.
 */
export function judgeAnswers(
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

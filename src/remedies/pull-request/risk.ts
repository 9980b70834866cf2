import type { RiskFacts } from '../../domain/risk.ts';
import type { ShownChange } from '../shared-git/apply-change.ts';
import { weighChange } from '../shared-git/weigh-change.ts';

/** A patch is new: nothing of it ever ran in production. That is never low unless nothing of it will. */
export function judgePatch({ changes, diff }: ShownChange, failedBefore: boolean): RiskFacts {
  const weight = weighChange(changes, diff);
  const proof = failedBefore ? 'its check failed before and passes after' : 'no check failed before';
  if (weight.besideProduction) {
    return { base: 'low', reasons: ['it changes tests and documents alone'], reversible: 'exact' };
  }
  const reasons = [...weight.high, ...weight.medium, 'new code that has not run in production', proof];
  const base = weight.high.length > 0 || !failedBefore ? 'high' : 'medium';
  return { base, reasons, reversible: 'exact' };
}

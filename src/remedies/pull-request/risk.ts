import { isAboutAccess } from '../../domain/patch-rules.ts';
import type { RiskFacts } from '../../domain/risk.ts';
import type { ShownChange } from '../shared-git/apply-change.ts';
import { weighChange } from '../shared-git/weigh-change.ts';

/**
 * Only the service's own tests count as proof: a check that comes with the patch was chosen by whoever wrote it.
 *
 * A patch is new: nothing of it ever ran in production. That is never low unless nothing of it will.
 */
export function judgePatch({ changes, diff }: ShownChange, ownTestsFailed: boolean): RiskFacts {
  const weight = weighChange(changes, diff);
  const proof = ownTestsFailed
    ? "the service's own tests failed before and pass after"
    : "the service's own tests did not fail before";
  if (weight.besideProduction) {
    return { base: 'low', reasons: ['it changes tests and documents alone'], reversible: 'exact' };
  }
  const high = changes.some(({ path }) => isAboutAccess(path))
    ? [...weight.high, 'it touches who may do what']
    : weight.high;
  const reasons = [...high, ...weight.medium, 'new code that has not run in production', proof];
  const base = high.length > 0 || !ownTestsFailed ? 'high' : 'medium';
  return { base, reasons, reversible: 'exact' };
}

import type { OperationChange } from './compare-operations.ts';

/** Nobody feels less than this where requests take long anyway, in milliseconds. */
const mostFloorMs = 50;
const leastFloorMs = 5;
/** Of the time that the longest ordinary kind of request takes. */
const shareOfUsual = 0.25;
/** Of the largest slow-down around: a ripple beside a wave is the wave's. */
const shareOfLargest = 0.08;
const leastRequests = 10;
const leastFailures = 3;
const leastRejections = 5;
const leastFailureShare = 0.01;
const leastRejectionShare = 0.03;

/**
 * Takes back what is certain but does not matter: a busy machine turns 0 ms into 4 ms on every request, and one customer
 * in fifty is refused on any day. What stays is large by itself, not only against a quiet baseline.
 */
export function keepMaterial(changes: readonly OperationChange[]): OperationChange[] {
  const floorMs = leastMaterialMs(changes);
  return changes.map((one) => ({
    ...one,
    slowRise: one.after.count >= leastRequests && growthMs(one) >= floorMs ? one.slowRise : 0,
    failureRise:
      one.after.failed >= leastFailures && shareRise(one, 'failed') >= leastFailureShare
        ? one.failureRise
        : 0,
    rejectionRise:
      one.after.rejected >= leastRejections && shareRise(one, 'rejected') >= leastRejectionShare
        ? one.rejectionRise
        : 0,
  }));
}

/** Slow-downs below this, in milliseconds, are nobody's trouble. */
function leastMaterialMs(changes: readonly OperationChange[]): number {
  const known = changes.filter((one) => one.before.count >= leastRequests);
  const usual = known.reduce((most, one) => Math.max(most, one.before.meanMs), 0);
  const largest = known
    .filter((one) => one.slowRise > 0.35)
    .reduce((most, one) => Math.max(most, growthMs(one)), 0);
  const floor = Math.min(mostFloorMs, Math.max(leastFloorMs, shareOfUsual * usual));
  return Math.max(floor, shareOfLargest * largest);
}

function growthMs({ before, after }: OperationChange): number {
  return Math.max(after.meanMs - before.meanMs, (after.p95Ms - before.p95Ms) / 2);
}

function shareRise({ before, after }: OperationChange, kind: 'failed' | 'rejected'): number {
  return after[kind] / Math.max(1, after.count) - before[kind] / Math.max(1, before.count);
}

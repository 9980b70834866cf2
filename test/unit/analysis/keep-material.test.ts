import { describe, expect, it } from 'vitest';
import type { OperationChange, OperationFacts } from '../../../src/analysis/traces/compare-operations.ts';
import { keepMaterial } from '../../../src/analysis/traces/keep-material.ts';

function facts(meanMs: number, more: Partial<OperationFacts> = {}): OperationFacts {
  return { count: 200, failed: 0, rejected: 0, meanMs, p95Ms: meanMs * 1.5, ...more };
}

function change(operation: string, before: OperationFacts, after: OperationFacts): OperationChange {
  return {
    service: 's',
    operation,
    before,
    after,
    failureRise: after.failed > before.failed ? 0.9 : 0,
    rejectionRise: after.rejected > before.rejected ? 0.9 : 0,
    slowShare: 0.8,
    slowRise: 0.9,
    ownGrowthMs: after.meanMs - before.meanMs,
    waitGrowthMs: {},
    statuses: [],
    newSuccesses: [],
    texts: [],
  };
}

describe('what matters of what is certain', () => {
  it('takes 4 ms instead of 0 ms for nothing, however many requests show it', () => {
    const [cheap] = keepMaterial([
      change('POST /confirm', facts(0.2), facts(4)),
      change('POST /buy', facts(120), facts(121)),
    ]);

    expect(cheap?.slowRise).toBe(0);
  });

  it('keeps a slow-down that people feel, and drops the ripples beside it', () => {
    const [wave, ripple] = keepMaterial([
      change('POST /buy', facts(120), facts(2100)),
      change('GET /page', facts(10), facts(70)),
    ]);

    expect(wave?.slowRise).toBe(0.9);
    expect(ripple?.slowRise).toBe(0);
  });

  it('wants more than one refusal in fifty, and more than a handful', () => {
    const [few, share, many] = keepMaterial([
      change('a', facts(1), facts(1, { count: 20, rejected: 2 })),
      change('b', facts(1), facts(1, { count: 1000, rejected: 20 })),
      change('c', facts(1), facts(1, { count: 200, rejected: 30 })),
    ]);

    expect([few?.rejectionRise, share?.rejectionRise, many?.rejectionRise]).toEqual([0, 0, 0.9]);
  });
});

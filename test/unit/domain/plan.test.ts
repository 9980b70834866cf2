import { describe, expect, it } from 'vitest';
import { planCanonical } from '../../../src/domain/plan.ts';
import { canonicalJson } from '../../../src/platform/canonical-json.ts';
import { aPlanBody } from '../../support/builders.ts';

describe('the digest of a plan', () => {
  it('does not depend on the order of keys', () => {
    const body = aPlanBody({});
    const reversed = Object.fromEntries(Object.entries(body).reverse()) as unknown as typeof body;

    expect(planCanonical(reversed).digest).toBe(planCanonical(body).digest);
  });

  it('changes with any value', () => {
    const digests = [
      aPlanBody({}),
      aPlanBody({ service: 'ledgers' }),
      aPlanBody({ evidence: [2, 1] }),
      aPlanBody({ risk: { class: 'low', reasons: ['changes code'] } }),
    ].map((body) => planCanonical(body).digest);

    expect(new Set(digests).size).toBe(digests.length);
  });

  it('is the same for two Unicode forms of one character', () => {
    expect(canonicalJson({ name: 'caf\u00e9' })).toBe(canonicalJson({ name: 'cafe\u0301' }));
  });

  it('refuses what JSON cannot carry', () => {
    expect(() => canonicalJson(Number.NaN)).toThrow(TypeError);
  });
});

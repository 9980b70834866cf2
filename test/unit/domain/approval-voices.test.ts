import { describe, expect, it } from 'vitest';
import {
  type Approval,
  approvalsNeeded,
  countVoices,
  isEnough,
  validApprovals,
} from '../../../src/domain/approval.ts';
import { type Plan, type PlannedRemedy, type RiskClass, riskClasses } from '../../../src/domain/plan.ts';
import { aPlan, aPlanBody } from '../../support/builders.ts';

const voice = (userId: string, inNameOf: string | null = null) => ({ userId, inNameOf });

describe('counting voices', () => {
  it.each([
    ['nobody', [], 0],
    ['two people', [voice('a'), voice('b')], 2],
    ['one person twice', [voice('a'), voice('a')], 1],
    ['a lender and who they lent to', [voice('a'), voice('b', 'a')], 1],
    ['the same the other way round', [voice('b', 'a'), voice('a')], 1],
    ['two who stand in for one', [voice('b', 'a'), voice('c', 'a')], 1],
    ['one who stands in for two', [voice('b', 'a'), voice('b', 'c')], 1],
    ['a chain of lenders', [voice('b', 'a'), voice('c', 'b')], 1],
    ['a chain and a stranger', [voice('b', 'a'), voice('c', 'b'), voice('d')], 2],
    ['two chains that a third voice ties together', [voice('b', 'a'), voice('d', 'c'), voice('b', 'd')], 1],
    ['two separate pairs', [voice('b', 'a'), voice('d', 'c')], 2],
  ])('of %s', (_, approvals, expected) => {
    expect(countVoices(approvals)).toBe(expected);
    expect(countVoices([...approvals].reverse())).toBe(expected);
  });
});

describe('whether approvals are enough', () => {
  const onServices = (risk: RiskClass, ...services: string[]): Plan => {
    const [remedy] = aPlanBody({}).remedies as [PlannedRemedy];
    return aPlan({
      body: aPlanBody({
        risk: { class: risk, reasons: [] },
        remedies: services.map((service) => ({ ...remedy, service })),
      }),
    });
  };
  const given = (plan: Plan, userId: string, change: Partial<Approval> = {}): Approval => ({
    id: `${userId}-${change.inNameOf ?? ''}`,
    planId: plan.id,
    digest: plan.digest,
    userId,
    decision: 'approve',
    inNameOf: null,
    reason: null,
    at: new Date('2026-01-01T10:02:00Z'),
    ...change,
  });
  const may = (who: Record<string, string[]>) =>
    new Map(Object.entries(who).map(([service, ids]) => [service, new Set(ids)]));

  it('needs two people for high risk, one otherwise', () => {
    expect(riskClasses.map((risk) => approvalsNeeded({ class: risk, reasons: [] }))).toEqual([1, 1, 2]);
  });

  it('one owner is enough for what is not of high risk', () => {
    const plan = onServices('medium', 'ledger');

    expect(isEnough(plan, [], may({ ledger: ['a'] }))).toBe(false);
    expect(isEnough(plan, [given(plan, 'a')], may({ ledger: ['a'] }))).toBe(true);
  });

  it('two voices of one person are not two people', () => {
    const plan = onServices('high', 'ledger');
    const owners = may({ ledger: ['a', 'b'] });

    expect(isEnough(plan, [given(plan, 'a')], owners)).toBe(false);
    expect(isEnough(plan, [given(plan, 'a'), given(plan, 'c', { inNameOf: 'a' })], owners)).toBe(false);
    expect(isEnough(plan, [given(plan, 'a'), given(plan, 'c', { inNameOf: 'b' })], owners)).toBe(true);
    expect(isEnough(plan, [given(plan, 'a'), given(plan, 'b')], owners)).toBe(true);
  });

  it('every service that it acts on needs somebody of its own', () => {
    const plan = onServices('medium', 'ledger', 'mailer');
    const owners = may({ ledger: ['a'], mailer: ['b'] });

    expect(isEnough(plan, [given(plan, 'a')], owners)).toBe(false);
    expect(isEnough(plan, [given(plan, 'a'), given(plan, 'b')], owners)).toBe(true);
    expect(isEnough(plan, [given(plan, 'a'), given(plan, 'c', { inNameOf: 'b' })], owners)).toBe(true);
    expect(isEnough(plan, [given(plan, 'a')], may({ ledger: ['a'], mailer: ['a'] }))).toBe(true);
    expect(isEnough(plan, [given(plan, 'a')], may({ ledger: ['a'], mailer: [] }))).toBe(false);
  });

  it('takes the word back of who may not decide any more', () => {
    const plan = onServices('high', 'ledger');
    const approvals = [given(plan, 'a'), given(plan, 'b')];

    expect(isEnough(plan, approvals, may({ ledger: ['a'] }))).toBe(false);
    expect(validApprovals(approvals, may({ ledger: ['a'] })).map((one) => one.userId)).toEqual(['a']);
  });

  it('counts nothing that was said of other bytes, and no rejection', () => {
    const plan = onServices('medium', 'ledger');
    const owners = may({ ledger: ['a'] });

    expect(isEnough(plan, [given(plan, 'a', { digest: 'other' })], owners)).toBe(false);
    expect(isEnough(plan, [given(plan, 'a', { decision: 'break-glass', digest: 'other' })], owners)).toBe(
      false,
    );
    expect(isEnough(plan, [given(plan, 'a', { decision: 'reject' })], owners)).toBe(false);
  });

  it('one broken glass is enough, for high risk and several services too', () => {
    const plan = onServices('high', 'ledger', 'mailer');

    expect(isEnough(plan, [given(plan, 'z', { decision: 'break-glass' })], may({ ledger: ['a'] }))).toBe(
      true,
    );
  });
});

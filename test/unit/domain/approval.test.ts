import { describe, expect, it } from 'vitest';
import { type Click, judgeClick, type Person } from '../../../src/domain/approval.ts';
import { aPlan } from '../../support/builders.ts';

const plan = aPlan();
const click: Click = {
  planId: plan.id,
  digest: plan.digest,
  nonce: plan.nonce,
  userId: 'U1',
  decision: 'approve',
};
const person: Person = { id: 'U1', name: 'Ana', kind: 'member' };
const approvers = new Set(['U1']);
const inTime = new Date(plan.expiresAt.getTime() - 1);

describe('judging a click', () => {
  it('allows a member of the approvers, in time, on exactly this plan', () => {
    expect(judgeClick(click, plan, person, approvers, new Set(), inTime)).toEqual({ allowed: true });
  });

  it.each([
    ['changed', { click: { ...click, digest: 'other' } }],
    ['changed', { click: { ...click, nonce: 'other' } }],
    ['not-pending', { plan: { ...plan, state: 'approved' as const } }],
    ['expired', { now: plan.expiresAt }],
    ['not-a-member', { person: { ...person, kind: 'guest' as const } }],
    ['not-a-member', { person: { ...person, kind: 'bot' as const } }],
    ['not-a-member', { person: { ...person, kind: 'deactivated' as const } }],
    ['not-a-member', { person: { ...person, kind: 'external' as const } }],
    ['no-approvers', { approvers: new Set<string>() }],
    ['not-an-approver', { approvers: new Set(['U2']) }],
    ['own-plan', { authors: new Set(['U1']) }],
  ])('refuses as %s', (refusal, change) => {
    const given = { click, plan, person, approvers, authors: new Set<string>(), now: inTime, ...change };

    const verdict = judgeClick(
      given.click,
      given.plan,
      given.person,
      given.approvers,
      given.authors,
      given.now,
    );

    expect(verdict).toEqual({ allowed: false, refusal });
  });

  it('lets an author withdraw the own plan', () => {
    const verdict = judgeClick(
      { ...click, decision: 'reject' },
      plan,
      person,
      approvers,
      new Set(['U1']),
      inTime,
    );

    expect(verdict.allowed).toBe(true);
  });
});

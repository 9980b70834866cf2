import { describe, expect, it } from 'vitest';
import {
  breakGlassReasonMin,
  type Click,
  type Delegation,
  judgeClick,
  judgeUndo,
  type Person,
  type Refusal,
  type Scene,
} from '../../../src/domain/approval.ts';
import { aPlan, aPlanBody } from '../../support/builders.ts';

const plan = aPlan();
const click: Click = {
  planId: plan.id,
  digest: plan.digest,
  nonce: plan.nonce,
  userId: 'U1',
  decision: 'approve',
};
const ana: Person = { id: 'U1', name: 'Ana', kind: 'member' };
const inTime = new Date(plan.expiresAt.getTime() - 1);
const longEnough = 'x'.repeat(breakGlassReasonMin);

function scene(change: Partial<Scene> = {}): Scene {
  return {
    plan,
    person: ana,
    approvers: owners('U1'),
    breakGlass: new Set(),
    delegations: [],
    halted: false,
    shown: true,
    now: inTime,
    ...change,
  };
}

function owners(...ids: string[]): Scene['approvers'] {
  return new Map([['ledger', new Set(ids)]]);
}

function lends(from: string, to: string): Delegation {
  const at = new Date(inTime.getTime() - 60_000);
  return {
    id: `${from}-${to}`,
    from,
    to,
    reason: 'lunch',
    at,
    until: new Date(inTime.getTime() + 60_000),
    revokedAt: null,
  };
}

const by = (...requestedBy: string[]) => aPlan({ body: aPlanBody({ requestedBy }) });
const clickOn = (asked: typeof plan, decision: Click['decision'] = 'approve'): Click => ({
  ...click,
  digest: asked.digest,
  decision,
});

describe('judging a click', () => {
  it('allows a member of the approvers, in time, on exactly this plan, whose card they could see', () => {
    expect(judgeClick(click, scene())).toEqual({ allowed: true, inNameOf: null });
  });

  it.each<[Refusal, string, Partial<Click>, Partial<Scene>]>([
    ['changed', 'another digest', { digest: 'other' }, {}],
    ['changed', 'a guessed nonce', { nonce: 'other' }, {}],
    ['not-pending', 'an approved plan', {}, { plan: { ...plan, state: 'approved' } }],
    ['not-pending', 'a rejected plan', { decision: 'reject' }, { plan: { ...plan, state: 'rejected' } }],
    ['not-pending', 'a plan that runs by itself', {}, { plan: { ...plan, state: 'announced' } }],
    ['expired', 'the first moment after', {}, { now: plan.expiresAt }],
    ['expired', 'a late rejection', { decision: 'reject' }, { now: plan.expiresAt }],
    ['not-a-member', 'a guest', {}, { person: { ...ana, kind: 'guest' } }],
    ['not-a-member', 'a bot', {}, { person: { ...ana, kind: 'bot' } }],
    ['not-a-member', 'a deactivated person', {}, { person: { ...ana, kind: 'deactivated' } }],
    ['not-a-member', 'a person of another company', {}, { person: { ...ana, kind: 'external' } }],
    ['not-a-member', 'a guest who rejects', { decision: 'reject' }, { person: { ...ana, kind: 'guest' } }],
    ['not-shown', 'a card that has not reached its channel', {}, { shown: false }],
    ['halted', 'a halt', {}, { halted: true }],
    ['no-approvers', 'nobody who may', {}, { approvers: owners() }],
    ['no-approvers', 'no service', {}, { approvers: new Map() }],
    ['not-an-approver', 'another member', {}, { approvers: owners('U2') }],
    ['not-an-approver', 'another member who rejects', { decision: 'reject' }, { approvers: owners('U2') }],
    ['not-an-approver', 'break-glass without the role', { decision: 'break-glass', reason: longEnough }, {}],
    ['no-reason', 'break-glass in silence', { decision: 'break-glass' }, { breakGlass: new Set(['U1']) }],
    [
      'no-reason',
      'break-glass with blanks for a reason',
      { decision: 'break-glass', reason: ' '.repeat(breakGlassReasonMin) },
      { breakGlass: new Set(['U1']) },
    ],
    [
      'not-shown',
      'break-glass on a card nobody saw',
      { decision: 'break-glass', reason: longEnough },
      { breakGlass: new Set(['U1']), shown: false },
    ],
    [
      'halted',
      'break-glass during a halt',
      { decision: 'break-glass', reason: longEnough },
      { breakGlass: new Set(['U1']), halted: true },
    ],
  ])('refuses as %s: %s', (refusal, _, clicked, change) => {
    expect(judgeClick({ ...click, ...clicked }, scene(change))).toEqual({ allowed: false, refusal });
  });

  it('refuses the author, whoever else asked for it too', () => {
    const asked = by('U2', 'U1');

    expect(judgeClick(clickOn(asked), scene({ plan: asked }))).toEqual({
      allowed: false,
      refusal: 'own-plan',
    });
  });

  it('lets a rejection through while halted, unseen, and from the author: it changes nothing', () => {
    const asked = by('U1');

    const verdict = judgeClick(clickOn(asked, 'reject'), scene({ plan: asked, halted: true, shown: false }));

    expect(verdict).toEqual({ allowed: true, inNameOf: null });
  });
});

describe('a right that was handed on', () => {
  const ben: Person = { id: 'U2', name: 'Ben', kind: 'member' };
  const asBen = { ...click, userId: 'U2' };

  it('counts in the name of who lent it', () => {
    const verdict = judgeClick(asBen, scene({ person: ben, delegations: [lends('U1', 'U2')] }));

    expect(verdict).toEqual({ allowed: true, inNameOf: 'U1' });
  });

  it("is not used by who has a right of one's own", () => {
    const verdict = judgeClick(
      asBen,
      scene({ person: ben, approvers: owners('U1', 'U2'), delegations: [lends('U1', 'U2')] }),
    );

    expect(verdict).toEqual({ allowed: true, inNameOf: null });
  });

  it('is worth nothing once its lender may not decide any more', () => {
    const verdict = judgeClick(
      asBen,
      scene({ person: ben, approvers: owners('U9'), delegations: [lends('U1', 'U2')] }),
    );

    expect(verdict).toEqual({ allowed: false, refusal: 'not-an-approver' });
  });

  it('cannot be handed on again', () => {
    const carl: Person = { id: 'U3', name: 'Carl', kind: 'member' };

    const verdict = judgeClick(
      { ...click, userId: 'U3' },
      scene({ person: carl, delegations: [lends('U1', 'U2'), lends('U2', 'U3')] }),
    );

    expect(verdict).toEqual({ allowed: false, refusal: 'not-an-approver' });
  });

  it('does not let authors approve through another person', () => {
    const asked = by('U1');

    const verdict = judgeClick(
      { ...clickOn(asked), userId: 'U2' },
      scene({ plan: asked, person: ben, delegations: [lends('U1', 'U2')] }),
    );

    expect(verdict).toEqual({ allowed: false, refusal: 'own-plan' });
  });

  it('does not let authors approve with a right that another lent them', () => {
    const asked = by('U2');

    const verdict = judgeClick(
      { ...clickOn(asked), userId: 'U2' },
      scene({ plan: asked, person: ben, delegations: [lends('U1', 'U2')] }),
    );

    expect(verdict).toEqual({ allowed: false, refusal: 'own-plan' });
  });

  it('of two lenders takes the one who did not ask for the plan', () => {
    const asked = by('U1');

    const verdict = judgeClick(
      { ...clickOn(asked), userId: 'U2' },
      scene({
        plan: asked,
        person: ben,
        approvers: owners('U1', 'U4'),
        delegations: [lends('U1', 'U2'), lends('U4', 'U2')],
      }),
    );

    expect(verdict).toEqual({ allowed: true, inNameOf: 'U4' });
  });

  it("lets an author's stand-in reject", () => {
    const asked = by('U1');

    const verdict = judgeClick(
      { ...clickOn(asked, 'reject'), userId: 'U2' },
      scene({ plan: asked, person: ben, delegations: [lends('U1', 'U2')] }),
    );

    expect(verdict).toEqual({ allowed: true, inNameOf: 'U1' });
  });
});

describe('break-glass', () => {
  const breaks: Click = { ...click, decision: 'break-glass', reason: longEnough };

  it('is for who has the role, and needs no other right', () => {
    const verdict = judgeClick(breaks, scene({ approvers: owners(), breakGlass: new Set(['U1']) }));

    expect(verdict).toEqual({ allowed: true, inNameOf: null });
  });

  it('is not for who asked for the plan', () => {
    const asked = by('U1');

    const verdict = judgeClick(
      { ...breaks, digest: asked.digest },
      scene({ plan: asked, breakGlass: new Set(['U1']) }),
    );

    expect(verdict).toEqual({ allowed: false, refusal: 'own-plan' });
  });

  it('is not lent with a delegation', () => {
    const verdict = judgeClick(
      { ...breaks, userId: 'U2' },
      scene({
        person: { id: 'U2', name: 'Ben', kind: 'member' },
        breakGlass: new Set(['U1']),
        delegations: [lends('U1', 'U2')],
      }),
    );

    expect(verdict).toEqual({ allowed: false, refusal: 'not-an-approver' });
  });
});

describe('judging an undo', () => {
  const button = { planId: plan.id, digest: plan.digest, nonce: plan.nonce, userId: 'U1' };

  it('is for approvers, whether they asked for the plan or not', () => {
    const asked = by('U1');

    expect(judgeUndo(button, scene())).toBeNull();
    expect(judgeUndo({ ...button, digest: asked.digest }, scene({ plan: asked }))).toBeNull();
  });

  it('is for whom an approver lent the right', () => {
    const ben: Person = { id: 'U2', name: 'Ben', kind: 'member' };

    expect(judgeUndo(button, scene({ person: ben, delegations: [lends('U1', 'U2')] }))).toBeNull();
    expect(judgeUndo(button, scene({ person: ben, delegations: [lends('U9', 'U2')] }))).toBe(
      'not-an-approver',
    );
  });

  it('is as good long after the plan was made: it goes back to what was', () => {
    expect(judgeUndo(button, scene({ now: new Date(plan.expiresAt.getTime() + 1) }))).toBeNull();
  });

  it.each<[Refusal, Partial<typeof button>, Partial<Scene>]>([
    ['changed', { digest: 'other' }, {}],
    ['changed', { nonce: 'other' }, {}],
    ['not-a-member', {}, { person: { ...ana, kind: 'guest' } }],
    ['halted', {}, { halted: true }],
    ['not-an-approver', {}, { approvers: owners('U2') }],
    ['not-an-approver', {}, { approvers: owners() }],
  ])('refuses as %s', (refusal, pressed, change) => {
    expect(judgeUndo({ ...button, ...pressed }, scene(change))).toBe(refusal);
  });
});

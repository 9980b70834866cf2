import type { Plan, Risk } from './plan.ts';

/** A person's click on a plan card, as the button carried it. */
export interface Click {
  readonly planId: string;
  readonly digest: string;
  readonly nonce: string;
  readonly userId: string;
  readonly decision: 'approve' | 'reject';
  /** Given with a rejection. */
  readonly reason?: string;
}

export interface Approval {
  readonly id: string;
  readonly planId: string;
  readonly digest: string;
  readonly userId: string;
  readonly decision: 'approve' | 'reject';
  readonly reason: string | null;
  readonly at: Date;
}

/** What the directory says of a person at the moment of the click. */
export interface Person {
  readonly id: string;
  readonly name: string;
  readonly kind: 'member' | 'guest' | 'bot' | 'deactivated' | 'external';
}

export type Refusal =
  | 'unknown-plan'
  | 'changed'
  | 'not-pending'
  | 'expired'
  | 'not-a-member'
  | 'not-an-approver'
  | 'own-plan'
  | 'no-approvers'
  | 'already-clicked'
  | 'directory-unavailable';

export type Verdict = { readonly allowed: true } | { readonly allowed: false; readonly refusal: Refusal };

/** How many different people must approve before anything runs. */
export function approvalsNeeded(risk: Risk): number {
  return risk.class === 'high' ? 2 : 1;
}

/**
 * The rule alone; the caller has read the plan, the person and the group just now.
 * @param approvers ids of everybody who may approve at this moment; empty means nobody
 * @param authors Slack ids of the humans who wrote or asked for this plan
 * @param now the database's clock
 */
export function judgeClick(
  click: Click,
  plan: Plan,
  person: Person,
  approvers: ReadonlySet<string>,
  authors: ReadonlySet<string>,
  now: Date,
): Verdict {
  if (click.digest !== plan.digest || click.nonce !== plan.nonce) return refuse('changed');
  if (plan.state !== 'pending') return refuse('not-pending');
  if (now.getTime() >= plan.expiresAt.getTime()) return refuse('expired');
  if (person.kind !== 'member') return refuse('not-a-member');
  if (approvers.size === 0) return refuse('no-approvers');
  if (!approvers.has(person.id)) return refuse('not-an-approver');
  if (click.decision === 'approve' && authors.has(person.id)) return refuse('own-plan');
  return { allowed: true };
}

function refuse(refusal: Refusal): Verdict {
  return { allowed: false, refusal };
}

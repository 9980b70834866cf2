import { type Plan, type Risk, targetServices } from './plan.ts';

/** A person's click on a plan card, as the button carried it. */
export interface Click {
  readonly planId: string;
  readonly digest: string;
  readonly nonce: string;
  readonly userId: string;
  readonly decision: 'approve' | 'reject' | 'break-glass';
  /** Given with a rejection and with break-glass. */
  readonly reason?: string;
}

/** Why a plan may run, or may not. Rows of it are never changed. */
export interface Approval {
  readonly id: string;
  readonly planId: string;
  readonly digest: string;
  /** Slack id; `policy` for a plan that ran by itself. */
  readonly userId: string;
  /** `self-run`: the policy let it run without a click. */
  readonly decision: 'approve' | 'reject' | 'self-run' | 'break-glass';
  /** Who handed the right to this person; null when it is their own. */
  readonly inNameOf: string | null;
  readonly reason: string | null;
  readonly at: Date;
}

/** An approver lets another person decide for them, for a while. */
export interface Delegation {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly reason: string;
  readonly at: Date;
  readonly until: Date;
  readonly revokedAt: Date | null;
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
  | 'not-shown'
  | 'expired'
  | 'halted'
  | 'not-a-member'
  | 'not-an-approver'
  | 'own-plan'
  | 'no-approvers'
  | 'no-reason'
  | 'already-clicked'
  | 'directory-unavailable';

export type Verdict =
  | { readonly allowed: true; readonly inNameOf: string | null }
  | { readonly allowed: false; readonly refusal: Refusal };

/** How many different people must approve before anything runs. */
export function approvalsNeeded(risk: Risk): number {
  return risk.class === 'high' ? 2 : 1;
}

/** Who may decide about each service that the plan acts on, as the directory says it at this moment. */
export type ApproversByService = ReadonlyMap<string, ReadonlySet<string>>;

export interface Scene {
  readonly plan: Plan;
  readonly person: Person;
  readonly approvers: ApproversByService;
  /** People with the break-glass role at this moment. */
  readonly breakGlass: ReadonlySet<string>;
  /** In force at this moment. */
  readonly delegations: readonly Delegation[];
  /** True while nothing may be executed anywhere. */
  readonly halted: boolean;
  /** The card of exactly this plan has reached the channel. */
  readonly shown: boolean;
  /** The database's clock. */
  readonly now: Date;
}

/** Reasons shorter than this say nothing to who reads the audit. */
export const breakGlassReasonMin = 20;

/** Characters that somebody can read: a reason of blanks and invisible ones is none. */
function legibleLength(text: string): number {
  const words = text
    .replace(/\p{Default_Ignorable_Code_Point}/gu, '')
    .replace(/\s+/gu, ' ')
    .trim();
  return words.match(/[\p{L}\p{M}\p{N}\p{P} ]/gu)?.length ?? 0;
}

/** The rule alone; the caller has read everything in the scene just now. */
export function judgeClick(click: Click, scene: Scene): Verdict {
  const { plan, person, now } = scene;
  if (click.digest !== plan.digest || click.nonce !== plan.nonce) return refuse('changed');
  if (plan.state !== 'pending') return refuse('not-pending');
  if (now.getTime() >= plan.expiresAt.getTime()) return refuse('expired');
  if (person.kind !== 'member') return refuse('not-a-member');
  const consents = click.decision !== 'reject';
  if (consents && !scene.shown) return refuse('not-shown');
  if (consents && scene.halted) return refuse('halted');
  const authors = plan.body.requestedBy;
  if (consents && authors.includes(person.id)) return refuse('own-plan');
  if (click.decision === 'break-glass') {
    if (!scene.breakGlass.has(person.id)) return refuse('not-an-approver');
    return legibleLength(click.reason ?? '') < breakGlassReasonMin
      ? refuse('no-reason')
      : { allowed: true, inNameOf: null };
  }
  if ([...scene.approvers.values()].every((set) => set.size === 0)) return refuse('no-approvers');
  if (isApprover(person.id, scene.approvers)) return { allowed: true, inNameOf: null };
  const lenders = scene.delegations
    .filter((one) => one.to === person.id && isApprover(one.from, scene.approvers))
    .map((one) => one.from);
  const lender = lenders.find((id) => !consents || !authors.includes(id));
  if (lender !== undefined) return { allowed: true, inNameOf: lender };
  return refuse(lenders.length > 0 ? 'own-plan' : 'not-an-approver');
}

/**
 * Whether these approvals are enough for the plan to run: enough different people, none of whom lent their voice to
 * another, and for each service that it acts on somebody who may decide about it now.
 */
export function isEnough(plan: Plan, approvals: readonly Approval[], approvers: ApproversByService): boolean {
  const given = approvals.filter((one) => one.digest === plan.digest);
  if (given.some((one) => one.decision === 'break-glass')) return true;
  const valid = validApprovals(given, approvers);
  const covered = targetServices(plan.body).every((service) =>
    valid.some((one) => approvers.get(service)?.has(one.inNameOf ?? one.userId) === true),
  );
  return covered && countVoices(valid) >= approvalsNeeded(plan.body.risk);
}

/** Approvals of those who still may approve at this moment: leaving the group takes one's word back. */
export function validApprovals(approvals: readonly Approval[], approvers: ApproversByService): Approval[] {
  return approvals.filter(
    (one) => one.decision === 'approve' && isApprover(one.inNameOf ?? one.userId, approvers),
  );
}

/** Without those that rest on a voice which was lent and has been taken back, or whose time is over. */
export function stillLent(approvals: readonly Approval[], delegations: readonly Delegation[]): Approval[] {
  return approvals.filter(
    ({ inNameOf, userId }) =>
      inNameOf === null || delegations.some((one) => one.from === inNameOf && one.to === userId),
  );
}

/** A person and who lent them their voice are one. */
export function countVoices(approvals: readonly Pick<Approval, 'userId' | 'inNameOf'>[]): number {
  const groups: Set<string>[] = [];
  for (const { userId, inNameOf } of approvals) {
    const own = new Set([userId, ...(inNameOf === null ? [] : [inNameOf])]);
    const touching = groups.filter((group) => [...own].some((id) => group.has(id)));
    for (const group of touching) {
      for (const id of group) own.add(id);
      groups.splice(groups.indexOf(group), 1);
    }
    groups.push(own);
  }
  return groups.length;
}

function isApprover(id: string, approvers: ApproversByService): boolean {
  return [...approvers.values()].some((set) => set.has(id));
}

function refuse(refusal: Refusal): Verdict {
  return { allowed: false, refusal };
}

/** What a person is told who asked for something; an accepted one is mostly answered by the card itself. */
export type Answer =
  | { readonly accepted: true; readonly note: string | null }
  /** @param approvers who may, as the catalogue names them */
  | { readonly accepted: false; readonly refusal: Refusal; readonly approvers: readonly string[] }
  | { readonly accepted: false; readonly refusal: null; readonly reason: string };

/** What a button of a plan card carries, and who pressed it. */
export type PlanButton = Pick<Click, 'planId' | 'digest' | 'nonce' | 'userId'>;

/** Whether this person may take back what the plan did; null when they may. Undoing needs no second person, and authors may. */
export function judgeUndo(
  button: PlanButton,
  scene: Pick<Scene, 'plan' | 'person' | 'approvers' | 'delegations' | 'halted'>,
): Refusal | null {
  const { plan, person, approvers } = scene;
  if (button.digest !== plan.digest || button.nonce !== plan.nonce) return 'changed';
  if (person.kind !== 'member') return 'not-a-member';
  if (scene.halted) return 'halted';
  if (isApprover(person.id, approvers)) return null;
  const lent = scene.delegations.some((one) => one.to === person.id && isApprover(one.from, approvers));
  return lent ? null : 'not-an-approver';
}

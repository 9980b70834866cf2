import {
  type Answer,
  type Approval,
  approvalsNeeded,
  type Click,
  countVoices,
  isEnough,
  judgeClick,
  type Person,
  type Refusal,
  stillLent,
  validApprovals,
} from '../../domain/approval.ts';
import type { Plan } from '../../domain/plan.ts';
import { newId } from '../../platform/ids.ts';
import type { Rows } from '../../ports/record.ts';
import type { FlowContext } from '../context.ts';
import { lookUpMembers, lookUpPerson } from '../incident/people.ts';
import { showIncident, showNotice, showPlan } from '../incident/show.ts';
import { isShown } from '../incident/shown.ts';
import { changeStatus, isBusy } from '../incident/status.ts';
import { wake } from '../incident/wake.ts';
import { type Approvers, approversOf } from './approvers.ts';
import { recordRefusal } from './record-refusal.ts';

/** Everything that the directory said at the moment of the click. */
interface Looked {
  readonly person: Person;
  readonly approvers: Approvers;
  readonly breakGlass: ReadonlySet<string>;
}

/**
 * A click becomes one transition, or a refusal with its reason. Person and groups are read from the directory now, never
 * from the click; expiry is judged by the database's clock; one compare-and-set decides between simultaneous clicks.
 */
export async function decidePlan(flow: FlowContext, click: Click): Promise<Answer> {
  const plan = await flow.record.plans.get(click.planId);
  if (plan === undefined) return { accepted: false, refusal: 'unknown-plan', approvers: [] };
  const looked = await lookUp(flow, plan, click);
  if (looked === undefined) {
    await recordRefusal(flow, plan, click.userId, 'directory-unavailable');
    return { accepted: false, refusal: 'directory-unavailable', approvers: [] };
  }
  const answer = await flow.record.transaction((rows) => settle(flow, rows, click, looked));
  if (!answer.accepted && answer.refusal !== null) {
    await recordRefusal(flow, plan, click.userId, answer.refusal);
  }
  if (answer.accepted && click.decision !== 'reject') await wake(flow, plan.incidentId);
  return answer;
}

async function lookUp(flow: FlowContext, plan: Plan, click: Click): Promise<Looked | undefined> {
  const refs = click.decision === 'break-glass' ? (flow.policy.breakGlass?.people ?? []) : [];
  const [person, approvers, breakGlass] = await Promise.all([
    lookUpPerson(flow, click.userId),
    approversOf(flow, plan, click.userId),
    lookUpMembers(flow, refs),
  ]);
  if (person === undefined || approvers === undefined || breakGlass === undefined) return undefined;
  return { person, approvers, breakGlass };
}

async function settle(
  flow: FlowContext,
  rows: Rows,
  click: Click,
  { person, approvers, breakGlass }: Looked,
): Promise<Answer> {
  const refuse = (refusal: Refusal): Answer => ({ accepted: false, refusal, approvers: approvers.refs });
  const known = await rows.plans.get(click.planId);
  const incident = known === undefined ? undefined : await rows.incidents.lock(known.incidentId);
  // Read after the lock: of two clicks at one moment the second sees the first.
  const plan = await rows.plans.get(click.planId);
  if (plan === undefined) return refuse('unknown-plan');
  if (incident === undefined || incident.status === 'resolved') return refuse('not-pending');
  if (click.decision !== 'reject' && isBusy(incident.stage)) {
    return {
      accepted: false,
      refusal: null,
      reason: 'Another fix is being carried out or taken back in this room. Click again when that is over.',
    };
  }
  const delegations = await rows.delegations.active();
  const earlier = await rows.plans.approvals(plan.id);
  const now = await rows.now();
  const verdict = judgeClick(click, {
    plan,
    person,
    approvers: approvers.byService,
    breakGlass,
    delegations,
    halted: (await rows.halts.active()) !== undefined,
    shown: await isShown(rows, plan),
    now,
  });
  if (!verdict.allowed) return refuse(verdict.refusal);
  const given = earlier.filter((one) => one.decision === 'approve');
  if (click.decision === 'approve' && given.some((one) => one.userId === click.userId)) {
    return refuse('already-clicked');
  }

  const approval: Approval = {
    id: newId(),
    planId: plan.id,
    digest: plan.digest,
    userId: person.id,
    decision: click.decision,
    inNameOf: verdict.inNameOf,
    reason: click.reason ?? null,
    at: now,
  };
  const all = [...stillLent(earlier, delegations), approval];
  const enough = click.decision !== 'reject' && isEnough(plan, all, approvers.byService);
  if (click.decision === 'reject' || enough) {
    const to = enough ? 'approved' : 'rejected';
    if (!(await rows.plans.move(plan.id, 'pending', to))) return refuse('not-pending');
  }
  await rows.plans.recordApproval(approval);
  await rows.timeline.append(plan.incidentId, {
    kind: eventKinds[click.decision],
    actor: `user:${person.id}`,
    text: sentence(approval, person, enough ? null : stillNeeded(plan, all, approvers)),
    data: {
      planId: plan.id,
      digest: plan.digest,
      inNameOf: verdict.inNameOf,
      reason: click.reason ?? null,
    },
  });
  if (click.decision === 'break-glass') await announceBreakGlass(flow, rows, plan, approval);
  if (enough) {
    // Whatever stage it is in: a person's plan may be approved while agents still look.
    await rows.incidents.update(plan.incidentId, { stage: 'execution' });
    await changeStatus(rows, plan.incidentId, 'mitigating');
  }
  await showPlan(flow, rows, plan.id);
  await showIncident(flow, rows, plan.incidentId);
  return {
    accepted: true,
    note: click.decision === 'reject' || enough ? null : stillNeeded(plan, all, approvers),
  };
}

const eventKinds = {
  approve: 'plan.approved',
  reject: 'plan.rejected',
  'break-glass': 'plan.broke-glass',
} as const;

function sentence(approval: Approval, person: Person, missing: string | null): string {
  if (approval.decision === 'reject')
    return `${person.name} rejected the plan: ${approval.reason ?? 'no reason given'}`;
  if (approval.decision === 'break-glass')
    return `${person.name} broke the glass and runs the plan alone: ${approval.reason ?? ''}`;
  const who = approval.inNameOf === null ? person.name : `${person.name}, by delegation,`;
  return missing === null ? `${who} approved the plan.` : `${who} approved the plan; ${missing}`;
}

function stillNeeded(plan: Plan, all: readonly Approval[], { byService }: Approvers): string {
  const given = countVoices(validApprovals(all, byService));
  const needed = approvalsNeeded(plan.body.risk);
  return given < needed
    ? 'high risk needs a second person before anything is run.'
    : 'an owner of every service that it acts on must approve before anything is run.';
}

/** Twice: where the work is, and where others watch. */
async function announceBreakGlass(
  flow: FlowContext,
  rows: Rows,
  plan: Plan,
  approval: Approval,
): Promise<void> {
  const what = plan.body.remedies.map((remedy) => remedy.preview.summary).join(' Then: ');
  const text = `🔓 The glass was broken, and a plan runs on one person's word: ${what} Reason: ${approval.reason ?? ''}`;
  await showNotice(rows, plan.incidentId, `break-glass:${plan.id}`, 'warning', text, approval.userId);
  const channel = flow.policy.breakGlass?.announceTo;
  if (channel === undefined) return;
  await rows.outbox.put(plan.incidentId, `break-glass-abroad:${plan.id}`, {
    type: 'message',
    channel,
    view: { view: 'notice', tone: 'warning', text, by: approval.userId },
  });
}

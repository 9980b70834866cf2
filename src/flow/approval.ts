import type { Approval, Click, Person, Refusal } from '../domain/approval.ts';
import { approvalsNeeded, judgeClick } from '../domain/approval.ts';
import type { Plan } from '../domain/plan.ts';
import { findService } from '../domain/service.ts';
import { newId } from '../platform/ids.ts';
import type { Rows } from '../ports/record.ts';
import type { FlowContext } from './context.ts';
import { showIncident, showPlan } from './incident/show.ts';
import { changeStatus } from './incident/status.ts';
import { wake } from './incident/wake.ts';

export type DecisionAnswer =
  | { readonly accepted: true; readonly waitingForSecond: boolean }
  | { readonly accepted: false; readonly refusal: Refusal; readonly approvers: readonly string[] };

const directoryDeadlineMs = 5_000;

/**
 * A click becomes one transition, or a refusal with its reason. Person and group are read from the directory now, never
 * from the click; expiry is judged by the database's clock; one compare-and-set decides between simultaneous clicks.
 */
export async function decidePlan(flow: FlowContext, click: Click): Promise<DecisionAnswer> {
  const plan = await flow.record.plans.get(click.planId);
  if (plan === undefined) return { accepted: false, refusal: 'unknown-plan', approvers: [] };
  const refs = findService(flow.catalogue, plan.body.service)?.approvers ?? [];

  let person: Person;
  let approvers: ReadonlySet<string>;
  try {
    if (flow.directory === null) throw new Error('no directory is configured');
    const signal = AbortSignal.timeout(directoryDeadlineMs);
    [person, approvers] = await Promise.all([
      flow.directory.person(click.userId, signal),
      flow.directory.members(refs, signal),
    ]);
  } catch (error) {
    flow.log.warn({ planId: plan.id, err: error }, 'directory unavailable: click denied');
    return { accepted: false, refusal: 'directory-unavailable', approvers: refs };
  }

  const answer = await flow.record.transaction((rows) => settle(flow, rows, click, person, approvers, refs));
  if (answer.accepted && !answer.waitingForSecond && click.decision === 'approve') {
    await wake(flow, plan.incidentId);
  }
  return answer;
}

async function settle(
  flow: FlowContext,
  rows: Rows,
  click: Click,
  person: Person,
  approvers: ReadonlySet<string>,
  refs: readonly string[],
): Promise<DecisionAnswer> {
  const refuse = (refusal: Refusal): DecisionAnswer => ({ accepted: false, refusal, approvers: refs });
  const known = await rows.plans.get(click.planId);
  const incident = known === undefined ? undefined : await rows.incidents.lock(known.incidentId);
  // Read after the lock: of two clicks at one moment the second sees the first.
  const plan = await rows.plans.get(click.planId);
  if (plan === undefined) return refuse('unknown-plan');
  if (incident?.status === 'resolved') return refuse('not-pending');
  const earlier = await rows.plans.approvals(plan.id);
  const now = await rows.now();
  const verdict = judgeClick(click, plan, person, approvers, authorsOf(plan), now);
  if (!verdict.allowed) return refuse(verdict.refusal);
  const approved = earlier.filter((one) => one.decision === 'approve').map((one) => one.userId);
  if (click.decision === 'approve' && approved.includes(click.userId)) return refuse('already-clicked');

  // Whoever approved first must still be an approver when the second person completes it.
  const people = new Set([...approved.filter((id) => approvers.has(id)), person.id]);
  const waitingForSecond = click.decision === 'approve' && people.size < approvalsNeeded(plan.body.risk);
  if (!waitingForSecond) {
    const to = click.decision === 'approve' ? 'approved' : 'rejected';
    if (!(await rows.plans.move(plan.id, 'pending', to))) return refuse('not-pending');
  }
  await rows.plans.recordApproval(approvalOf(click, plan, now));
  await rows.timeline.append(plan.incidentId, {
    kind: click.decision === 'approve' ? 'plan.approved' : 'plan.rejected',
    actor: `user:${person.id}`,
    text: sentence(click, person, waitingForSecond),
    data: { planId: plan.id, digest: plan.digest, reason: click.reason ?? null },
  });
  if (click.decision === 'approve' && !waitingForSecond) {
    await rows.incidents.moveStage(plan.incidentId, 'approval', 'execution');
    await changeStatus(rows, plan.incidentId, 'mitigating');
  }
  await showPlan(flow, rows, plan.id);
  await showIncident(flow, rows, plan.incidentId);
  return { accepted: true, waitingForSecond };
}

/** Plans whose time is over, by the database's clock; their cards say so. */
export async function expirePlans(flow: FlowContext): Promise<void> {
  for (const plan of await flow.record.plans.overdue()) {
    await flow.record.transaction(async (rows) => {
      await rows.incidents.lock(plan.incidentId);
      if (!(await rows.plans.move(plan.id, 'pending', 'expired'))) return;
      await rows.timeline.append(plan.incidentId, {
        kind: 'plan.expired',
        actor: 'warroom',
        text: 'The plan expired without a decision; nothing was changed.',
        data: { planId: plan.id },
      });
      // Made anew from the state of things now, a few times: who comes back late finds a plan that still holds.
      await rows.incidents.moveStage(plan.incidentId, 'approval', 'planning');
      await showPlan(flow, rows, plan.id);
      await showIncident(flow, rows, plan.incidentId);
    });
    await wake(flow, plan.incidentId);
  }
}

function approvalOf(click: Click, plan: Plan, at: Date): Approval {
  return {
    id: newId(),
    planId: plan.id,
    digest: plan.digest,
    userId: click.userId,
    decision: click.decision,
    reason: click.reason ?? null,
    at,
  };
}

/** Humans behind the plan: they may not approve it. */
function authorsOf(plan: Plan): ReadonlySet<string> {
  return new Set(plan.createdBy.startsWith('user:') ? [plan.createdBy.slice('user:'.length)] : []);
}

function sentence(click: Click, person: Person, waitingForSecond: boolean): string {
  if (click.decision === 'reject')
    return `${person.name} rejected the plan: ${click.reason ?? 'no reason given'}`;
  return waitingForSecond
    ? `${person.name} approved the plan; high risk needs a second person.`
    : `${person.name} approved the plan.`;
}

import { type Approval, approvalsNeeded, countVoices } from '../../domain/approval.ts';
import { type Execution, standingSteps } from '../../domain/execution.ts';
import type { Plan, PlannedRemedy } from '../../domain/plan.ts';
import { sha256 } from '../../platform/canonical-json.ts';
import type { FlowContext } from '../context.ts';

export interface NotRun {
  readonly to: 'void' | 'failed';
  readonly reason: string;
  /** Where the story goes on: `planning` makes a plan from the state of things now. */
  readonly next: 'approval' | 'planning';
}

/** For a step whose effect is not known: without a receipt nothing can take it back but a person. */
export function lookYourself(planned: PlannedRemedy | undefined): string {
  const undo = planned === undefined ? '' : ` If it did and must go: ${planned.preview.undo}`;
  return `Whether its last step took effect is not known: look at the target.${undo}`;
}

export const tooOld = 'the approval is too old to run.';

/** Why a plan that was approved is not to be run (any further); null when it may. Judged from the stored bytes and rows. */
export async function whyNotRun(
  flow: FlowContext,
  plan: Plan,
  execution: Execution | undefined,
): Promise<NotRun | null> {
  const { body } = plan;
  const own = body.planId === plan.id && body.incidentId === plan.incidentId;
  if (sha256(plan.canonical) !== plan.digest || !own) {
    return { to: 'void', reason: 'the stored plan is not the one that was approved.', next: 'approval' };
  }
  const approvals = (await flow.record.plans.approvals(plan.id)).filter(
    (one) => one.digest === plan.digest && one.decision !== 'reject',
  );
  const last = approvals.at(-1);
  if (last === undefined || !areEnough(plan, approvals)) {
    return {
      to: 'void',
      reason: 'the approvals on record are not enough for exactly this plan.',
      next: 'approval',
    };
  }
  const allApplied = execution?.steps.every((step) => step.receipt !== null) ?? false;
  if (allApplied || !(await isTooOld(flow, last.at))) return null;
  const begun = execution?.steps.some((step) => step.state !== 'waiting') ?? false;
  if (!begun) return { to: 'void', reason: tooOld, next: 'planning' };
  const done = execution === undefined ? 0 : standingSteps(execution).length;
  const how = `it was interrupted${done > 0 ? ` after ${done} of ${plan.body.remedies.length} steps` : ''}, and its approval has expired since.`;
  const unknown = execution?.steps.findIndex((step) => step.state === 'intent') ?? -1;
  return { to: 'failed', reason: `${how} ${lookYourself(plan.body.remedies[unknown])}`, next: 'approval' };
}

/** An approval, or what it allowed to begin, lasts this long. */
export async function isTooOld(flow: FlowContext, since: Date): Promise<boolean> {
  const ageMs = (await flow.record.now()).getTime() - since.getTime();
  return ageMs > flow.policy.executionExpiryMinutes * 60_000;
}

/** Who may decide was read at each click; what counts here is that the rows are there, for these bytes. */
function areEnough(plan: Plan, approvals: readonly Approval[]): boolean {
  if (approvals.some((one) => one.decision === 'break-glass' || one.decision === 'self-run')) return true;
  const given = approvals.filter((one) => one.decision === 'approve');
  return countVoices(given) >= approvalsNeeded(plan.body.risk);
}

import type { Plan } from '../../domain/plan.ts';
import { findService } from '../../domain/service.ts';
import type { FlowContext } from '../context.ts';
import { showIncident, showPlan } from '../incident/show.ts';
import { wake } from '../incident/wake.ts';

const lookDeadlineMs = 30_000;
const looksAtOnce = 8;

/** Plans whose time is over, by the database's clock. Nothing extends one: *Check again* makes another. */
export async function expirePlans(flow: FlowContext): Promise<void> {
  for (const plan of await flow.record.plans.overdue())
    await attempt(flow, plan, () => expirePlan(flow, plan));
}

async function expirePlan(flow: FlowContext, plan: Plan): Promise<void> {
  await flow.record.transaction(async (rows) => {
    await rows.incidents.lock(plan.incidentId);
    if (!(await rows.plans.move(plan.id, 'pending', 'expired'))) return;
    await rows.timeline.append(plan.incidentId, {
      kind: 'plan.expired',
      actor: 'warroom',
      text: 'The plan expired without a decision; nothing was changed.',
      data: { planId: plan.id, digest: plan.digest },
    });
    await showPlan(flow, rows, plan.id);
    await showIncident(flow, rows, plan.incidentId);
  });
  await wake(flow, plan.incidentId);
}

/** A plan that cannot be read or shown must not keep the others from their end. */
async function attempt(flow: FlowContext, plan: Plan, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    flow.log.warn(
      { planId: plan.id, err: error },
      'this plan could not be looked at; the next look tries again',
    );
  }
}

/** Plans that wait while the world moves on: whoever looks at the card should not decide about what is gone. */
export async function recheckPlans(flow: FlowContext, signal: AbortSignal): Promise<void> {
  const waiting = await flow.record.plans.pending();
  // Some at a time: a target that does not answer must not keep the other plans from being looked at.
  const lookers = Array.from({ length: looksAtOnce }, async () => {
    for (let plan = waiting.shift(); plan !== undefined && !signal.aborted; plan = waiting.shift()) {
      await recheckPlan(flow, plan, signal);
    }
  });
  await Promise.all(lookers);
}

async function recheckPlan(flow: FlowContext, plan: Plan, signal: AbortSignal): Promise<void> {
  await attempt(flow, plan, async () => {
    const reason = await whyStale(flow, plan, signal);
    if (reason !== null) await voidPlan(flow, plan, reason);
  });
}

async function whyStale(flow: FlowContext, plan: Plan, signal: AbortSignal): Promise<string | null> {
  for (const planned of plan.body.remedies) {
    const service = findService(flow.catalogue, planned.service);
    if (service === undefined) return `the catalogue no longer has ${planned.service}.`;
    try {
      const limited = AbortSignal.any([signal, AbortSignal.timeout(lookDeadlineMs)]);
      const reason = await flow.remedies[planned.kind].whyStale(service, planned, limited);
      if (reason !== null) return reason;
    } catch (error) {
      if (signal.aborted) throw error;
      // Not seen is not stale: the executor looks again before anything is done.
      flow.log.warn({ planId: plan.id, err: error }, 'whether the plan still holds could not be seen');
    }
  }
  return null;
}

async function voidPlan(flow: FlowContext, plan: Plan, reason: string): Promise<void> {
  await flow.record.transaction(async (rows) => {
    await rows.incidents.lock(plan.incidentId);
    if (!(await rows.plans.move(plan.id, 'pending', 'void'))) return;
    await rows.timeline.append(plan.incidentId, {
      kind: 'plan.void',
      actor: 'warroom',
      text: `Plan withdrawn: ${reason}`,
      data: { planId: plan.id, digest: plan.digest },
    });
    // An agent's plan is made anew from the state of things now; a person's waits for the person.
    if (plan.body.requestedBy.length === 0) {
      await rows.incidents.moveStage(plan.incidentId, 'approval', 'planning');
    }
    await showPlan(flow, rows, plan.id);
    await showIncident(flow, rows, plan.incidentId);
  });
  await wake(flow, plan.incidentId);
}

import type { Plan, PlannedRemedy } from '../../src/domain/plan.ts';
import type { FlowContext } from '../../src/flow/context.ts';
import { showPlan } from '../../src/flow/incident/show.ts';
import { anAlert, anIncident, aPlan, aPlanBody } from './builders.ts';
import { deliverAll } from './flow-fixture.ts';

/**
 * Rows as they are when a card waits, in an incident of its own on `ledger`: what came before is told, and has no part in
 * what follows. Verified by `error_ratio > 0.1`.
 * @param of `id` is the incident's, 16 characters
 */
export async function insertWaitingPlan(
  flow: FlowContext,
  { id, remedies }: { readonly id: string; readonly remedies: readonly PlannedRemedy[] },
): Promise<Plan> {
  const now = await flow.record.now();
  const incident = anIncident({
    id,
    stage: 'approval',
    status: 'identified',
    openedAt: now,
    startedAt: now,
    channelName: `inc-${id}`,
  });
  const body = aPlanBody({
    planId: `plan-${id}`,
    incidentId: id,
    remedies,
    evidence: [],
    verification: {
      alert: 'HighErrorRatio',
      expression: 'error_ratio > 0.1',
      series: { service: 'ledger' },
    },
  });
  const plan = aPlan({ body, createdAt: now, expiresAt: new Date(now.getTime() + 15 * 60_000) });
  await flow.record.transaction(async (rows) => {
    await rows.incidents.insert(incident);
    const { alert } = await rows.alerts.record(
      anAlert({ service: 'ledger', fingerprint: id, startsAt: new Date(now.getTime() - 1_000) }),
    );
    await rows.alerts.assign(alert.id, id);
    await rows.plans.insert(plan);
    // The agents' part of the story is told; what follows a fix must not begin it anew.
    for (const kind of ['root-cause.settled', 'plan.offered']) {
      await rows.timeline.append(id, { kind, actor: 'warroom', text: kind, data: { planId: plan.id } });
    }
    await showPlan(flow, rows, plan.id);
  });
  await deliverAll(flow);
  return plan;
}

import type { Rows } from '../../ports/record.ts';
import type { FlowContext } from '../context.ts';
import { showPlan } from '../incident/show.ts';
import type { BuiltPlan } from './build-plan.ts';

/** Puts the plan on record and before people. The caller holds the incident's lock. */
export async function offerPlan(
  flow: FlowContext,
  rows: Rows,
  { plan, offer }: BuiltPlan,
  actor: string,
): Promise<void> {
  await rows.plans.insert(plan);
  const summary = plan.body.remedies.map((remedy) => remedy.preview.summary).join(' Then: ');
  const announced = offer.kind === 'self-run';
  await rows.timeline.append(plan.incidentId, {
    kind: announced ? 'plan.announced' : 'plan.offered',
    actor,
    text: announced
      ? `Plan announced, it runs by itself${offer.afterSeconds > 0 ? ` in ${offer.afterSeconds} s unless somebody stops it` : ''}: ${summary}`
      : `Plan offered: ${summary}`,
    data: {
      planId: plan.id,
      digest: plan.digest,
      risk: plan.body.risk.class,
      whyAsked: offer.kind === 'click' ? offer.reason : null,
    },
  });
  await showPlan(flow, rows, plan.id);
  // While this one waits, those before it no longer offer to be made anew.
  for (const earlier of await rows.plans.ofIncident(plan.incidentId)) {
    if (earlier.state === 'expired' || earlier.state === 'void') await showPlan(flow, rows, earlier.id);
  }
}

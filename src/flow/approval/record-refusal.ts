import type { Refusal } from '../../domain/approval.ts';
import type { Plan } from '../../domain/plan.ts';
import type { FlowContext } from '../context.ts';
import { showPlan } from '../incident/show.ts';

/** Beyond this a plan's refusals are a flood, and the first of them tell the story. */
const mostKept = 20;

/** Who clicked in vain is on record and on the card, once a person and reason. */
export async function recordRefusal(
  flow: FlowContext,
  plan: Plan,
  userId: string,
  refusal: Refusal,
): Promise<void> {
  // A click again on what is decided tells nobody anything.
  if (refusal === 'not-pending' || refusal === 'already-clicked') return;
  await flow.record.transaction(async (rows) => {
    await rows.incidents.lock(plan.incidentId);
    const refused = (await rows.timeline.ofIncident(plan.incidentId)).flatMap(({ kind, actor, data }) =>
      kind === 'plan.refused' && isAbout(data, plan.id) ? [JSON.stringify([actor, data['refusal']])] : [],
    );
    if (refused.length >= mostKept || refused.includes(JSON.stringify([`user:${userId}`, refusal]))) return;
    await rows.timeline.append(plan.incidentId, {
      kind: 'plan.refused',
      actor: `user:${userId}`,
      text: `A click of ${userId} did not count (${refusal}).`,
      data: { planId: plan.id, digest: plan.digest, refusal },
    });
    await showPlan(flow, rows, plan.id);
  });
}

function isAbout(data: unknown, planId: string): data is { readonly [key: string]: unknown } {
  return typeof data === 'object' && data !== null && 'planId' in data && data.planId === planId;
}

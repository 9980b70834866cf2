import type { FlowContext } from '../context.ts';

/** The card of a plan has reached its channel: from now on people can have seen it. Said once a plan. */
export async function recordShown(
  flow: FlowContext,
  planId: string,
  message: { readonly channelId: string; readonly ts: string },
): Promise<void> {
  await flow.record.transaction(async (rows) => {
    const plan = await rows.plans.get(planId);
    if (plan === undefined) return;
    await rows.incidents.lock(plan.incidentId);
    const known = (await rows.timeline.ofIncident(plan.incidentId)).some(
      ({ kind, data }) => kind === 'plan.shown' && (data as { planId?: unknown }).planId === planId,
    );
    if (known) return;
    await rows.timeline.append(plan.incidentId, {
      kind: 'plan.shown',
      actor: 'warroom',
      text: 'The plan was shown in the channel.',
      data: { planId, digest: plan.digest, channel: message.channelId, message: message.ts },
    });
  });
}

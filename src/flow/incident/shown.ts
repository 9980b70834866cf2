import type { Plan } from '../../domain/plan.ts';
import type { Rows } from '../../ports/record.ts';

/** Whether the card of exactly this plan has been in its channel, whole: nobody can have judged what nobody could see. */
export async function isShown(rows: Rows, plan: Plan): Promise<boolean> {
  return (await rows.timeline.ofIncident(plan.incidentId)).some(({ kind, data }) => {
    const said = data as { readonly planId?: unknown; readonly digest?: unknown } | null;
    return kind === 'plan.shown' && said?.planId === plan.id && said.digest === plan.digest;
  });
}

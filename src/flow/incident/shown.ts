import type { Plan } from '../../domain/plan.ts';
import type { Rows } from '../../ports/record.ts';

/**
 * When the card of exactly this plan has been in its channel, whole: nobody can have judged what nobody could see.
 * Undefined: it has not.
 */
export async function shownAt(rows: Rows, plan: Plan): Promise<Date | undefined> {
  const entries = await rows.timeline.ofIncident(plan.incidentId);
  return entries.find(({ kind, data }) => {
    const said = data as { readonly planId?: unknown; readonly digest?: unknown } | null;
    return kind === 'plan.shown' && said?.planId === plan.id && said.digest === plan.digest;
  })?.at;
}

export async function isShown(rows: Rows, plan: Plan): Promise<boolean> {
  return (await shownAt(rows, plan)) !== undefined;
}

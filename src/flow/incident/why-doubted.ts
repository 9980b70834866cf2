import type { PlanState } from '../../domain/plan.ts';
import type { Rows } from '../../ports/record.ts';

const disappointed: Partial<Record<PlanState, string>> = {
  rejected: 'a plan was rejected in this incident',
  undoing: 'a fix is taken back in this incident',
  'rolled-back': 'a fix was taken back in this incident',
  failed: 'a fix failed in this incident',
};

/**
 * Why nothing runs by itself in this incident any more; null while nobody has doubted. A doubt outlives the plan that it
 * was about: the same fix made anew must not slip past it.
 */
export async function whyDoubted(rows: Rows, incidentId: string): Promise<string | null> {
  for (const { state } of await rows.plans.ofIncident(incidentId)) {
    const why = disappointed[state];
    if (why !== undefined) return why;
  }
  const told = await rows.timeline.ofIncident(incidentId);
  return told.some(({ kind }) => kind === 'plan.stopped') ? 'somebody stopped a plan in this incident' : null;
}

import type { Incident, Stage } from '../../domain/incident.ts';
import type { Plan } from '../../domain/plan.ts';
import type { Rows } from '../../ports/record.ts';
import type { FlowContext } from '../context.ts';
import { showAgent, showPlan } from './show.ts';

/** Stages that are never left from outside: a fix that has begun is finished and verified first, and looks again itself. */
const committed: readonly Stage[] = ['execution', 'verification', 'rollback'];

/**
 * Back to triage because of something new. `wider` adds agents for services that have none; `anew` sends everybody to look
 * once more, since what they saw was another failure. A plan that waits is withdrawn: it was made from less.
 */
export async function lookAgain(
  flow: FlowContext,
  rows: Rows,
  incident: Incident,
  why: string,
  how: 'wider' | 'anew',
): Promise<void> {
  if (how === 'anew') await resetInvestigations(flow, rows, incident.id);
  if (committed.includes(incident.stage)) return;
  await withdrawPlans(
    flow,
    rows,
    incident.id,
    ['announced', 'pending'],
    `Plan withdrawn: ${why} A new look comes first.`,
  );
  await rows.incidents.update(incident.id, { stage: 'triage' });
}

/** Moves plans in these states to `void`, all or those that `which` names; says whether there was one. */
export async function withdrawPlans(
  flow: FlowContext,
  rows: Rows,
  incidentId: string,
  from: readonly ('announced' | 'pending' | 'approved')[],
  text: string,
  which: (plan: Plan) => boolean = () => true,
): Promise<boolean> {
  let any = false;
  for (const plan of await rows.plans.ofIncident(incidentId)) {
    if (!which(plan)) continue;
    for (const state of from) {
      if (!(await rows.plans.move(plan.id, state, 'void'))) continue;
      any = true;
      await rows.timeline.append(incidentId, {
        kind: 'plan.void',
        actor: 'warroom',
        text,
        data: { planId: plan.id, digest: plan.digest },
      });
      await showPlan(flow, rows, plan.id);
    }
  }
  return any;
}

async function resetInvestigations(flow: FlowContext, rows: Rows, incidentId: string): Promise<void> {
  await rows.peerQuestions.setAside(incidentId);
  for (const investigation of await rows.investigations.ofIncident(incidentId)) {
    await rows.investigations.update(investigation.id, {
      state: 'queued',
      round: investigation.round + 1,
      steps: [],
      limits: [],
      ruledOut: [],
      nextChecks: [],
      reasoning: null,
      startedAt: null,
      finishedAt: null,
    });
    await showAgent(flow, rows, investigation.id);
  }
}

import type { Answer, PlanButton } from '../../domain/approval.ts';
import type { Incident, Stage } from '../../domain/incident.ts';
import { isLive, type Plan, type ProposedRemedy } from '../../domain/plan.ts';
import type { Rows } from '../../ports/record.ts';
import type { FlowContext } from '../context.ts';
import { findMember } from '../incident/people.ts';
import { showIncident } from '../incident/show.ts';
import { wake } from '../incident/wake.ts';
import { buildPlan, type Wish } from './build-plan.ts';
import { offerPlan } from './offer-plan.ts';

/** Nobody waits longer than this for a card. */
const planDeadlineMs = 150_000;

/** Stages in which a plan may come from outside the story: nothing is being carried out. */
const open: readonly Stage[] = ['triage', 'investigation', 'root-cause', 'planning', 'approval', 'learning'];

/** `/warroom fix`: a person's own plan, checked and hashed as any other. Who asked for it may not approve it. */
export async function proposePlan(
  flow: FlowContext,
  request: { incidentId: string; userId: string; remedies: readonly ProposedRemedy[] },
): Promise<Answer> {
  const incident = await flow.record.incidents.get(request.incidentId);
  if (incident === undefined) return cannot('There is no such incident.');
  const member = await findMember(flow, request.userId);
  if ('refused' in member) return member.refused;
  const rootCause = await flow.record.rootCauses.get(incident.id);
  return await offer(flow, incident, {
    remedies: request.remedies,
    evidence: rootCause?.evidence ?? [],
    requestedBy: [request.userId],
    createdBy: `user:${request.userId}`,
  });
}

/**
 * An expired or void plan is never extended: it is made anew from the state of things now, with a digest of its own, and
 * whoever asked for the first still may not approve the second.
 */
export async function renewPlan(flow: FlowContext, button: PlanButton): Promise<Answer> {
  const old = await flow.record.plans.get(button.planId);
  if (old === undefined || old.digest !== button.digest || old.nonce !== button.nonce) {
    return { accepted: false, refusal: 'changed', approvers: [] };
  }
  if (old.state !== 'expired' && old.state !== 'void') {
    return { accepted: false, refusal: 'not-pending', approvers: [] };
  }
  const member = await findMember(flow, button.userId);
  if ('refused' in member) return member.refused;
  const incident = await flow.record.incidents.get(old.incidentId);
  if (incident === undefined) return cannot('There is no such incident.');
  const wish = { ...wishOf(old), createdBy: `user:${button.userId}` };
  return await offer(flow, incident, wish, { renews: old, by: button.userId });
}

function wishOf(plan: Plan): Omit<Wish, 'createdBy'> {
  return {
    remedies: plan.body.remedies.map(({ kind, service, params }) => ({ kind, service, params })),
    evidence: plan.body.evidence,
    requestedBy: plan.body.requestedBy,
  };
}

async function offer(
  flow: FlowContext,
  incident: Incident,
  wish: Wish,
  renewal: { readonly renews: Plan; readonly by: string } | null = null,
): Promise<Answer> {
  const before = await whyNotNow(flow.record, incident);
  if (before !== null) return cannot(before);
  const built = await buildPlan(flow, incident, wish, AbortSignal.timeout(planDeadlineMs));
  if ('reason' in built) return cannot(`No plan was made: ${built.reason}`);
  const refused = await flow.record.transaction(async (rows) => {
    const current = await rows.incidents.lock(incident.id);
    const reason = current === undefined ? 'There is no such incident.' : await whyNotNow(rows, current);
    if (reason !== null) return reason;
    if (renewal !== null) {
      await rows.timeline.append(incident.id, {
        kind: 'plan.renewed',
        actor: `user:${renewal.by}`,
        text: 'The plan was checked again and made anew.',
        data: { planId: renewal.renews.id, digest: renewal.renews.digest, newPlanId: built.plan.id },
      });
    }
    await offerPlan(flow, rows, built, wish.createdBy);
    await showIncident(flow, rows, incident.id);
    return null;
  });
  if (refused !== null) return cannot(refused);
  await wake(flow, incident.id, 'approval');
  return { accepted: true, note: null };
}

async function whyNotNow(rows: Rows, incident: Incident): Promise<string | null> {
  if (incident.status === 'resolved') return 'The incident is resolved: nothing is changed any more.';
  if (!open.includes(incident.stage)) return 'A fix is being carried out. Wait until it is verified.';
  const live = (await rows.plans.ofIncident(incident.id)).find(isLive);
  return live === undefined ? null : 'Another plan waits in this room. Decide it first.';
}

function cannot(reason: string): Answer {
  return { accepted: false, refusal: null, reason };
}

import { carriesPlan } from '../../domain/evidence.ts';
import type { Incident } from '../../domain/incident.ts';
import { isLive, type ProposedRemedy } from '../../domain/plan.ts';
import { isRankedByCode } from '../../domain/ranked-commits.ts';
import { findService } from '../../domain/service.ts';
import type { Rows } from '../../ports/record.ts';
import type { FlowContext } from '../context.ts';
import { showIncident, showNotice } from '../incident/show.ts';
import { wake } from '../incident/wake.ts';
import { buildPlan, type Wish } from './build-plan.ts';
import { offerPlan } from './offer-plan.ts';
import { rejectionsOf } from './rejections.ts';

/** A fix that keeps missing its moment is a matter for people. */
const mostPlans = 3;

/** From a root cause to a typed, hashed plan, or to a sentence that says why there is none. */
export async function planFix(flow: FlowContext, incidentId: string, signal: AbortSignal): Promise<void> {
  const incident = await flow.record.incidents.get(incidentId);
  if (incident === undefined || incident.stage !== 'planning') return;
  // A person has a plan of their own before people: the agents' turn comes once that one is over.
  const busy =
    incident.status !== 'resolved' && (await flow.record.plans.ofIncident(incidentId)).some(isLive);
  if (busy) return;
  const wish = await chooseFix(flow, incident);
  // Asked before the transaction: a slow monitor must not hold rows.
  const built = 'reason' in wish ? wish : await buildPlan(flow, incident, wish, signal);
  await flow.record.transaction(async (rows) => {
    const current = await rows.incidents.lock(incidentId);
    const over = current?.status === 'resolved';
    if (!over && (await rows.plans.ofIncident(incidentId)).some(isLive)) return;
    if (!(await rows.incidents.moveStage(incidentId, 'planning', over ? 'learning' : 'approval'))) return;
    // It resolved while the preview was made: nobody is asked to change what works again.
    if (over) return;
    if ('reason' in built) await decline(rows, incidentId, built.reason);
    else await offerPlan(flow, rows, built, `agent:${built.plan.body.service}`);
    await showIncident(flow, rows, incidentId);
  });
  const after = await flow.record.incidents.get(incidentId);
  if (after?.stage !== 'planning') await wake(flow, incidentId);
}

async function decline(rows: Rows, incidentId: string, reason: string): Promise<void> {
  const text = `No fix is offered: ${reason}`;
  await rows.timeline.append(incidentId, { kind: 'plan.none', actor: 'warroom', text, data: {} });
  await showNotice(rows, incidentId, 'no-plan', 'info', text);
}

async function chooseFix(flow: FlowContext, incident: Incident): Promise<Wish | { readonly reason: string }> {
  const none = (reason: string) => ({ reason });
  const rootCause = await flow.record.rootCauses.get(incident.id);
  if (rootCause === undefined || rootCause.outcome === 'inconclusive')
    return none('the cause is not clear enough.');
  const evidence = (await flow.record.evidence.ofIncident(incident.id)).filter((row) =>
    rootCause.evidence.includes(row.number),
  );
  const about = rootCause.path;
  if (!carriesPlan(evidence.filter((row) => about.includes(row.service))))
    return none('the cause rests on one kind of evidence alone.');
  const service = rootCause.service === null ? undefined : findService(flow.catalogue, rootCause.service);
  if (service === undefined) return none('the blamed service is not in the catalogue.');

  const remedies: readonly ProposedRemedy[] =
    rootCause.proposes.length > 0
      ? rootCause.proposes
      : rootCause.commit === null
        ? []
        : [{ kind: 'revert-commit', service: service.name, params: { commit: rootCause.commit.sha } }];
  if (remedies.length === 0) return none('no single commit explains it.');
  const { commit } = rootCause;
  if (rootCause.proposes.length === 0 && commit !== null) {
    const all = await flow.record.evidence.ofIncident(incident.id);
    if (!isRankedByCode(commit.sha, service.name, all))
      return none(
        `${commit.sha.slice(0, 10)} is named, but what code reads in the changes does not put it first. Whoever is sure can ask for it: /warroom fix.`,
      );
  }

  const plans = await flow.record.plans.ofIncident(incident.id);
  if (plans.filter((plan) => plan.createdBy.startsWith('agent:')).length >= mostPlans) {
    return none(`${mostPlans} plans were made and none could be carried out.`);
  }
  const refused = (await rejectionsOf(flow, remedies)).find((one) => one.incidentId === incident.id);
  if (refused !== undefined) {
    return none(
      refused.reason === null ? 'it was rejected here.' : `it was rejected here: “${refused.reason}”`,
    );
  }
  const createdBy = `agent:${service.name}`;
  return { remedies, evidence: rootCause.evidence, about, requestedBy: [], createdBy };
}

import { randomBytes } from 'node:crypto';
import type { Incident } from '../domain/incident.ts';
import { type Plan, type PlanBody, planCanonical } from '../domain/plan.ts';
import type { RootCause } from '../domain/root-cause.ts';
import { findService, type Service } from '../domain/service.ts';
import { explainError } from '../platform/errors.ts';
import { newId } from '../platform/ids.ts';
import type { Preview } from '../ports/remedy.ts';
import type { FlowContext } from './context.ts';
import { showIncident, showNotice, showPlan } from './incident/show.ts';

/** From a root cause to a typed, hashed plan, or to a sentence that says why there is none. */
export async function planFix(flow: FlowContext, incidentId: string, signal: AbortSignal): Promise<void> {
  const incident = await flow.record.incidents.get(incidentId);
  if (incident === undefined || incident.stage !== 'planning') return;
  if (incident.status === 'resolved') {
    await flow.record.incidents.moveStage(incidentId, 'planning', 'learning');
    await flow.queue.advance(incidentId, 'learning');
    return;
  }
  const rootCause = await flow.record.rootCauses.get(incidentId);
  const proposal = await propose(flow, rootCause, signal);
  // Asked before the transaction: a slow monitor must not hold rows.
  const plan = proposal.kind === 'none' ? null : await buildPlan(flow, incident, proposal, signal);
  await flow.record.transaction(async (rows) => {
    if (!(await rows.incidents.moveStage(incidentId, 'planning', 'approval'))) return;
    if (proposal.kind === 'none' || plan === null) {
      const reason = proposal.kind === 'none' ? proposal.reason : 'it could not be built.';
      await rows.timeline.append(incidentId, {
        kind: 'plan.none',
        actor: 'warroom',
        text: `No fix is offered: ${reason}`,
        data: {},
      });
      await showNotice(rows, incidentId, 'no-plan', 'info', `No fix is offered: ${reason}`);
    } else {
      await rows.plans.insert(plan);
      await rows.timeline.append(incidentId, {
        kind: 'plan.offered',
        actor: plan.createdBy,
        text: `Plan offered: ${proposal.preview.planned.preview.summary}`,
        data: { planId: plan.id, digest: plan.digest, risk: plan.body.risk.class },
      });
      await showPlan(flow, rows, plan.id);
    }
    await showIncident(flow, rows, incidentId);
  });
}

type Proposal =
  | { readonly kind: 'none'; readonly reason: string }
  | {
      readonly kind: 'fix';
      readonly service: Service;
      readonly rootCause: RootCause;
      readonly preview: Extract<Preview, { possible: true }>;
    };

async function propose(
  flow: FlowContext,
  rootCause: RootCause | undefined,
  signal: AbortSignal,
): Promise<Proposal> {
  const none = (reason: string): Proposal => ({ kind: 'none', reason });
  if (rootCause === undefined || rootCause.outcome === 'inconclusive')
    return none('the cause is not clear enough.');
  const service = rootCause.service === null ? undefined : findService(flow.catalogue, rootCause.service);
  if (service === undefined) return none('the blamed service is not in the catalogue.');
  if (service.mode === 'observe') return none(`${service.name} is in observe mode.`);
  if (rootCause.commit === null) return none('no single commit explains it.');
  if (flow.remedies === null) return none('no code host is connected (GITHUB_TOKEN).');
  try {
    const params = { commit: rootCause.commit.sha };
    const preview = await flow.remedies['revert-commit'].preview(service, params, signal);
    return preview.possible ? { kind: 'fix', service, rootCause, preview } : none(preview.reason);
  } catch (error) {
    flow.log.warn({ incidentId: rootCause.incidentId, err: error }, 'preview failed');
    return none(`the preview failed. ${explainError(error)}`);
  }
}

async function buildPlan(
  flow: FlowContext,
  incident: Incident,
  { rootCause, preview }: Extract<Proposal, { kind: 'fix' }>,
  signal: AbortSignal,
): Promise<Plan> {
  const id = newId();
  const body: PlanBody = {
    version: 1,
    planId: id,
    incidentId: incident.id,
    service: preview.planned.service,
    remedies: [preview.planned],
    risk: preview.risk,
    evidence: rootCause.evidence,
    verification: await verificationOf(flow, incident.id, signal),
  };
  const now = await flow.record.now();
  return {
    id,
    incidentId: incident.id,
    body,
    ...planCanonical(body),
    nonce: randomBytes(16).toString('hex'),
    state: 'pending',
    createdBy: `agent:${preview.planned.service}`,
    createdAt: now,
    expiresAt: new Date(now.getTime() + flow.policy.planExpiryMinutes * 60_000),
  };
}

/** The alert's own expression, as its monitor has it; empty when it cannot be known (a declared incident). */
async function verificationOf(
  flow: FlowContext,
  incidentId: string,
  signal: AbortSignal,
): Promise<PlanBody['verification']> {
  const alerts = await flow.record.alerts.ofIncident(incidentId);
  for (const alert of alerts) {
    const name = alert.labels.alertname;
    if (alert.status !== 'firing' || name === undefined || flow.sources.metrics === null) continue;
    try {
      const rules = await flow.sources.metrics.alertRules(name, signal);
      const own = rules.find((rule) =>
        Object.entries(rule.labels).every(([key, value]) => alert.labels[key] === value),
      );
      const rule = own ?? rules[0];
      if (rule !== undefined) return { alert: name, expression: rule.expression };
    } catch (error) {
      flow.log.warn({ incidentId, err: error }, 'alert rule could not be read');
    }
  }
  return { alert: alerts[0]?.labels.alertname ?? '', expression: '' };
}

import { randomBytes } from 'node:crypto';
import type { RecordedAlert } from '../domain/alert.ts';
import { carriesPlan } from '../domain/evidence.ts';
import type { Incident } from '../domain/incident.ts';
import { type Plan, type PlanBody, planCanonical } from '../domain/plan.ts';
import { latestEpisodes } from '../domain/room-views.ts';
import type { RootCause } from '../domain/root-cause.ts';
import { findService } from '../domain/service.ts';
import { explainError } from '../platform/errors.ts';
import { newId } from '../platform/ids.ts';
import type { AlertRule } from '../ports/metric-source.ts';
import type { Rows } from '../ports/record.ts';
import type { Preview } from '../ports/remedy.ts';
import type { FlowContext } from './context.ts';
import { showIncident, showNotice, showPlan } from './incident/show.ts';
import { wake } from './incident/wake.ts';

/** A fix that keeps missing its moment is a matter for people. */
const mostPlans = 3;

/** From a root cause to a typed, hashed plan, or to a sentence that says why there is none. */
export async function planFix(flow: FlowContext, incidentId: string, signal: AbortSignal): Promise<void> {
  const incident = await flow.record.incidents.get(incidentId);
  if (incident === undefined || incident.stage !== 'planning') return;
  const proposal = await propose(flow, incidentId, signal);
  // Asked before the transaction: a slow monitor must not hold rows.
  const plan = proposal.kind === 'none' ? null : await buildPlan(flow, incident, proposal, signal);
  await flow.record.transaction(async (rows) => {
    const current = await rows.incidents.lock(incidentId);
    const over = current?.status === 'resolved';
    if (!(await rows.incidents.moveStage(incidentId, 'planning', over ? 'learning' : 'approval'))) return;
    // It resolved while the preview was made: nobody is asked to change what works again.
    if (over) return;
    if (proposal.kind === 'fix' && plan !== null) await offer(flow, rows, plan, proposal);
    else if (proposal.kind === 'none') await decline(rows, incidentId, proposal.reason);
    await showIncident(flow, rows, incidentId);
  });
  await wake(flow, incidentId);
}

async function offer(flow: FlowContext, rows: Rows, plan: Plan, proposal: Fix): Promise<void> {
  await rows.plans.insert(plan);
  await rows.timeline.append(plan.incidentId, {
    kind: 'plan.offered',
    actor: plan.createdBy,
    text: `Plan offered: ${proposal.preview.planned.preview.summary}`,
    data: { planId: plan.id, digest: plan.digest, risk: plan.body.risk.class },
  });
  await showPlan(flow, rows, plan.id);
}

async function decline(rows: Rows, incidentId: string, reason: string): Promise<void> {
  const text = `No fix is offered: ${reason}`;
  await rows.timeline.append(incidentId, { kind: 'plan.none', actor: 'warroom', text, data: {} });
  await showNotice(rows, incidentId, 'no-plan', 'info', text);
}

interface Fix {
  readonly kind: 'fix';
  readonly rootCause: RootCause;
  readonly preview: Extract<Preview, { possible: true }>;
}

type Proposal = { readonly kind: 'none'; readonly reason: string } | Fix;

async function propose(flow: FlowContext, incidentId: string, signal: AbortSignal): Promise<Proposal> {
  const none = (reason: string): Proposal => ({ kind: 'none', reason });
  const rootCause = await flow.record.rootCauses.get(incidentId);
  if (rootCause === undefined || rootCause.outcome === 'inconclusive')
    return none('the cause is not clear enough.');
  const evidence = (await flow.record.evidence.ofIncident(incidentId)).filter((row) =>
    rootCause.evidence.includes(row.number),
  );
  if (!carriesPlan(evidence)) return none('the cause rests on one kind of evidence alone.');
  const service = rootCause.service === null ? undefined : findService(flow.catalogue, rootCause.service);
  if (service === undefined) return none('the blamed service is not in the catalogue.');
  if (service.mode === 'observe') return none(`${service.name} is in observe mode.`);
  if (rootCause.commit === null) return none('no single commit explains it.');
  if (flow.remedies === null) return none('no code host is connected (GITHUB_TOKEN).');
  if ((await flow.record.plans.ofIncident(incidentId)).length >= mostPlans) {
    return none(`${mostPlans} plans were made and none could be carried out.`);
  }
  try {
    const params = { commit: rootCause.commit.sha };
    const preview = await flow.remedies['revert-commit'].preview(service, params, signal);
    return preview.possible ? { kind: 'fix', rootCause, preview } : none(preview.reason);
  } catch (error) {
    if (signal.aborted) throw error;
    flow.log.warn({ incidentId, err: error }, 'preview failed');
    return none(`the preview failed. ${explainError(error)}`);
  }
}

async function buildPlan(
  flow: FlowContext,
  incident: Incident,
  { rootCause, preview }: Fix,
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

/**
 * How the fix will be judged: the expression of an alert that still fires, as its monitor has it. Empty when it cannot be
 * known (a declared incident, rules that share a name): the card then says that nobody can measure it.
 */
async function verificationOf(
  flow: FlowContext,
  incidentId: string,
  signal: AbortSignal,
): Promise<PlanBody['verification']> {
  const episodes = latestEpisodes(await flow.record.alerts.ofIncident(incidentId));
  const firing = episodes.filter((alert) => alert.status === 'firing');
  for (const alert of firing) {
    const name = alert.labels['alertname'];
    if (name === undefined || flow.sources.metrics === null) continue;
    try {
      const rules = await flow.sources.metrics.alertRules(name, signal);
      const fitting = rules.filter((rule) => fits(rule, alert));
      const rule = fitting.length > 0 ? fitting[0] : rules.length === 1 ? rules[0] : undefined;
      if (rule !== undefined)
        return { alert: name, expression: rule.expression, series: seriesOf(alert, rule) };
    } catch (error) {
      if (signal.aborted) throw error;
      flow.log.warn({ incidentId, err: error }, 'alert rule could not be read');
    }
  }
  return { alert: (firing[0] ?? episodes[0])?.labels['alertname'] ?? '', expression: '', series: {} };
}

/** Labels that the rule adds by a template differ from alert to alert and prove nothing. */
function fits(rule: AlertRule, alert: RecordedAlert): boolean {
  return Object.entries(rule.labels).every(
    ([key, value]) => value.includes('{{') || alert.labels[key] === value,
  );
}

function seriesOf(alert: RecordedAlert, rule: AlertRule): { [label: string]: string } {
  return Object.fromEntries(
    Object.entries(alert.labels).filter(([key]) => key !== 'alertname' && !(key in rule.labels)),
  );
}

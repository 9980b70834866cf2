import type { Execution, Reading } from '../../domain/execution.ts';
import type { Incident } from '../../domain/incident.ts';
import type { Investigation, InvestigatorName } from '../../domain/investigation.ts';
import type { Plan } from '../../domain/plan.ts';
import type { IncidentView, NoticeView, OutcomeView } from '../../domain/room.ts';
import { agentView, incidentView, planView } from '../../domain/room-views.ts';
import { findService } from '../../domain/service.ts';
import type { Rows } from '../../ports/record.ts';
import type { FlowContext } from '../context.ts';

/** Draws cards from rows into the outbox, inside the transaction that changed the rows. Same rows, same card: no edit. */

export async function showIncident(flow: FlowContext, rows: Rows, incidentId: string): Promise<void> {
  const incident = await rows.incidents.get(incidentId);
  if (incident === undefined) return;
  const view = await viewIncident(flow, rows, incident);
  await rows.outbox.put(incidentId, 'channel', {
    type: 'channel',
    name: incident.channelName,
    // Each change of the topic is a line in the channel: it says only what people cannot see on the pinned card at a glance.
    topic: `${incident.severity.toUpperCase()} · ${incident.status === 'resolved' ? 'resolved' : 'open'} · ${incident.services.join(', ')}`,
    purpose: incident.title,
  });
  await rows.outbox.put(incidentId, 'summary', { type: 'message', view, pin: true });
}

/** The pinned card's content. */
async function viewIncident(flow: FlowContext, rows: Rows, incident: Incident): Promise<IncidentView> {
  const investigations = await rows.investigations.ofIncident(incident.id);
  return incidentView({
    incident,
    catalogue: flow.catalogue,
    alerts: await rows.alerts.ofIncident(incident.id),
    investigations,
    findings: await rows.findings.ofIncident(incident.id),
    rootCause: await rows.rootCauses.get(incident.id),
    plan: (await rows.plans.ofIncident(incident.id))[0],
    investigator: speakerOf(flow, investigations),
  });
}

/** For `/warroom status`: one incident, or all that are open when `incidentId` is null. */
export async function viewIncidents(flow: FlowContext, incidentId: string | null): Promise<IncidentView[]> {
  const { record } = flow;
  const incidents =
    incidentId === null ? await record.incidents.open() : [await record.incidents.get(incidentId)];
  return Promise.all(
    incidents
      .filter((incident) => incident !== undefined)
      .map((incident) => viewIncident(flow, record, incident)),
  );
}

export async function showAgent(flow: FlowContext, rows: Rows, investigationId: string): Promise<void> {
  const investigation = await rows.investigations.get(investigationId);
  if (investigation === undefined) return;
  const findings = await rows.findings.ofIncident(investigation.incidentId);
  const own = findings.filter((finding) => finding.investigationId === investigationId);
  await rows.outbox.put(investigation.incidentId, agentKey(investigation.service), {
    type: 'message',
    view: agentView(investigation, own, speakerFor(flow, investigation.role)),
  });
}

export async function showPlan(flow: FlowContext, rows: Rows, planId: string): Promise<void> {
  const plan = await rows.plans.get(planId);
  if (plan === undefined) return;
  const view = planView(
    plan,
    await rows.plans.approvals(planId),
    findService(flow.catalogue, plan.body.service)?.approvers ?? [],
    await progressOf(rows, plan),
    await rows.evidence.ofIncident(plan.incidentId),
  );
  await rows.outbox.put(plan.incidentId, `plan:${planId}`, { type: 'message', view });
}

export async function showNotice(
  rows: Rows,
  incidentId: string,
  key: string,
  tone: NoticeView['tone'],
  text: string,
): Promise<void> {
  await rows.outbox.put(incidentId, `notice:${key}`, {
    type: 'message',
    view: { view: 'notice', tone, text },
  });
}

/** What the alert's own expression said before and after a fix. */
export async function showOutcome(
  rows: Rows,
  plan: Plan,
  execution: Execution,
  after: Reading | null,
  result: OutcomeView['result'],
  headline: string,
): Promise<void> {
  const url = execution.receipt?.url ?? null;
  await rows.outbox.put(plan.incidentId, `outcome:${plan.id}`, {
    type: 'message',
    view: {
      view: 'outcome',
      result,
      headline,
      expression: plan.body.verification.expression,
      before: readingView(execution.before),
      after: readingView(after),
      links: url === null ? [] : [{ label: 'Pull request', url }],
    },
  });
}

function readingView(reading: Reading | null): { at: string; value: number | null } | null {
  return reading === null ? null : { at: reading.at.toISOString(), value: reading.value };
}

export function agentKey(service: string): string {
  return `agent:${service}`;
}

/** Who spoke for the suspects: a model that failed everywhere spoke for none. Before anyone ended, who is to speak. */
export function speakerOf(flow: FlowContext, investigations: readonly Investigation[]): InvestigatorName {
  const ended = investigations.filter((one) => one.role === 'suspect' && one.state === 'finished');
  if (ended.length === 0 || ended.some((one) => one.investigator === flow.investigator.name)) {
    return flow.investigator.name;
  }
  return flow.evidence.name;
}

/** Which investigator speaks for a role: neighbours always get the deterministic check. */
export function speakerFor(flow: FlowContext, role: 'suspect' | 'neighbour'): InvestigatorName {
  return role === 'suspect' ? flow.investigator.name : flow.evidence.name;
}

/** The card's own lines say these: who decided, and when. */
const saidByCard = new Set(['plan.offered', 'plan.approved', 'plan.rejected', 'plan.expired']);

async function progressOf(rows: Rows, plan: Plan): Promise<string[]> {
  const entries = (await rows.timeline.ofIncident(plan.incidentId)).filter((entry) =>
    isAbout(entry.data, plan.id),
  );
  const applied = entries.some((entry) => entry.kind === 'execution.applied');
  return entries
    .filter((entry) => !saidByCard.has(entry.kind) && !(applied && entry.kind === 'execution.started'))
    .map((entry) => entry.text);
}

function isAbout(data: unknown, planId: string): boolean {
  return typeof data === 'object' && data !== null && 'planId' in data && data.planId === planId;
}

import { approvalsNeeded, type Refusal } from '../../domain/approval.ts';
import { type Reading, receiptUrl, standingSteps, undoUrl } from '../../domain/execution.ts';
import type { Incident } from '../../domain/incident.ts';
import type { Investigation, InvestigatorName } from '../../domain/investigation.ts';
import type { PeerQuestion } from '../../domain/peer-question.ts';
import { isLive, type Plan, targetServices } from '../../domain/plan.ts';
import type { IncidentView, NoticeView, OutcomeView } from '../../domain/room.ts';
import { agentView, incidentView, peerQuestionView, planView } from '../../domain/room-views.ts';
import { findService } from '../../domain/service.ts';
import type { TimelineEntry } from '../../domain/timeline.ts';
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
    linkHosts: flow.policy.linkHosts,
    alerts: await rows.alerts.ofIncident(incident.id),
    investigations,
    findings: await rows.findings.ofIncident(incident.id),
    rootCause: await rows.rootCauses.get(incident.id),
    plan: (await rows.plans.ofIncident(incident.id))[0],
    spent: await rows.conversations.spentBy(incident.id),
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
    view: agentView(
      investigation,
      own,
      speakerFor(flow, investigation.role),
      await rows.peerQuestions.ofIncident(investigation.incidentId),
      (await rows.conversations.spentBy(investigation.incidentId)).filter(
        (one) => one.investigationId === investigationId,
      ),
    ),
  });
}

/** In the asker's thread, and on the cards of both. */
export async function showPeerQuestion(flow: FlowContext, rows: Rows, question: PeerQuestion): Promise<void> {
  const { id, incidentId, from, to } = question;
  await rows.outbox.put(incidentId, `peer:${id}`, {
    type: 'message',
    thread: agentKey(from),
    view: peerQuestionView(question, await rows.evidence.ofIncident(incidentId)),
  });
  for (const { id: agent, service } of await rows.investigations.ofIncident(incidentId))
    if (service === from || service === to) await showAgent(flow, rows, agent);
}

export async function showPlan(flow: FlowContext, rows: Rows, planId: string): Promise<void> {
  const plan = await rows.plans.get(planId);
  if (plan === undefined) return;
  const incident = await rows.incidents.get(plan.incidentId);
  const execution = await rows.executions.ofPlan(planId);
  const about = (await rows.timeline.ofIncident(plan.incidentId)).filter((entry) => isAbout(entry, planId));
  const halt = isLive(plan) ? await rows.halts.active() : undefined;
  const others = (await rows.plans.ofIncident(plan.incidentId)).filter((one) => one.id !== planId);
  const open = incident !== undefined && incident.status !== 'resolved';
  const view = planView({
    plan,
    approvals: await rows.plans.approvals(planId),
    approvers: approverRefs(flow, plan),
    needed: approvalsNeeded(plan.body.risk),
    refused: refusalsOf(about),
    whyAsked: whyAsked(about),
    progress: progressOf(about),
    undoable: settled.has(plan.state) && execution !== undefined && standingSteps(execution).length > 0,
    // One of two plans that ask for the same click would only confuse.
    renewable: open && (plan.state === 'expired' || plan.state === 'void') && !others.some(isLive),
    secondsLeft: secondsLeft(plan, await rows.now()),
    halted: halt === undefined ? null : { by: halt.by, reason: halt.reason },
    breakGlass: flow.policy.breakGlass !== null,
    evidence: await rows.evidence.ofIncident(plan.incidentId),
  });
  await rows.outbox.put(plan.incidentId, planKey(planId), { type: 'message', view });
}

/** A card that counts down is edited every ten seconds, and every five at the end. */
export function secondsLeft(plan: Plan, now: Date): number | null {
  if (plan.state !== 'announced' || plan.runsAt === null) return null;
  const seconds = Math.max(0, (plan.runsAt.getTime() - now.getTime()) / 1000);
  const step = seconds > 15 ? 10 : 5;
  return Math.ceil(seconds / step) * step;
}

/** What is over and left something in place. */
const settled: ReadonlySet<Plan['state']> = new Set(['executed', 'verified', 'unverified', 'failed']);

export function planKey(planId: string): string {
  return `plan:${planId}`;
}

function approverRefs(flow: FlowContext, plan: Plan): string[] {
  const refs = targetServices(plan.body).flatMap((name) => {
    const service = findService(flow.catalogue, name);
    return [...(service?.approvers ?? []), ...(service?.onCall ?? [])];
  });
  return [...new Set(refs)];
}

const mostRefusals = 3;

function refusalsOf(about: readonly TimelineEntry[]): { by: string; refusal: Refusal; at: string }[] {
  return about
    .filter((entry) => entry.kind === 'plan.refused')
    .slice(-mostRefusals)
    .map((entry) => ({
      by: entry.actor.replace(/^user:/, ''),
      refusal: fieldOf(entry, 'refusal') as Refusal,
      at: entry.at.toISOString(),
    }));
}

/** The newest word on why a person is asked although the mode would let it run by itself. */
function whyAsked(about: readonly TimelineEntry[]): string | null {
  const held = about.findLast((entry) => entry.kind === 'plan.held' || entry.kind === 'plan.stopped');
  if (held !== undefined) return held.text;
  const offered = about.find((entry) => entry.kind === 'plan.offered');
  const reason = offered === undefined ? null : fieldOf(offered, 'whyAsked');
  return typeof reason === 'string' ? reason : null;
}

function fieldOf(entry: TimelineEntry, field: string): unknown {
  return (entry.data as { readonly [key: string]: unknown } | null)?.[field];
}

export async function showNotice(
  rows: Rows,
  incidentId: string,
  key: string,
  tone: NoticeView['tone'],
  text: string,
  by?: string,
): Promise<void> {
  await rows.outbox.put(incidentId, `notice:${key}`, {
    type: 'message',
    view: { view: 'notice', tone, text, ...(by === undefined ? {} : { by }) },
  });
}

/** What the alert's own expression said before and after a fix. */
export async function showOutcome(
  rows: Rows,
  plan: Plan,
  seen: { readonly after: Reading | null; readonly result: OutcomeView['result']; readonly headline: string },
): Promise<void> {
  const execution = await rows.executions.ofPlan(plan.id);
  if (execution === undefined) return;
  const { after, result, headline } = seen;
  const [url, undo] = [receiptUrl(execution), undoUrl(execution)];
  await rows.outbox.put(plan.incidentId, `outcome:${plan.id}`, {
    type: 'message',
    view: {
      view: 'outcome',
      result,
      headline,
      expression: plan.body.verification.expression,
      before: readingView(execution.before),
      after: readingView(after),
      checks: execution.steps.flatMap((step) => (step.check === null ? [] : [step.check.text])),
      links: [
        ...(url === null ? [] : [{ label: 'Pull request', url }]),
        ...(undo === null ? [] : [{ label: 'Undone by', url: undo }]),
      ],
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
const saidByCard = new Set([
  'plan.offered',
  'plan.announced',
  'plan.shown',
  'plan.approved',
  'plan.broke-glass',
  'plan.rejected',
  'plan.refused',
  'plan.held',
  'plan.expired',
  'plan.asked',
  'plan.answered',
]);

function progressOf(about: readonly TimelineEntry[]): string[] {
  const stepped = about.some((entry) => entry.kind === 'execution.step');
  return about
    .filter((entry) => !saidByCard.has(entry.kind))
    .filter((entry) => !(stepped && entry.kind === 'execution.started'))
    .map((entry) => entry.text);
}

function isAbout({ data }: TimelineEntry, planId: string): boolean {
  return typeof data === 'object' && data !== null && 'planId' in data && data.planId === planId;
}

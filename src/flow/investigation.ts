import { ClaudeStopped, ConversationTaken } from '../agents/claude/stopped.ts';
import type { Investigator, Report } from '../agents/investigator.ts';
import type { Investigation } from '../domain/investigation.ts';
import { findService } from '../domain/service.ts';
import { explainError, WarroomError } from '../platform/errors.ts';
import type { Rows } from '../ports/record.ts';
import type { AgentWork } from '../ports/work-queue.ts';
import type { FlowContext } from './context.ts';
import { followUp, tellFollowUp, unheardSteers } from './incident/follow-up.ts';
import { createNotebook } from './incident/notebook.ts';
import { answerAsked, askedOf } from './incident/peer-questions.ts';
import { showAgent, showIncident } from './incident/show.ts';
import { stateFindings } from './incident/state-findings.ts';
import { wake, wakeAgents } from './incident/wake.ts';

const deadlineMs = { suspect: 10 * 60_000, neighbour: 60_000 } as const;
/** Beyond the minutes of a model: the look before them, a request that is on its way when they are over, the end. */
const aroundModelMs = 4 * 60_000;

/**
 * One agent looks at one service and leaves typed findings. Safe to run again, and by two workers at once: evidence keys
 * repeat, and only one of them may conclude. A model that fails is replaced by the deterministic investigator, and the
 * thread says so.
 */
export async function investigate(
  flow: FlowContext,
  investigationId: string,
  signal: AbortSignal,
): Promise<void> {
  const known = await flow.record.investigations.get(investigationId);
  const investigation = known === undefined ? null : await begin(flow, known);
  if (investigation === null) return;
  const outcome = await look(flow, investigation, signal);
  // Whoever has it ends it.
  if (outcome === null) return;
  if ('report' in outcome) await conclude(flow, investigation, outcome.report);
  else await fail(flow, investigation, outcome.failure);
  await wakeRootCause(flow, investigation.incidentId);
}

type Outcome = { readonly report: Report } | { readonly failure: unknown };

/** @returns null when another worker goes on with it */
async function look(
  flow: FlowContext,
  investigation: Investigation,
  signal: AbortSignal,
): Promise<Outcome | null> {
  const investigator = investigatorFor(flow, investigation);
  try {
    return { report: await run(flow, investigation, investigator, signal) };
  } catch (error) {
    if (error instanceof ConversationTaken) return null;
    rethrowIfNotTheAgents(error, signal);
    flow.log.warn(
      { investigationId: investigation.id, service: investigation.service, err: error },
      'investigation failed',
    );
    return investigator === flow.evidence
      ? { failure: error }
      : await fallBack(flow, investigation, error, signal);
  }
}

/**
 * A worker that is told to stop, and a record that is away, say nothing about the agent: the row stays `running`, and
 * whoever takes the job next goes on from it.
 */
function rethrowIfNotTheAgents(error: unknown, signal: AbortSignal): void {
  if (signal.aborted) throw error;
  if (error instanceof WarroomError && error.code === 'record_unavailable') throw error;
}

function investigatorFor(flow: FlowContext, { role }: Investigation): Investigator {
  return role === 'suspect' ? flow.investigator : flow.evidence;
}

async function run(
  flow: FlowContext,
  investigation: Investigation,
  investigator: Investigator,
  signal: AbortSignal,
): Promise<Report> {
  // Each investigator has a deadline of its own: a model that used up its time leaves the evidence engine all of its.
  const limited = AbortSignal.any([signal, AbortSignal.timeout(deadlineOf(flow, investigation))]);
  const incident = await flow.record.incidents.get(investigation.incidentId);
  const service = findService(flow.catalogue, investigation.service);
  if (incident === undefined || service === undefined) return { claims: [], ruledOut: [], nextChecks: [] };
  const assignment = {
    incident,
    alerts: await flow.record.alerts.ofIncident(incident.id),
    service,
    role: investigation.role,
    investigation: { id: investigation.id, round: investigation.round },
    catalogue: flow.catalogue,
    now: flow.clock.now(),
    asked: await askedOf(flow.record, investigation),
  };
  return investigator.investigate(assignment, createNotebook(flow, incident.id, investigation), limited);
}

function deadlineOf({ policy }: FlowContext, { role }: Investigation): number {
  const ofModel = role === 'suspect' ? policy.agents.perAgent.minutes * 60_000 + aroundModelMs : 0;
  return Math.max(deadlineMs[role], ofModel);
}

/** Null when there is nothing to do any more. */
async function begin(flow: FlowContext, known: Investigation): Promise<Investigation | null> {
  return flow.record.transaction(async (rows) => {
    await rows.incidents.lock(known.incidentId);
    const investigation = await rows.investigations.get(known.id);
    if (investigation?.state !== 'queued' && investigation?.state !== 'running') return null;
    await rows.investigations.update(investigation.id, {
      state: 'running',
      investigator: investigatorFor(flow, investigation).name,
      startedAt: investigation.startedAt ?? flow.clock.now(),
    });
    await showAgent(flow, rows, investigation.id);
    await showIncident(flow, rows, investigation.incidentId);
    return investigation;
  });
}

/** Whether this run may still speak: another one may have ended it, or a new round may have begun. */
async function mayEnd(rows: Rows, investigation: Investigation): Promise<boolean> {
  await rows.incidents.lock(investigation.incidentId);
  const current = await rows.investigations.get(investigation.id);
  return current?.state === 'running' && current.round === investigation.round;
}

async function conclude(flow: FlowContext, investigation: Investigation, report: Report): Promise<void> {
  const { incidentId, service } = investigation;
  const again = await flow.record.transaction(async (rows) => {
    if (!(await mayEnd(rows, investigation))) return null;
    await rows.investigations.update(investigation.id, {
      state: 'finished',
      ruledOut: report.ruledOut,
      nextChecks: report.nextChecks,
      reasoning: report.reasoning ?? null,
      finishedAt: flow.clock.now(),
    });
    const findings = await stateFindings(flow, rows, investigation, report.claims);
    await answerAsked(flow, rows, investigation, report.answers ?? [], findings);
    for (const finding of findings) {
      await rows.timeline.append(incidentId, {
        kind: 'finding.stated',
        actor: `agent:${service}`,
        text: finding.text,
        data: { service, claim: finding.kind, evidence: finding.evidence },
      });
    }
    await tellFollowUp(rows, investigation, findings.at(-1)?.text ?? 'There is nothing to say.');
    return lookOnceMore(flow, rows, investigation);
  });
  if (again !== null) await wakeAgents(flow, incidentId, [again]);
}

/** Somebody wrote while the agent was ending, and it never read it. */
async function lookOnceMore(
  flow: FlowContext,
  rows: Rows,
  { id, incidentId }: Investigation,
): Promise<AgentWork | null> {
  const [incident, ended] = [await rows.incidents.get(incidentId), await rows.investigations.get(id)];
  if (incident === undefined || ended === undefined) return null;
  if ((await unheardSteers(rows, ended)).length === 0) return null;
  const begun = await followUp(flow, rows, incident, ended);
  return 'round' in begun ? begun : null;
}

async function fallBack(
  flow: FlowContext,
  investigation: Investigation,
  error: unknown,
  signal: AbortSignal,
): Promise<Outcome> {
  await createNotebook(flow, investigation.incidentId, investigation).limit(
    `The ${flow.investigator.name} investigator stopped: ${explainError(error)} The evidence engine answers instead.`,
  );
  await flow.record.investigations.update(investigation.id, { investigator: flow.evidence.name });
  if (error instanceof ClaudeStopped) return { report: error.instead };
  try {
    return { report: await run(flow, investigation, flow.evidence, signal) };
  } catch (second) {
    rethrowIfNotTheAgents(second, signal);
    return { failure: second };
  }
}

async function fail(flow: FlowContext, investigation: Investigation, error: unknown): Promise<void> {
  await flow.record.transaction(async (rows) => {
    if (!(await mayEnd(rows, investigation))) return;
    const text = `The investigation stopped early: ${explainError(error)}`;
    const noted = (await rows.investigations.get(investigation.id)) ?? investigation;
    await rows.investigations.update(investigation.id, {
      state: 'failed',
      limits: [...noted.limits, text],
      finishedAt: flow.clock.now(),
    });
    await rows.timeline.append(investigation.incidentId, {
      kind: 'investigation.failed',
      actor: `agent:${investigation.service}`,
      text: `${investigation.service}: ${text}`,
      data: { service: investigation.service },
    });
    await showAgent(flow, rows, investigation.id);
    await showIncident(flow, rows, investigation.incidentId);
  });
}

/** BullMQ's fan-in does the same; a flow that was put twice, or lost with Redis, must not make the incident wait. */
async function wakeRootCause(flow: FlowContext, incidentId: string): Promise<void> {
  const all = await flow.record.investigations.ofIncident(incidentId);
  if (all.every((one) => one.state === 'finished' || one.state === 'failed'))
    await wake(flow, incidentId, 'root-cause');
}

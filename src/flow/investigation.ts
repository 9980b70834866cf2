import { ClaudeStopped } from '../agents/claude-stopped.ts';
import type { Investigator, Report } from '../agents/investigator.ts';
import type { Investigation } from '../domain/investigation.ts';
import { findService } from '../domain/service.ts';
import { explainError } from '../platform/errors.ts';
import type { FlowContext } from './context.ts';
import { createNotebook } from './incident/notebook.ts';
import { showAgent, showIncident } from './incident/show.ts';
import { stateFindings } from './incident/state-findings.ts';

const deadlineMs = { suspect: 10 * 60_000, neighbour: 60_000 } as const;

/**
 * One agent looks at one service and leaves typed findings. Safe to run again: evidence keys repeat, findings are stated
 * as a whole. A model that fails is replaced by the deterministic investigator, and the thread says so.
 */
export async function investigate(
  flow: FlowContext,
  investigationId: string,
  signal: AbortSignal,
): Promise<void> {
  const investigation = await flow.record.investigations.get(investigationId);
  if (investigation === undefined || investigation.state === 'finished' || investigation.state === 'failed')
    return;

  const investigator = investigation.role === 'suspect' ? flow.investigator : flow.evidence;
  await begin(flow, investigation, investigator);
  const limited = AbortSignal.any([signal, AbortSignal.timeout(deadlineMs[investigation.role])]);
  try {
    await conclude(flow, investigation, await run(flow, investigation, investigator, limited));
  } catch (error) {
    // A worker that is told to stop leaves the row `running`: whoever takes the job next goes on from its rows.
    if (signal.aborted) throw error;
    flow.log.warn({ investigationId, service: investigation.service, err: error }, 'investigation failed');
    if (investigator === flow.evidence) await fail(flow, investigation, error);
    else await fallBack(flow, investigation, error, signal);
  }
}

async function run(
  flow: FlowContext,
  investigation: Investigation,
  investigator: Investigator,
  signal: AbortSignal,
): Promise<Report> {
  const incident = await flow.record.incidents.get(investigation.incidentId);
  const service = findService(flow.catalogue, investigation.service);
  if (incident === undefined || service === undefined) return { claims: [], ruledOut: [], nextChecks: [] };
  const assignment = {
    incident,
    alerts: await flow.record.alerts.ofIncident(incident.id),
    service,
    role: investigation.role,
    catalogue: flow.catalogue,
    now: flow.clock.now(),
  };
  return investigator.investigate(assignment, createNotebook(flow, incident.id, investigation), signal);
}

async function begin(
  flow: FlowContext,
  investigation: Investigation,
  investigator: Investigator,
): Promise<void> {
  await flow.record.transaction(async (rows) => {
    await rows.investigations.update(investigation.id, {
      state: 'running',
      investigator: investigator.name,
      startedAt: investigation.startedAt ?? flow.clock.now(),
    });
    await showAgent(flow, rows, investigation.id);
    await showIncident(flow, rows, investigation.incidentId);
  });
}

async function conclude(flow: FlowContext, investigation: Investigation, report: Report): Promise<void> {
  const { incidentId, service } = investigation;
  await flow.record.transaction(async (rows) => {
    await rows.investigations.update(investigation.id, {
      state: 'finished',
      ruledOut: report.ruledOut,
      nextChecks: report.nextChecks,
      finishedAt: flow.clock.now(),
    });
    for (const finding of await stateFindings(flow, rows, investigation, report.claims)) {
      await rows.timeline.append(incidentId, {
        kind: 'finding.stated',
        actor: `agent:${service}`,
        text: finding.text,
        data: { service, claim: finding.kind, evidence: finding.evidence },
      });
    }
  });
}

async function fallBack(
  flow: FlowContext,
  investigation: Investigation,
  error: unknown,
  signal: AbortSignal,
): Promise<void> {
  // A deadline of its own: the model may have used up the first one.
  const limited = AbortSignal.any([signal, AbortSignal.timeout(deadlineMs[investigation.role])]);
  await createNotebook(flow, investigation.incidentId, investigation).limit(
    `The ${flow.investigator.name} investigator stopped: ${explainError(error)} The evidence engine answers instead.`,
  );
  await flow.record.investigations.update(investigation.id, { investigator: flow.evidence.name });
  try {
    const report =
      error instanceof ClaudeStopped ? error.instead : await run(flow, investigation, flow.evidence, limited);
    await conclude(flow, investigation, report);
  } catch (second) {
    if (signal.aborted) throw second;
    await fail(flow, investigation, second);
  }
}

async function fail(flow: FlowContext, investigation: Investigation, error: unknown): Promise<void> {
  await flow.record.transaction(async (rows) => {
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

import { surveyServices } from '../agents/triage-signals.ts';
import type { Incident } from '../domain/incident.ts';
import type { Investigation } from '../domain/investigation.ts';
import { newId } from '../platform/ids.ts';
import type { FlowContext } from './context.ts';
import { createNotebook } from './incident/notebook.ts';
import { showAgent, showIncident } from './incident/show.ts';
import { changesToTell } from './incident/tell-changes.ts';
import { wake } from './incident/wake.ts';

/** A full agent costs minutes and money: never more of them than an on-call engineer can follow. */
const maxSuspects = 4;

/** Which services get an agent, and why. Runs again after a crash without choosing twice. */
export async function triage(flow: FlowContext, incidentId: string, signal: AbortSignal): Promise<void> {
  const incident = await flow.record.incidents.get(incidentId);
  if (incident === undefined || incident.stage !== 'triage') return;

  const single = flow.policy.investigation.agents === 'single';
  const known = single ? await flow.record.investigations.ofIncident(incidentId) : [];
  // The one agent stays the one, and looks again at whatever else alerts.
  const chosen = known.length > 0 ? [] : await chooseInvestigations(flow, incident, signal);
  const told = await changesToTell(
    flow,
    incident,
    [...new Set([...incident.services, ...names(chosen, 'suspect')])],
    signal,
  );
  const moved = await flow.record.transaction(async (rows) => {
    if ((await rows.incidents.lock(incidentId))?.stage !== 'triage') return false;
    for (const investigation of chosen) {
      const existing = await rows.investigations.ensure(investigation);
      // A neighbour that was only glanced at has become a suspect: it gets its agent.
      if (existing.role === 'neighbour' && investigation.role === 'suspect') {
        await rows.investigations.update(existing.id, {
          role: 'suspect',
          reasons: investigation.reasons,
          score: investigation.score,
          state: 'queued',
          round: existing.round + 1,
          startedAt: null,
          finishedAt: null,
        });
      }
      await showAgent(flow, rows, existing.id);
    }
    for (const { id, round, state } of known) {
      if (state === 'queued' || state === 'running') continue;
      await rows.investigations.update(id, {
        state: 'queued',
        round: round + 1,
        startedAt: null,
        finishedAt: null,
      });
      await showAgent(flow, rows, id);
    }
    if (!(await rows.incidents.moveStage(incidentId, 'triage', 'investigation'))) return false;
    for (const event of told) await rows.timeline.append(incidentId, event);
    await rows.timeline.append(incidentId, {
      kind: 'triage.done',
      actor: 'warroom',
      text: known.length > 0 ? 'Triage: the one agent looks again, at this too.' : describeChoice(chosen),
      data: { suspects: names(chosen, 'suspect'), neighbours: names(chosen, 'neighbour') },
    });
    await showIncident(flow, rows, incidentId);
    return true;
  });
  if (!moved) return;
  const investigations = await flow.record.investigations.ofIncident(incidentId);
  if (investigations.length === 0) return wake(flow, incidentId, 'root-cause');
  await flow.queue.fanOut(
    incidentId,
    investigations.filter((one) => one.state === 'queued'),
  );
}

async function chooseInvestigations(
  flow: FlowContext,
  incident: Incident,
  signal: AbortSignal,
): Promise<Investigation[]> {
  const alerts = await flow.record.alerts.ofIncident(incident.id);
  const surveyed = await surveyServices(
    {
      incident,
      alerts,
      catalogue: flow.catalogue,
      sources: flow.sources,
      now: flow.clock.now(),
    },
    // The same after a crash; another once an alert came or went.
    createNotebook(flow, incident.id, { scope: `triage@${alerts.length}` }),
    signal,
  );
  const ranked = [...surveyed].sort((a, b) => b.score - a.score);
  const single = flow.policy.investigation.agents === 'single';
  const suspects = ranked.filter((one) => one.role === 'suspect').slice(0, single ? 1 : maxSuspects);
  const neighbours = single ? [] : ranked.filter((one) => one.role !== null && !suspects.includes(one));
  const start = (one: (typeof ranked)[number], role: 'suspect' | 'neighbour'): Investigation => ({
    id: newId(),
    incidentId: incident.id,
    service: one.service,
    role,
    reasons: one.reasons,
    score: one.score,
    state: 'queued',
    investigator: null,
    steps: [],
    limits: [],
    round: 1,
    ruledOut: [],
    nextChecks: [],
    startedAt: null,
    finishedAt: null,
  });
  return [
    ...suspects.map((one) => start(one, 'suspect')),
    ...neighbours.map((one) => start(one, 'neighbour')),
  ];
}

function names(chosen: readonly Investigation[], role: Investigation['role']): string[] {
  return chosen.filter((one) => one.role === role).map((one) => one.service);
}

function describeChoice(chosen: readonly Investigation[]): string {
  const suspects = names(chosen, 'suspect');
  const neighbours = names(chosen, 'neighbour');
  if (suspects.length === 0) return 'Triage: no service of the catalogue stands out.';
  const also = neighbours.length === 0 ? '' : `; quick check of ${neighbours.join(', ')}`;
  return `Triage: ${suspects.join(', ')} suspected${also}.`;
}

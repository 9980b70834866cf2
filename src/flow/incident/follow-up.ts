import { steerStep } from '../../agents/follow-steers.ts';
import type { Incident, Stage } from '../../domain/incident.ts';
import type { Investigation } from '../../domain/investigation.ts';
import type { Steer } from '../../domain/steer.ts';
import type { TimelineEntry } from '../../domain/timeline.ts';
import type { Rows } from '../../ports/record.ts';
import type { AgentWork } from '../../ports/work-queue.ts';
import type { FlowContext } from '../context.ts';
import { agentKey, showAgent, showIncident } from './show.ts';

/** Of one agent in one incident, beyond the rounds that the claims ask for. */
const mostFollowUps = 3;
const busy: readonly Stage[] = ['execution', 'verification', 'rollback'];

/**
 * One more round of one agent because of what people wrote; the caller holds the incident's lock. Nothing else of the
 * incident moves: a plan that waits goes on waiting until the agent has something else to say.
 */
export async function followUp(
  flow: FlowContext,
  rows: Rows,
  incident: Incident,
  investigation: Investigation,
): Promise<AgentWork | { readonly reason: string }> {
  const { id, service } = investigation;
  if (incident.status === 'resolved' || incident.stage === 'learning' || incident.stage === 'done')
    return { reason: 'The incident is over: its agents look no more.' };
  if (busy.includes(incident.stage))
    return { reason: 'A fix is being carried out. Write again once it has ended.' };
  const told = await rows.timeline.ofIncident(incident.id);
  if (told.filter((entry) => isFollowUp(entry, id)).length >= mostFollowUps)
    return { reason: `The agent of ${service} has looked again ${mostFollowUps} times already.` };
  const round = investigation.round + 1;
  await rows.investigations.update(id, {
    role: 'suspect',
    state: 'queued',
    steps: [],
    limits: [],
    round,
    startedAt: null,
    finishedAt: null,
  });
  await rows.timeline.append(incident.id, {
    kind: 'agent.follow-up',
    actor: 'warroom',
    text: `The agent of ${service} looks again, as it was asked in its thread.`,
    data: { investigationId: id, service, round },
  });
  await showAgent(flow, rows, id);
  await showIncident(flow, rows, incident.id);
  return { id, round };
}

/**
 * What was written after an agent had begun, and neither was in a request that a model answered nor has a step of the evidence
 * engine. From rows: reading it is not hearing it, and the worker that read it may be gone.
 */
export async function unheardSteers(rows: Rows, investigation: Investigation): Promise<Steer[]> {
  const { id, startedAt, steps } = investigation;
  if (startedAt === null) return [];
  const followed = steps.map(({ key }) => key).filter((key) => key.startsWith(steerStep));
  const heard = new Set([
    ...(await rows.conversations.toldSteers(id)),
    ...followed.map((key) => key.slice(steerStep.length)),
  ]);
  return (await rows.steers.ofInvestigation(id)).filter(
    (steer) => steer.at > startedAt && !heard.has(steer.id),
  );
}

/** A follow-up's end is told in the thread, also when nothing changed: who asked waits for it. */
export async function tellFollowUp(rows: Rows, investigation: Investigation, text: string): Promise<void> {
  const { id, incidentId, service, round } = investigation;
  const told = await rows.timeline.ofIncident(incidentId);
  if (!told.some((entry) => isFollowUp(entry, id) && fieldOf(entry, 'round') === round)) return;
  const steps = (await rows.investigations.get(id))?.steps ?? [];
  const followed = steps.filter((step) => step.key.startsWith(steerStep)).slice(-1);
  const said = [
    ...(followed.length > 0 ? followed.map((step) => step.text) : ['Looked again as asked.']),
    `Its answer: ${text}`,
  ];
  await rows.outbox.put(incidentId, `follow-up:${service}:${round}`, {
    type: 'message',
    thread: agentKey(service),
    view: { view: 'notice', tone: 'info', text: said.join(' ') },
  });
}

function isFollowUp(entry: TimelineEntry, investigationId: string): boolean {
  return entry.kind === 'agent.follow-up' && fieldOf(entry, 'investigationId') === investigationId;
}

function fieldOf({ data }: TimelineEntry, field: string): unknown {
  return (data as { readonly [key: string]: unknown } | null)?.[field];
}

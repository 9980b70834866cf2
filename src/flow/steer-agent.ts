import type { Investigation } from '../domain/investigation.ts';
import type { Rows } from '../ports/record.ts';
import type { FlowContext } from './context.ts';
import { followUp } from './incident/follow-up.ts';
import { findMember } from './incident/people.ts';
import { agentKey } from './incident/show.ts';
import { wakeAgents } from './incident/wake.ts';

/** A message in a thread of a channel, as Slack names both. */
export interface ThreadMessage {
  readonly channelId: string;
  readonly threadTs: string;
  readonly ts: string;
  readonly userId: string;
  readonly text: string;
}

/**
 * - `not-ours`: no agent's thread, or a message that is known already; nothing is to be said.
 * - `heard`: the agent has it, or looks once more because of it.
 * - `refused`: it will not look, and why, one sentence for who wrote it.
 */
export type SteerAnswer =
  | { readonly heard: 'not-ours' | 'heard' }
  | { readonly heard: 'refused'; readonly reason: string };

const textMax = 1_000;
/** To one agent: a thread that becomes a chat is for the people in it. */
const mostMessages = 20;
const notOurs: SteerAnswer = { heard: 'not-ours' };

/** A person writes in an agent's thread: it steers that agent and only it. A row before anything follows from it. */
export async function steerAgent(flow: FlowContext, message: ThreadMessage): Promise<SteerAnswer> {
  const found = await findAgent(flow.record, message);
  const text = message.text.trim().slice(0, textMax);
  if (found === null || text === '') return notOurs;
  const member = await findMember(flow, message.userId);
  if ('refused' in member)
    return { heard: 'refused', reason: 'Only full members of this workspace steer an agent.' };

  const { incidentId, id: investigationId, service } = found;
  const steer = {
    id: `${message.channelId}/${message.ts}`,
    incidentId,
    investigationId,
    userId: message.userId,
  };
  const outcome = await flow.record.transaction(async (rows) => {
    const incident = await rows.incidents.lock(incidentId);
    const investigation = await rows.investigations.get(investigationId);
    if (incident === undefined || investigation === undefined) return notOurs;
    const before = await rows.steers.ofInvestigation(investigationId);
    if (before.length >= mostMessages && !before.some((one) => one.id === steer.id))
      return {
        heard: 'refused',
        reason: `${mostMessages} messages steered it already; it reads no more.`,
      } as const;
    if (!(await rows.steers.ensure({ ...steer, text, at: await rows.now() }))) return notOurs;
    await rows.timeline.append(incidentId, {
      kind: 'agent.steered',
      actor: `user:${message.userId}`,
      text: `${member.person.name} to the agent of ${service}: ${text}`,
      data: { service, steerId: steer.id },
    });
    if (!hasEnded(investigation)) return { heard: 'heard' } as const;
    const begun = await followUp(flow, rows, incident, investigation);
    return 'reason' in begun ? ({ heard: 'refused', ...begun } as const) : begun;
  });
  if (!('round' in outcome)) return outcome;
  await wakeAgents(flow, incidentId, [outcome]);
  return { heard: 'heard' };
}

/** The agent whose card began the thread. */
async function findAgent(rows: Rows, { channelId, threadTs }: ThreadMessage): Promise<Investigation | null> {
  const incident = await rows.incidents.byChannel(channelId);
  if (incident === undefined) return null;
  const head = (await rows.outbox.ofIncident(incident.id)).find((entry) => entry.externalId === threadTs);
  if (head === undefined) return null;
  const investigations = await rows.investigations.ofIncident(incident.id);
  return investigations.find((one) => agentKey(one.service) === head.key) ?? null;
}

function hasEnded({ state }: Investigation): boolean {
  return state === 'finished' || state === 'failed';
}

import type { Answer } from '../domain/approval.ts';
import { isLive } from '../domain/plan.ts';
import { newId } from '../platform/ids.ts';
import { type Rows, systemStream } from '../ports/record.ts';
import type { FlowContext } from './context.ts';
import { lookUpMembers, lookUpPerson, nameOf } from './incident/people.ts';
import { showNotice, showPlan } from './incident/show.ts';
import { wake } from './incident/wake.ts';

/**
 * Stops all execution everywhere: a row that every executor, rollback and approval reads before it acts. Every member may
 * call it, and where the directory does not answer, anybody: stopping is the safe side.
 */
export async function haltExecution(
  flow: FlowContext,
  request: { userId: string; reason: string },
): Promise<Answer> {
  const person = await lookUpPerson(flow, request.userId);
  if (person !== undefined && person.kind !== 'member') {
    return { accepted: false, refusal: 'not-a-member', approvers: [] };
  }
  const id = newId();
  const halt = await flow.record.transaction(async (rows) => {
    const inForce = await rows.halts.raise({ id, by: request.userId, reason: request.reason });
    if (inForce.id !== id) return inForce;
    await rows.timeline.append(systemStream, {
      kind: 'halt.raised',
      actor: `user:${request.userId}`,
      text: `${person?.name ?? request.userId} halted all execution: ${request.reason}`,
      data: { haltId: id, reason: request.reason },
    });
    return inForce;
  });
  if (halt.id === id) {
    await tellRooms(flow, id, 'raised', request);
  }
  const already = halt.id === id ? '' : ` It was halted already by ${await nameOf(flow, halt.by)}.`;
  return { accepted: true, note: `Nothing is run or undone anywhere now.${already}` };
}

/** Only people named in the policy; a look-up that fails lifts nothing. */
export async function liftHalt(
  flow: FlowContext,
  request: { userId: string; reason: string },
): Promise<Answer> {
  const [person, lifters] = await Promise.all([
    lookUpPerson(flow, request.userId),
    lookUpMembers(flow, flow.policy.haltLifters),
  ]);
  if (person === undefined || lifters === undefined) {
    return { accepted: false, refusal: 'directory-unavailable', approvers: [] };
  }
  if (person.kind !== 'member') return { accepted: false, refusal: 'not-a-member', approvers: [] };
  if (!lifters.has(person.id)) {
    return {
      accepted: false,
      refusal: null,
      reason: 'Only people whom the policy names (haltLifters) may lift a halt.',
    };
  }
  const halt = await flow.record.transaction(async (rows) => {
    const inForce = await rows.halts.active();
    if (inForce === undefined || !(await rows.halts.lift(person.id, request.reason))) return undefined;
    await rows.timeline.append(systemStream, {
      kind: 'halt.lifted',
      actor: `user:${person.id}`,
      text: `${person.name} lifted the halt: ${request.reason}`,
      data: { haltId: inForce.id, reason: request.reason },
    });
    return inForce;
  });
  if (halt === undefined) return { accepted: false, refusal: null, reason: 'No halt is in force.' };
  await tellRooms(flow, halt.id, 'lifted', request);
  return { accepted: true, note: 'Execution goes on.' };
}

/** Every room with something to execute hears of it, and its card says so. A room that fails must not keep others. */
async function tellRooms(
  flow: FlowContext,
  haltId: string,
  what: 'raised' | 'lifted',
  { userId, reason }: { userId: string; reason: string },
): Promise<void> {
  const why = reason === '' ? '' : `: ${reason}`;
  const [tone, text] =
    what === 'raised'
      ? (['warning', `All execution is halted${why}`] as const)
      : (['good', `The halt is lifted, execution goes on${why}`] as const);
  for (const incident of await flow.record.incidents.unfinished()) {
    try {
      await flow.record.transaction(async (rows: Rows) => {
        await rows.incidents.lock(incident.id);
        await showNotice(rows, incident.id, `halt-${what}:${haltId}`, tone, text, userId);
        for (const plan of await rows.plans.ofIncident(incident.id)) {
          if (isLive(plan)) await showPlan(flow, rows, plan.id);
        }
      });
    } catch (error) {
      flow.log.warn({ incidentId: incident.id, err: error }, 'the room could not be told of the halt');
    }
    // What waited goes on now, and not at the next look of the reconciler: its approval grows old meanwhile.
    if (what === 'lifted') await wake(flow, incident.id);
  }
}

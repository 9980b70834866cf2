import type { Answer } from '../../domain/approval.ts';
import { newId } from '../../platform/ids.ts';
import { systemStream } from '../../ports/record.ts';
import type { FlowContext } from '../context.ts';
import { lookUpMembers, lookUpPerson, nameOf } from '../incident/people.ts';

const mostHours = 24;

/**
 * An approver hands on their own right for some hours. It is worth what their right is worth at the moment of each click,
 * it cannot be handed on again, and both together are one voice.
 */
export async function delegate(
  flow: FlowContext,
  request: { from: string; to: string; hours: number; reason: string },
): Promise<Answer> {
  const { from, to, hours, reason } = request;
  if (from === to) return cannot('You have your own right already.');
  if (!(hours > 0 && hours <= mostHours)) return cannot(`Choose at most ${mostHours} hours.`);
  const refs = flow.catalogue.services.flatMap((one) => [
    ...one.approvers,
    ...one.onCall,
    ...one.fallbackApprovers,
  ]);
  const [giver, taker, approvers] = await Promise.all([
    lookUpPerson(flow, from),
    lookUpPerson(flow, to),
    lookUpMembers(flow, [...new Set(refs)]),
  ]);
  if (giver === undefined || taker === undefined || approvers === undefined) {
    return { accepted: false, refusal: 'directory-unavailable', approvers: [] };
  }
  if (giver.kind !== 'member' || !approvers.has(from)) {
    return { accepted: false, refusal: 'not-an-approver', approvers: [] };
  }
  if (taker.kind !== 'member') return cannot(`${taker.name} is not a full member of this workspace.`);
  const until = await flow.record.transaction(async (rows) => {
    const now = await rows.now();
    const end = new Date(now.getTime() + hours * 60 * 60_000);
    await rows.delegations.insert({ id: newId(), from, to, reason, at: now, until: end, revokedAt: null });
    await rows.timeline.append(systemStream, {
      kind: 'delegation.given',
      actor: `user:${from}`,
      text: `${giver.name} lets ${taker.name} decide for them until ${end.toISOString()}: ${reason}`,
      data: { from, to, until: end.toISOString(), reason },
    });
    return end;
  });
  return {
    accepted: true,
    note: `${taker.name} may decide in your name until ${until.toISOString().slice(0, 16).replace('T', ' ')} UTC. Take it back with /warroom delegate off.`,
  };
}

export async function revokeDelegations(flow: FlowContext, userId: string): Promise<Answer> {
  const name = await nameOf(flow, userId);
  const count = await flow.record.transaction(async (rows) => {
    const ended = await rows.delegations.revokeFrom(userId);
    if (ended > 0) {
      await rows.timeline.append(systemStream, {
        kind: 'delegation.revoked',
        actor: `user:${userId}`,
        text: `${name} took back what they had handed on.`,
        data: { from: userId, count: ended },
      });
    }
    return ended;
  });
  return count === 0
    ? cannot('You had handed nothing on.')
    : { accepted: true, note: 'You alone decide for yourself again.' };
}

function cannot(reason: string): Answer {
  return { accepted: false, refusal: null, reason };
}

import type { Answer, Person } from '../../domain/approval.ts';
import type { FlowContext } from '../context.ts';

const directoryDeadlineMs = 5_000;

/** The person as the directory has them at this moment; undefined when it does not answer. */
export async function lookUpPerson(flow: FlowContext, userId: string): Promise<Person | undefined> {
  try {
    if (flow.directory === null) throw new Error('no directory is configured');
    return await flow.directory.person(userId, AbortSignal.timeout(directoryDeadlineMs));
  } catch (error) {
    flow.log.warn({ userId, err: error }, 'directory unavailable');
    return undefined;
  }
}

/** Members of these people and groups at this moment; undefined when the directory does not answer. */
export async function lookUpMembers(
  flow: FlowContext,
  refs: readonly string[],
): Promise<ReadonlySet<string> | undefined> {
  try {
    if (flow.directory === null) throw new Error('no directory is configured');
    return await flow.directory.members(refs, AbortSignal.timeout(directoryDeadlineMs));
  } catch (error) {
    flow.log.warn({ refs, err: error }, 'directory unavailable');
    return undefined;
  }
}

/** True for a full member of the workspace; otherwise the refusal to give back. */
export async function isMember(flow: FlowContext, userId: string): Promise<true | Answer> {
  const person = await lookUpPerson(flow, userId);
  if (person === undefined) return { accepted: false, refusal: 'directory-unavailable', approvers: [] };
  return person.kind === 'member' ? true : { accepted: false, refusal: 'not-a-member', approvers: [] };
}

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

/** A full member of the workspace; otherwise the refusal to give back. */
export async function findMember(
  flow: FlowContext,
  userId: string,
): Promise<{ readonly person: Person } | { readonly refused: Answer }> {
  const person = await lookUpPerson(flow, userId);
  if (person === undefined) {
    return { refused: { accepted: false, refusal: 'directory-unavailable', approvers: [] } };
  }
  return person.kind === 'member'
    ? { person }
    : { refused: { accepted: false, refusal: 'not-a-member', approvers: [] } };
}

/** A name for sentences; where the directory does not answer, the id still says who it was. */
export async function nameOf(flow: FlowContext, userId: string): Promise<string> {
  return (await lookUpPerson(flow, userId))?.name ?? userId;
}

import type { ApproversByService } from '../../domain/approval.ts';
import { type Plan, targetServices } from '../../domain/plan.ts';
import { findService } from '../../domain/service.ts';
import type { FlowContext } from '../context.ts';
import { lookUpMembers, lookUpPerson } from '../incident/people.ts';

/** Who may decide about a plan at this moment, and how the catalogue names them. */
export interface Approvers {
  readonly byService: ApproversByService;
  /** User ids, group ids and handles, for telling people whom to ask. */
  readonly refs: readonly string[];
}

/**
 * Read live, for each service that the plan acts on: its approvers and who is on call. The fallback group joins when none
 * of those is anybody, or when they have left the plan alone for a while. A look-up that fails gives nobody: it must not
 * open the door to the fallback.
 * Groups and catalogue may still name people whose account is closed: of those whose word `userId` would use (who lent
 * them their voice, who approved before them) each is looked up, and counts only as a full member.
 * @returns undefined when the directory does not answer
 */
export async function approversOf(
  flow: FlowContext,
  plan: Plan,
  userId: string,
): Promise<Approvers | undefined> {
  const lapsed = await findLapsed(flow, plan, userId);
  if (lapsed === undefined) return undefined;
  const waitedMs = (await flow.record.now()).getTime() - plan.createdAt.getTime();
  const late = waitedMs >= flow.policy.fallbackAfterMinutes * 60_000;
  const byService = new Map<string, ReadonlySet<string>>();
  const refs: string[] = [];
  for (const name of targetServices(plan.body)) {
    const service = findService(flow.catalogue, name);
    const own = [...(service?.approvers ?? []), ...(service?.onCall ?? [])];
    const members = await lookUpMembers(flow, own);
    if (members === undefined) return undefined;
    const eligible = [...members].filter((id) => !plan.body.requestedBy.includes(id) && !lapsed.has(id));
    const fallback = service?.fallbackApprovers ?? [];
    const joins = fallback.length > 0 && (late || eligible.length === 0);
    const helpers = joins ? await lookUpMembers(flow, fallback) : new Set<string>();
    if (helpers === undefined) return undefined;
    byService.set(name, new Set([...members, ...helpers].filter((id) => !lapsed.has(id))));
    refs.push(...own, ...(joins ? fallback : []));
  }
  return { byService, refs: [...new Set(refs)] };
}

/** People on whose word this click would rest besides the person's own, and who are no full members any more. */
async function findLapsed(
  flow: FlowContext,
  plan: Plan,
  userId: string,
): Promise<ReadonlySet<string> | undefined> {
  const lenders = (await flow.record.delegations.active()).filter((one) => one.to === userId);
  const earlier = (await flow.record.plans.approvals(plan.id)).filter((one) => one.decision === 'approve');
  const others = new Set([
    ...lenders.map((one) => one.from),
    ...earlier.map((one) => one.inNameOf ?? one.userId),
  ]);
  others.delete(userId);
  const looked = await Promise.all([...others].map((id) => lookUpPerson(flow, id)));
  const lapsed = new Set<string>();
  for (const person of looked) {
    if (person === undefined) return undefined;
    if (person.kind !== 'member') lapsed.add(person.id);
  }
  return lapsed;
}

import type { ApproversByService } from '../../domain/approval.ts';
import { type Plan, targetServices } from '../../domain/plan.ts';
import { findService } from '../../domain/service.ts';
import type { FlowContext } from '../context.ts';
import { lookUpMembers } from '../incident/people.ts';

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
 * @returns undefined when the directory does not answer
 */
export async function approversOf(flow: FlowContext, plan: Plan): Promise<Approvers | undefined> {
  const waitedMs = (await flow.record.now()).getTime() - plan.createdAt.getTime();
  const late = waitedMs >= flow.policy.fallbackAfterMinutes * 60_000;
  const byService = new Map<string, ReadonlySet<string>>();
  const refs: string[] = [];
  for (const name of targetServices(plan.body)) {
    const service = findService(flow.catalogue, name);
    const own = [...(service?.approvers ?? []), ...(service?.onCall ?? [])];
    const members = await lookUpMembers(flow, own);
    if (members === undefined) return undefined;
    const eligible = [...members].filter((id) => !plan.body.requestedBy.includes(id));
    const fallback = service?.fallbackApprovers ?? [];
    const joins = fallback.length > 0 && (late || eligible.length === 0);
    const helpers = joins ? await lookUpMembers(flow, fallback) : new Set<string>();
    if (helpers === undefined) return undefined;
    byService.set(name, new Set([...members, ...helpers]));
    refs.push(...own, ...(joins ? fallback : []));
  }
  return { byService, refs: [...new Set(refs)] };
}

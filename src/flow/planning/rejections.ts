import type { ProposedRemedy } from '../../domain/plan.ts';
import { canonicalJson } from '../../platform/canonical-json.ts';
import type { FlowContext } from '../context.ts';

export interface Rejection {
  readonly incidentId: string;
  readonly userId: string;
  /** Null when it was rejected without a word. */
  readonly reason: string | null;
  readonly at: Date;
}

const looked = 50;

/** What people said when they rejected the same fix before, newest first: a reason given once is not asked for twice. */
export async function rejectionsOf(
  flow: FlowContext,
  remedies: readonly ProposedRemedy[],
): Promise<Rejection[]> {
  const found = new Map<string, Rejection>();
  for (const { kind, service, params } of remedies) {
    const wanted = canonicalJson(params);
    for (const { plan, approval } of await flow.record.plans.rejections(service, kind, looked)) {
      const same = plan.body.remedies.some(
        (one) => one.kind === kind && one.service === service && canonicalJson(one.params) === wanted,
      );
      if (!same) continue;
      const { userId, reason, at } = approval;
      found.set(approval.id, { incidentId: plan.incidentId, userId, reason, at });
    }
  }
  return [...found.values()].sort((a, b) => b.at.getTime() - a.at.getTime());
}

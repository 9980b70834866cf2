import type { Plan } from '../../domain/plan.ts';
import { sha256 } from '../../platform/canonical-json.ts';
import type { RemedyContext } from '../../ports/remedy.ts';
import type { FlowContext } from '../context.ts';
import { nameOf } from './people.ts';

/** What a remedy may tell the world of why it acts. */
export async function remedyContext(
  flow: FlowContext,
  plan: Plan,
  act: {
    readonly what: 'apply' | 'undo';
    readonly step: number;
    readonly again: boolean;
    readonly approvedBy: string | null;
  },
): Promise<RemedyContext> {
  const { approvedBy } = act;
  const incident = await flow.record.incidents.get(plan.incidentId);
  const evidence = await flow.record.evidence.ofIncident(plan.incidentId);
  return {
    planId: plan.id,
    digest: plan.digest,
    // Undoing is another effect than doing: neither may be taken for the other.
    key: sha256(`${plan.digest} ${act.step} ${act.what}`),
    again: act.again,
    incidentId: plan.incidentId,
    incidentTitle: incident?.title ?? plan.incidentId,
    incidentUrl: flow.links.incident(plan.incidentId),
    evidence: evidence
      .filter((row) => plan.body.evidence.includes(row.number))
      .map((row) => `- **Evidence ${row.number}** (${row.kind}): ${row.summary}`),
    approvedBy: approvedBy === null ? null : await namedId(flow, approvedBy),
  };
}

/** A pull request is read by people, and the id tells two of one name apart. */
async function namedId(flow: FlowContext, userId: string): Promise<string> {
  const name = await nameOf(flow, userId);
  return name === userId ? userId : `${name} (${userId})`;
}

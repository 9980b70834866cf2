import type { Stage } from '../domain/incident.ts';
import type { FlowContext } from './context.ts';
import { executePlan } from './execution.ts';
import { investigate } from './investigation.ts';
import { learn } from './learning.ts';
import { planFix } from './planning.ts';
import { settleRootCause } from './root-cause.ts';
import { triage } from './triage.ts';
import { verifyFix } from './verification.ts';

export { decidePlan } from './approval.ts';
export { resolveIncident } from './incident/close.ts';
export { declareIncident } from './incident/open.ts';
export { viewIncidents } from './incident/show.ts';
/**
 * The story, in order. Each stage reads rows, does its part once and hands on; after a crash it runs again from its rows.
 *
 *   alert ─► incident ─► triage ─► investigation ─► root cause ─► plan ─► approval ─► execution ─► verification ─► learning
 */
export { acceptAlerts } from './intake.ts';
export { reconcile, requeueWork } from './reconcile.ts';
export { investigate };

type Advance = (flow: FlowContext, incidentId: string, signal: AbortSignal) => Promise<void>;

/** What a job of each stage does. Three wait for somebody else: agents' jobs, a person's click, nobody. */
const stages = {
  triage,
  investigation: waitForAgents,
  'root-cause': settleRootCause,
  planning: planFix,
  approval: waitForClick,
  execution: executePlan,
  verification: verifyFix,
  learning: learn,
  done: nothingLeft,
} satisfies Record<Stage, Advance>;

export function advance(
  flow: FlowContext,
  stage: Stage,
  incidentId: string,
  signal: AbortSignal,
): Promise<void> {
  return stages[stage](flow, incidentId, signal);
}

async function waitForAgents(): Promise<void> {}
async function waitForClick(): Promise<void> {}
async function nothingLeft(): Promise<void> {}

import type { Stage } from '../domain/incident.ts';
import { awaitDecision } from './approval/self-run.ts';
import type { FlowContext } from './context.ts';
import { executePlan } from './execution/execute-plan.ts';
import { investigate } from './investigation.ts';
import { learn } from './learning.ts';
import { planFix } from './planning/plan-fix.ts';
import { rollBack } from './rollback.ts';
import { settleRootCause } from './root-cause.ts';
import { triage } from './triage.ts';
import { verifyFix } from './verification.ts';

export { answerQuestion, askAgent } from './approval/ask-agent.ts';
export { decidePlan } from './approval/decide-plan.ts';
export { delegate, revokeDelegations } from './approval/delegate.ts';
export { recordShown } from './approval/record-shown.ts';
export { requestUndo } from './approval/request-undo.ts';
export { stopPlan } from './approval/self-run.ts';
export { haltExecution, liftHalt } from './halt.ts';
export { resolveIncident } from './incident/close.ts';
export { declareIncident } from './incident/open.ts';
export { viewIncidents } from './incident/show.ts';
/**
 * The story, in order. Each stage reads rows, does its part once and hands on; after a crash it runs again from its rows.
 *
 *   alert ─► incident ─► triage ─► investigation ─► root cause ─► plan ─► approval ─► execution ─► verification ─► learning
 *                                                                                         └───► rollback ◄───┘
 */
export { acceptAlerts } from './intake.ts';
export { proposePlan, renewPlan } from './planning/request-plan.ts';
export { reconcile, requeueWork } from './reconcile.ts';
export { findSimilar } from './similar.ts';
export { steerAgent } from './steer-agent.ts';
export { investigate };

type Advance = (flow: FlowContext, incidentId: string, signal: AbortSignal) => Promise<void>;

/** What a job of each stage does. Two wait for somebody else: agents' jobs, nobody. */
const stages = {
  triage,
  investigation: waitForAgents,
  'root-cause': settleRootCause,
  planning: planFix,
  approval: awaitDecision,
  execution: executePlan,
  verification: verifyFix,
  rollback: rollBack,
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
async function nothingLeft(): Promise<void> {}

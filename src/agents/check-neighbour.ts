import type { Claim } from '../domain/finding.ts';
import { findContractBreak } from './find-contract-break.ts';
import { investigateSuspect } from './investigate-suspect.ts';
import type { Notebook, Report } from './investigator.ts';
import { cite, lookAtService } from './look-at-service.ts';
import { sayHealthy } from './say-claims.ts';
import type { ToolContext } from './tools/tool.ts';

const abnormalFrom = 0.5;

/** The cheap check of a service next to a suspect: nothing abnormal, or it becomes a suspect itself. */
export async function checkNeighbour(
  context: ToolContext,
  notebook: Notebook,
  signal: AbortSignal,
): Promise<Report> {
  await notebook.step('telemetry', 'Comparing metrics, logs and traces with the baseline', 'running');
  const look = await lookAtService(context, notebook);
  await notebook.step('telemetry', 'Compared metrics, logs and traces with the baseline', 'done');
  if (Math.max(look.judgement.abnormal, look.judgement.own) >= abnormalFrom)
    return investigateSuspect(context, notebook, signal);

  const healthy: Claim = {
    kind: 'healthy',
    text: sayHealthy(look),
    evidence: look.evidence.filter((one) => one.kind !== 'change').map((one) => one.number),
    confidence: cite(look.evidence, ['metric', 'trace', 'log']).length > 0 ? 0.8 : 0.3,
  };
  await notebook.report([healthy]);
  const broken = await findContractBreak(context, look, notebook, signal);
  return {
    claims: [broken ?? healthy],
    ruledOut: [],
    nextChecks: [],
  };
}

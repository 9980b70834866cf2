import { splitComparison } from '../../domain/alert-expression.ts';
import { type AlertState, judgeReading } from '../../domain/alert-reading.ts';
import type { Reading } from '../../domain/execution.ts';
import type { Plan } from '../../domain/plan.ts';
import { latestEpisodes } from '../../domain/room-views.ts';
import type { FlowContext } from '../context.ts';

export interface AlertReading {
  readonly reading: Reading;
  readonly state: AlertState;
}

/** Evaluates the alert's own expression now, for the series that alerted. Metrics only: log text can be forged. */
export async function readAlert(flow: FlowContext, plan: Plan, signal: AbortSignal): Promise<AlertReading> {
  const { expression, series } = plan.body.verification;
  const at = flow.clock.now();
  const metrics = flow.sources.metrics;
  if (metrics === null || expression === '') return { reading: { at, value: null }, state: 'unknown' };
  const comparison = splitComparison(expression);
  try {
    const limited = AbortSignal.any([signal, AbortSignal.timeout(10_000)]);
    const [whole, measured] = await Promise.all([
      metrics.instant(expression, limited),
      comparison === null ? [] : metrics.instant(comparison.left, limited),
    ]);
    const { value, state } = judgeReading(series, comparison, whole, measured);
    return { reading: { at, value }, state };
  } catch (error) {
    if (signal.aborted) throw error;
    flow.log.warn({ planId: plan.id, err: error }, 'alert expression could not be read');
    return { reading: { at, value: null }, state: 'unknown' };
  }
}

/** Whether the monitor itself has said that the alert which the plan is verified by is over. */
export async function alertIsOver(flow: FlowContext, plan: Plan): Promise<boolean> {
  const alerts = await flow.record.alerts.ofIncident(plan.incidentId);
  const own = latestEpisodes(alerts).filter(
    (alert) => alert.labels['alertname'] === plan.body.verification.alert,
  );
  return own.length > 0 && own.every((alert) => alert.status === 'resolved');
}

import { splitComparison, splitRatio } from '../../domain/alert-expression.ts';
import { type AlertState, judgeReading } from '../../domain/alert-reading.ts';
import type { Reading } from '../../domain/execution.ts';
import type { Plan } from '../../domain/plan.ts';
import { latestEpisodes } from '../../domain/room-views.ts';
import type { MetricSource, Sample } from '../../ports/metric-source.ts';
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
      comparison === null ? [] : measure(metrics, comparison.left, limited),
    ]);
    const { value, state } = judgeReading(series, comparison, whole, measured);
    return { reading: { at, value }, state };
  } catch (error) {
    if (signal.aborted) throw error;
    flow.log.warn({ planId: plan.id, err: error }, 'alert expression could not be read');
    return { reading: { at, value: null }, state: 'unknown' };
  }
}

/**
 * The left side of a comparison. A share of bad requests has no value where there is no bad request at all, since its
 * numerator has no series (a process that restarted never counted one): with a living denominator that is zero, not silence.
 */
async function measure(metrics: MetricSource, left: string, signal: AbortSignal): Promise<Sample[]> {
  const measured = await metrics.instant(left, signal);
  const ratio = splitRatio(left);
  if (ratio === null) return measured;
  const [bad, all] = await Promise.all([
    metrics.instant(ratio.numerator, signal),
    metrics.instant(ratio.denominator, signal),
  ]);
  const known = new Set([...measured, ...bad].map((sample) => JSON.stringify(sample.labels)));
  const none = all.filter((sample) => (sample.value ?? 0) > 0 && !known.has(JSON.stringify(sample.labels)));
  return [...measured, ...none.map((sample) => ({ ...sample, value: 0 }))];
}

/** Whether the monitor itself has said that the alert which the plan is verified by is over. */
export async function alertIsOver(flow: FlowContext, plan: Plan): Promise<boolean> {
  const alerts = await flow.record.alerts.ofIncident(plan.incidentId);
  const own = latestEpisodes(alerts).filter(
    (alert) => alert.labels['alertname'] === plan.body.verification.alert,
  );
  return own.length > 0 && own.every((alert) => alert.status === 'resolved');
}

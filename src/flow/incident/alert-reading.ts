import { splitComparison } from '../../domain/alert-expression.ts';
import type { Reading } from '../../domain/execution.ts';
import type { Plan } from '../../domain/plan.ts';
import type { Sample } from '../../ports/metric-source.ts';
import type { FlowContext } from '../context.ts';

export interface AlertReading {
  readonly reading: Reading;
  /** `unknown` when the monitor gives no value: silence is never taken for recovery. */
  readonly state: 'holds' | 'recovered' | 'unknown';
}

/** Evaluates the alert's own expression now, for the series that alerted. Metrics only: log text can be forged. */
export async function readAlert(flow: FlowContext, plan: Plan, signal: AbortSignal): Promise<AlertReading> {
  const { expression } = plan.body.verification;
  const at = flow.clock.now();
  const metrics = flow.sources.metrics;
  if (metrics === null || expression === '') return { reading: { at, value: null }, state: 'unknown' };
  const comparison = splitComparison(expression);
  try {
    const limited = AbortSignal.any([signal, AbortSignal.timeout(10_000)]);
    const [whole, left] = await Promise.all([
      metrics.instant(expression, limited),
      comparison === null ? [] : metrics.instant(comparison.left, limited),
    ]);
    const labels = await alertLabels(flow, plan);
    const firing = worst(whole, labels);
    const value = worst(left, labels)?.value ?? firing?.value ?? null;
    if (firing !== undefined) return { reading: { at, value }, state: 'holds' };
    if (comparison !== null && value === null) return { reading: { at, value }, state: 'unknown' };
    return { reading: { at, value }, state: 'recovered' };
  } catch (error) {
    if (signal.aborted) throw error;
    flow.log.warn({ planId: plan.id, err: error }, 'alert expression could not be read');
    return { reading: { at, value: null }, state: 'unknown' };
  }
}

async function alertLabels(flow: FlowContext, plan: Plan): Promise<Readonly<Record<string, string>>> {
  const alerts = await flow.record.alerts.ofIncident(plan.incidentId);
  return alerts.find((alert) => alert.labels.alertname === plan.body.verification.alert)?.labels ?? {};
}

/** The series that carries no label against the alert's own; of several, the largest. */
function worst(samples: readonly Sample[], labels: Readonly<Record<string, string>>): Sample | undefined {
  return samples
    .filter((sample) =>
      Object.entries(sample.labels).every(([key, value]) => key === '__name__' || labels[key] === value),
    )
    .sort((a, b) => (b.value ?? Number.NEGATIVE_INFINITY) - (a.value ?? Number.NEGATIVE_INFINITY))[0];
}

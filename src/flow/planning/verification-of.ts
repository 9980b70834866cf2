import type { RecordedAlert } from '../../domain/alert.ts';
import type { PlanBody } from '../../domain/plan.ts';
import { latestEpisodes } from '../../domain/room-views.ts';
import type { AlertRule } from '../../ports/metric-source.ts';
import type { FlowContext } from '../context.ts';

/**
 * How the fix will be judged: the expression of an alert that still fires, as its monitor has it. Empty when it cannot be
 * known (a declared incident, rules that share a name): the card then says that nobody can measure it.
 */
export async function verificationOf(
  flow: FlowContext,
  incidentId: string,
  signal: AbortSignal,
): Promise<PlanBody['verification']> {
  const episodes = latestEpisodes(await flow.record.alerts.ofIncident(incidentId));
  const firing = episodes.filter((alert) => alert.status === 'firing');
  for (const alert of firing) {
    const name = alert.labels['alertname'];
    if (name === undefined || flow.sources.metrics === null) continue;
    try {
      const rules = await flow.sources.metrics.alertRules(name, signal);
      const fitting = rules.filter((rule) => fits(rule, alert));
      const rule = fitting.length > 0 ? fitting[0] : rules.length === 1 ? rules[0] : undefined;
      if (rule !== undefined)
        return { alert: name, expression: rule.expression, series: seriesOf(alert, rule) };
    } catch (error) {
      if (signal.aborted) throw error;
      flow.log.warn({ incidentId, err: error }, 'alert rule could not be read');
    }
  }
  return { alert: (firing[0] ?? episodes[0])?.labels['alertname'] ?? '', expression: '', series: {} };
}

/** Labels that the rule adds by a template differ from alert to alert and prove nothing. */
function fits(rule: AlertRule, alert: RecordedAlert): boolean {
  return Object.entries(rule.labels).every(
    ([key, value]) => value.includes('{{') || alert.labels[key] === value,
  );
}

function seriesOf(alert: RecordedAlert, rule: AlertRule): { [label: string]: string } {
  return Object.fromEntries(
    Object.entries(alert.labels).filter(([key]) => key !== 'alertname' && !(key in rule.labels)),
  );
}

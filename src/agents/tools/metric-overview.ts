import { z } from 'zod';
import type { Observation } from '../../domain/evidence.ts';
import { dateChange } from '../signals/date-change.ts';
import type { IncidentWindow } from '../signals/incident-window.ts';
import type { MetricSignal } from '../signals/metric-signal.ts';
import type { MetricSignals } from '../signals/metric-signals.ts';
import { defineTool, nothing, serviceOf, thinSeries } from './tool.ts';

export const metricOverviewTool = defineTool({
  name: 'metric_overview',
  description:
    'How a service’s own metrics moved from baseline to incident: failing and refused requests, P99, request rate, saturation, open files, memory, restarts. Start here.',
  input: z.object({ service: z.string().optional().describe('Defaults to your own service.') }),
  async run(context, input) {
    const service = serviceOf(context, input.service).name;
    return [observeMetrics(service, await context.desk.metrics(service), await context.desk.window())];
  },
});

export function observeMetrics(
  service: string,
  metrics: MetricSignals | null,
  window: IncidentWindow,
): Observation {
  const title = 'Metrics before and after the onset';
  const moved = metrics?.signals.filter((one) => one.score >= 0.35 && one.kind !== 'other') ?? [];
  const shown = (metrics?.signals ?? []).slice(0, Math.max(4, Math.min(8, moved.length)));
  const query = [...new Set(shown.map((one) => one.query))].join('\n');
  if (metrics === null) return nothing('metric', service, title, 'Metrics could not be read.', query);
  if (metrics.missing !== null) return nothing('metric', service, title, `None: ${metrics.missing}.`, query);
  const still = metrics.signals
    .filter((one) => ['errors', 'latency', 'traffic', 'requests'].includes(one.kind))
    .map((one) => one.text)
    .join('; ');
  return {
    kind: 'metric',
    service,
    title,
    summary:
      moved.length === 0
        ? `Nothing moved beyond its usual range${still === '' ? '' : `: ${still}`}.`
        : `${moved
            .slice(0, 3)
            .map((one) => `${one.text}${sayBegin(one, window)}`)
            .join('; ')}.`,
    query,
    data: {
      judged: moved.length > 0 ? 'trouble' : 'calm',
      series: shown.map((one) => ({
        ...thinSeries(one.series),
        kind: one.kind,
        metric: one.name,
        score: Number(one.score.toFixed(2)),
      })),
      onset: Math.round(window.onset.getTime() / 1000),
      moved: moved.map((one) => ({ kind: one.kind, text: one.text, score: Number(one.score.toFixed(2)) })),
    },
    empty: metrics.signals.length === 0,
  };
}

/** " from 14:03:10 UTC, mean +240 ms": the series' own word on when and by how much, where it gives one. */
function sayBegin(one: MetricSignal, window: IncidentWindow): string {
  const change = dateChange(one.series, window.onset);
  if (change === null) return '';
  const from = ` from ${change.at.toISOString().slice(11, 19)} UTC`;
  if (one.kind !== 'latency') return from;
  const grown = (change.after - change.before) * (/ms|milli/.test(one.name) ? 1 : 1000);
  return grown < 1
    ? from
    : `${from}, mean +${grown >= 1000 ? `${(grown / 1000).toFixed(1)} s` : `${grown.toFixed(0)} ms`}`;
}

import { z } from 'zod';
import { defineTool, nothing, thinSeries } from './tool.ts';

const mostSeries = 12;

export const metricQueryTool = defineTool({
  name: 'metric_query',
  description: 'A PromQL expression over baseline and incident. At most 12 series come back.',
  input: z.object({
    expression: z.string().min(1).max(1500),
    stepS: z.number().int().min(1).max(3600).optional(),
  }),
  async run(context, input, signal) {
    const service = context.assignment.service.name;
    const { metrics } = context.desk.sources;
    const title = 'Metric query';
    if (metrics === null)
      return [nothing('metric', service, title, 'No metrics are connected.', input.expression)];
    const window = await context.desk.window();
    const seconds = (window.to.getTime() - window.baselineFrom.getTime()) / 1000;
    const stepS = Math.max(input.stepS ?? 1, Math.ceil(seconds / 240));
    const series = await metrics.range(
      { expression: input.expression, from: window.baselineFrom, to: window.to, stepS },
      signal,
    );
    if (series.length === 0) return [nothing('metric', service, title, 'No series match.', input.expression)];
    return [
      {
        kind: 'metric',
        service,
        title,
        summary: `${series.length} series; the last value of the first is ${series[0]?.values.at(-1) ?? 'unknown'}.`,
        query: input.expression,
        data: {
          series: series
            .slice(0, mostSeries)
            .map((one) =>
              thinSeries({ name: JSON.stringify(one.labels), times: one.times, values: one.values }),
            ),
          onset: Math.round(window.onset.getTime() / 1000),
        },
        empty: false,
      },
    ];
  },
});

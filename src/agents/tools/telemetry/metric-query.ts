import { z } from 'zod';
import type { MetricSource, Series } from '../../../ports/metric-source.ts';
import { defineTool, nothing, serviceOf, type ToolContext, thinSeries } from '../tool.ts';
import { metricTemplates, writeTemplate } from './metric-templates.ts';

const mostSeries = 12;
const mostCounted = 500;
const mostSelectors = 8;
/** All selectors of an expression together, before they are aggregated. */
const mostSelected = 20_000;
const countTimeoutMs = 5_000;

const input = z.object({
  service: z.string().optional().describe('Of a template; defaults to your own service.'),
  template: z
    .enum(metricTemplates)
    .optional()
    .describe('A usual question, written for the metrics that the service has. Or give an expression.'),
  quantile: z.number().min(0.01).max(0.999).default(0.99).describe('Of the template latency.'),
  by: z
    .array(z.string().regex(/^[a-zA-Z_]\w{0,60}$/))
    .max(3)
    .default([])
    .describe('Labels that a template keeps apart, such as route.'),
  expression: z.string().min(1).max(1500).optional().describe('PromQL of your own; it is checked first.'),
  stepS: z.number().int().min(1).max(3600).optional(),
  minutes: z
    .number()
    .int()
    .min(1)
    .max(1440)
    .optional()
    .describe('The last so many minutes in place of baseline and incident.'),
});

type Asked = z.infer<typeof input>;

export const metricQueryTool = defineTool({
  name: 'metric_query',
  description:
    'One metric over baseline and incident (or the last minutes): by template (request-rate, error-ratio, refused-ratio, latency, saturation, memory, cpu) or by a PromQL expression, whose syntax is checked before it is sent. At most 12 series come back; aggregate with sum by (label).',
  input,
  async run(context, asked, signal) {
    const service = serviceOf(context, asked.service);
    const { metrics } = context.desk.sources;
    const title = asked.template === undefined ? 'Metric query' : `Metric: ${asked.template}`;
    const named = asked.expression ?? asked.template ?? '';
    if (metrics === null) return [nothing('metric', service.name, title, 'No metrics are connected.', named)];
    const { from, to, stepS, onset } = await timesOf(context, asked);
    const points = Math.floor((to.getTime() - from.getTime()) / 1000 / stepS) + 1;
    const written = await expressionOf(context, metrics, asked, { rangeS: 4 * stepS, points }, signal);
    if ('missing' in written) {
      const why = `${service.name} has ${written.missing}; metric_overview shows what it has.`;
      return [nothing('metric', service.name, title, why, named)];
    }
    const { expression } = written;
    if (asked.template === undefined)
      await refuseTooMany(metrics, expression, written.selectors ?? [], signal);
    const series = await metrics.range({ expression, from, to, stepS }, signal);
    const [first] = series;
    if (first === undefined) return [nothing('metric', service.name, title, 'No series match.', expression)];
    const isCut = series.length > mostSeries;
    return [
      {
        kind: 'metric',
        service: service.name,
        title,
        summary: `${series.length} series; the last value of the first is ${first.values.at(-1) ?? 'unknown'}${isCut ? `; ${mostSeries} are shown` : ''}.`,
        query: expression,
        data: {
          series: series
            .slice(0, mostSeries)
            .map((one) =>
              thinSeries({ name: JSON.stringify(one.labels), times: one.times, values: one.values }),
            ),
          onset,
        },
        empty: false,
        ...(isCut ? { output: series.map(sayRange).join('\n') } : {}),
      },
    ];
  },
});

async function timesOf(
  context: ToolContext,
  asked: Asked,
): Promise<{ from: Date; to: Date; stepS: number; onset: number }> {
  const { baselineFrom, to, onset } = await context.desk.window();
  const from = asked.minutes === undefined ? baselineFrom : new Date(to.getTime() - asked.minutes * 60_000);
  const seconds = (to.getTime() - from.getTime()) / 1000;
  const stepS = Math.max(asked.stepS ?? 1, Math.ceil(seconds / 240));
  return { from, to, stepS, onset: Math.round(onset.getTime() / 1000) };
}

async function expressionOf(
  context: ToolContext,
  metrics: MetricSource,
  { expression, template, service, by, quantile }: Asked,
  { rangeS, points }: { readonly rangeS: number; readonly points: number },
  signal: AbortSignal,
): Promise<
  { readonly expression: string; readonly selectors?: readonly string[] } | { readonly missing: string }
> {
  if (template !== undefined && expression === undefined) {
    const { metrics: labels } = serviceOf(context, service);
    return writeTemplate(metrics, { template, labels, by, quantile, rangeS }, signal);
  }
  if (template !== undefined || expression === undefined)
    throw new RangeError('Give either a template or an expression: one of them, and not both.');
  const { queryChecker: checker } = context.desk.sources;
  if (checker === undefined)
    throw new RangeError('Expressions cannot be checked here, so none is sent: use a template.');
  const fault = checker.check(expression, points);
  if (fault === null) return { expression, selectors: checker.selectors(expression) };
  const line = expression.split('\n')[fault.line - 1] ?? '';
  throw new RangeError(
    `The expression was not sent: ${fault.problem}, at line ${fault.line}, column ${fault.column}:\n${line}\n${' '.repeat(fault.column - 1)}^\n${fault.hint}`,
  );
}

/**
 * What is selected is counted first, by bare selectors at one moment: that costs the server next to nothing, whatever the
 * expression computes. A count that fails says that the query itself would be worse: it is not sent.
 */
async function refuseTooMany(
  metrics: MetricSource,
  expression: string,
  selectors: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  if (selectors.length > mostSelectors)
    throw new RangeError(
      `The expression has ${selectors.length} selectors, and ${mostSelectors} are taken: ask in parts.`,
    );
  let selected = 0;
  for (const selector of selectors) {
    selected += await countSeries(metrics, selector, signal);
    if (selected > mostSelected)
      throw new RangeError(
        `The expression selects ${selected} series, and ${mostSelected} are read: name the service or another label.`,
      );
  }
  // A few series give a few.
  if (selectors.length === 1 && selected <= mostCounted) return;
  const count = await countSeries(metrics, expression, signal);
  if (count > mostCounted)
    throw new RangeError(
      `The expression gives ${count} series, and ${mostCounted} are taken: aggregate it, as in sum by (route) (…), or take topk(10, …).`,
    );
}

async function countSeries(metrics: MetricSource, counted: string, signal: AbortSignal): Promise<number> {
  try {
    const limited = AbortSignal.any([signal, AbortSignal.timeout(countTimeoutMs)]);
    const [sample] = await metrics.instant(`count(${counted}\n)`, limited);
    return sample?.value ?? 0;
  } catch (error) {
    signal.throwIfAborted();
    throw new RangeError(
      `The expression was not sent: its series could not be counted (${error instanceof Error ? error.message : 'no answer'}). An expression gives series, not one number or a range; a simpler one may be counted.`,
      { cause: error },
    );
  }
}

function sayRange(series: Series): string {
  const values = series.values.filter((value) => value !== null);
  return `${JSON.stringify(series.labels)} last ${series.values.at(-1) ?? 'unknown'}, from ${Math.min(...values)} to ${Math.max(...values)}`;
}

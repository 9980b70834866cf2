import { z } from 'zod';
import type { Evidence } from '../../domain/evidence.ts';

const count = z.number().nonnegative();

const metricRow = z.object({
  onset: z.number().nullish(),
  series: z.array(
    z.object({
      name: z.string(),
      times: z.array(z.number()),
      values: z.array(z.number().nullable()),
      kind: z.string(),
      metric: z.string(),
      score: z.number(),
    }),
  ),
});
const logRow = z.object({
  templates: z.array(z.object({ text: z.string(), count, baseline: count })).min(1),
  bursts: z.object({
    onset: z.number(),
    stepS: z.number().positive(),
    times: z.array(z.number()),
    blamed: z.array(count.nullable()),
    others: z.array(count.nullable()),
  }),
});
const releasesRow = z.object({ releases: z.array(z.object({ sha: z.string(), at: z.number() })) });
const traceRow = z.object({
  edges: z.array(
    z.object({
      caller: z.string(),
      callee: z.string(),
      calls: count,
      callsBefore: count,
      errors: count,
      errorsBefore: count,
    }),
  ),
  seconds: z.object({ after: z.number().positive() }).nullish(),
});
const originsRow = z.object({
  origins: z.array(z.object({ service: z.string(), status: z.number().nullish(), count })),
});
const changeRow = z.object({ commit: z.object({ sha: z.string(), at: z.iso.datetime() }) });

export type MetricRow = z.infer<typeof metricRow>;
export type MetricCurve = MetricRow['series'][number];
export type LogRow = z.infer<typeof logRow>;
export type TraceRow = z.infer<typeof traceRow>;

/** Rows of other tools, of earlier versions and empty ones are no material for a chart: they are passed over. */
function readRows<T>(
  evidence: readonly Evidence[],
  kind: Evidence['kind'],
  schema: z.ZodType<T>,
): { readonly service: string; readonly row: T }[] {
  return evidence.flatMap((one) => {
    if (one.kind !== kind || one.empty) return [];
    const parsed = schema.safeParse(one.data);
    return parsed.success ? [{ service: one.service, row: parsed.data }] : [];
  });
}

export function readMetricRows(evidence: readonly Evidence[]) {
  return readRows(evidence, 'metric', metricRow);
}

export function readLogRows(evidence: readonly Evidence[]) {
  return readRows(evidence, 'log', logRow);
}

export function readReleases(evidence: readonly Evidence[]) {
  return readRows(evidence, 'log', releasesRow);
}

export function readTraceRows(evidence: readonly Evidence[]) {
  return readRows(evidence, 'trace', traceRow);
}

export function readOrigins(evidence: readonly Evidence[]) {
  return readRows(evidence, 'trace', originsRow);
}

export function readCommits(evidence: readonly Evidence[]) {
  return readRows(evidence, 'change', changeRow);
}

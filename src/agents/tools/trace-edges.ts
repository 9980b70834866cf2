import { z } from 'zod';
import { sayTrait } from '../../analysis/logs/common-traits.ts';
import type { EdgeChange } from '../../analysis/traces/compare-edges.ts';
import type { Observation } from '../../domain/evidence.ts';
import type { IncidentWindow } from '../signals/incident-window.ts';
import { requestTraits } from '../signals/request-traits.ts';
import { sayOrigin, saySlow, shorten } from '../signals/say-signals.ts';
import type { TraceSignals } from '../signals/trace-signals.ts';
import { defineTool, nothing, serviceOf } from './tool.ts';

export const traceEdgesTool = defineTool({
  name: 'trace_edges',
  description:
    'Requests through a service before and after the onset: which operations fail or got slow, which callee’s answers began to fail, and in which service failing traces begin.',
  input: z.object({ service: z.string().optional().describe('Defaults to your own service.') }),
  async run(context, input) {
    const service = serviceOf(context, input.service).name;
    return [observeTraces(service, await context.desk.traces(), await context.desk.window())];
  },
});

export function observeTraces(
  service: string,
  traces: TraceSignals | null,
  window: IncidentWindow,
): Observation {
  const title = 'Requests before and after the onset';
  const query = `spans from ${window.onset.toISOString()} to ${window.to.toISOString()} against those from ${window.baselineFrom.toISOString()}`;
  if (traces === null) return nothing('trace', service, title, 'Traces could not be read.', query);
  const edges = traces.edges.filter((edge) => edge.caller === service || edge.callee === service);
  const origins = traces.origins.filter((origin) => origin.path.includes(service)).slice(0, 5);
  const slow = traces.operations.filter((one) => one.service === service && one.slowRise > 0.35);
  const requests = traces.operations
    .filter((one) => one.service === service)
    .reduce((sum, one) => sum + one.after.count, 0);
  if (edges.length === 0 && origins.length === 0 && requests === 0)
    return nothing('trace', service, title, `No spans of ${service} in the incident window.`, query);
  // What more requests suffer from is said; a handful of failures does not hide that all others crawl.
  const said = [
    ...origins.map((one) => ({ text: sayOrigin(one), requests: one.weight })),
    ...slow.map((one) => ({ text: saySlow(one), requests: one.after.count * one.slowRise * 0.5 })),
  ]
    .toSorted((a, b) => b.requests - a.requests)
    .slice(0, 2)
    .map((one) => one.text);
  return {
    kind: 'trace',
    service,
    title,
    summary:
      said.length === 0
        ? `${requests} requests in the incident window, none failing or slow beyond the usual.`
        : `${[...said, ...requestTraits(service, traces).slice(0, 1).map(sayTrait)].join('; ')}.`,
    query,
    data: {
      judged: origins.length + slow.length > 0 ? 'trouble' : 'calm',
      edges: edges.map(edgeRow),
      seconds: { after: Math.max(1, Math.round((window.to.getTime() - window.onset.getTime()) / 1000)) },
      origins: origins.map((one) => ({
        service: one.service,
        operation: one.operation,
        kind: one.kind,
        status: one.status,
        text: one.text === null ? null : shorten(one.text),
        count: one.count,
        path: one.path,
        traceId: one.traceId,
      })),
      slow: slow.map((one) => ({
        operation: one.operation,
        beforeMs: Math.round(one.before.meanMs),
        afterMs: Math.round(one.after.meanMs),
        ownGrowthMs: Math.round(one.ownGrowthMs),
      })),
    },
    empty: false,
  };
}

function edgeRow(edge: EdgeChange) {
  const share = (part: number, whole: number): number =>
    whole === 0 ? 0 : Number((part / whole).toFixed(4));
  return {
    caller: edge.caller,
    callee: edge.callee,
    calls: edge.after.calls,
    callsBefore: edge.before.calls,
    errors: share(edge.after.failed + edge.after.rejected, edge.after.calls),
    errorsBefore: share(edge.before.failed + edge.before.rejected, edge.before.calls),
    unanswered: edge.after.unanswered,
    meanMs: Math.round(edge.after.meanMs * 10) / 10,
    meanMsBefore: Math.round(edge.before.meanMs * 10) / 10,
  };
}

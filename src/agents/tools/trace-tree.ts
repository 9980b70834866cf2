import { z } from 'zod';
import { renderTrace } from '../../analysis/traces/render-trace.ts';
import type { Observation } from '../../domain/evidence.ts';
import type { Json } from '../../platform/canonical-json.ts';
import { sayOrigin } from '../signals/say-signals.ts';
import { findSlowRequest, saySlowRequest } from '../signals/slow-request.ts';
import type { OriginRise, TraceSignals } from '../signals/trace-signals.ts';
import { clip, defineTool, nothing, serviceOf } from './tool.ts';

const mostSpans = 80;

export const traceTreeTool = defineTool({
  name: 'trace_tree',
  description:
    'One request as a tree of spans with times, time of their own, statuses and error texts. Without a trace id, a typical failing one through the service, else a typical slow one with its critical path.',
  input: z.object({
    service: z.string().optional().describe('Defaults to your own service.'),
    traceId: z
      .string()
      .regex(/^[0-9a-f]{16,32}$/)
      .optional(),
  }),
  async run(context, input) {
    const service = serviceOf(context, input.service).name;
    const traces = await context.desk.traces();
    const origin = traces?.origins.find((one) => one.path.includes(service));
    const id = input.traceId ?? origin?.traceId;
    const slow = traces === null || id !== undefined ? null : observeSlowRequest(service, traces);
    if (slow !== null) return [slow];
    if (traces === null || id === undefined)
      return [
        nothing('trace', service, 'One failing request', 'No failing request through it is known.', 'any'),
      ];
    return [observeTrace(service, traces, id, id === origin?.traceId ? origin : undefined)];
  },
});

/** A typical slow request through the service, with what its time went into; null where nothing got slow. */
export function observeSlowRequest(service: string, traces: TraceSignals): Observation | null {
  const slow = findSlowRequest(service, traces);
  if (slow === null) return null;
  const { traceId } = slow.span;
  const seen = observeTrace(service, traces, traceId, undefined);
  // What observeTrace keeps is always an object.
  const data = seen.data as { readonly [key: string]: Json };
  return {
    ...seen,
    title: 'One slow request',
    summary: `${saySlowRequest(slow)} (trace ${traceId}).`,
    data: {
      ...data,
      judged: 'trouble',
      criticalPath: slow.path
        .slice(0, 12)
        .map((part) => ({ ...part, selfMs: Number(part.selfMs.toFixed(1)) })),
    },
  };
}

export function observeTrace(
  service: string,
  traces: TraceSignals,
  traceId: string,
  origin: OriginRise | undefined,
): Observation {
  const spans = traces.index.spans.filter((span) => span.traceId === traceId);
  const query = `trace ${traceId}`;
  if (spans.length === 0)
    return nothing(
      'trace',
      service,
      'One failing request',
      'The trace is not in the incident window.',
      query,
    );
  return {
    kind: 'trace',
    service,
    title: 'One failing request',
    summary:
      origin === undefined ? `${spans.length} spans.` : `${sayOrigin(origin)}; for example trace ${traceId}.`,
    query,
    data: {
      // A trace that somebody picked is a trace, and no rise of anything.
      ...(origin === undefined ? {} : { judged: 'trouble' }),
      spans: spans.slice(0, mostSpans).map((span) => ({
        spanId: span.spanId,
        parentId: span.parentId,
        service: span.service,
        operation: span.operation,
        kind: span.kind,
        startUs: span.startUs,
        durationUs: span.durationUs,
        error: span.error,
        errorText: span.errorText ?? null,
      })),
      tree: clip(renderTrace(spans, 60), 6000),
    },
    empty: false,
  };
}

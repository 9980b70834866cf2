import { z } from 'zod';
import type { Span } from '../../../ports/trace-source.ts';
import { clip, defineTool, nothing, serviceOf } from '../tool.ts';

const spansRead = 15_000;
const mostKept = 2_000;

export const traceSearchTool = defineTool({
  name: 'trace_search',
  description:
    'Requests (traces) with a span of a service that failed, was slow, or is of one operation; failing ones first, then the slowest. Take a trace id from it to trace_tree.',
  input: z.object({
    service: z.string().optional().describe('Defaults to your own service.'),
    operation: z.string().max(200).optional().describe('Part of the span’s name, such as a route; any case.'),
    failed: z.boolean().optional().describe('Only spans that failed, or only those that did not.'),
    minDurationMs: z.number().min(0).max(3_600_000).optional().describe('Of the span.'),
    window: z.enum(['incident', 'baseline']).default('incident'),
    limit: z.number().int().min(1).max(50).default(20),
  }),
  async run(context, asked, signal) {
    const service = serviceOf(context, asked.service).name;
    const window = await context.desk.window();
    const [from, to] =
      asked.window === 'incident' ? [window.onset, window.to] : [window.baselineFrom, window.onset];
    const read = await context.desk.sources.traces.spans({ from, to, limit: spansRead }, signal);
    const wanted = asked.operation?.toLowerCase();
    const matching = read.spans.filter(
      (span) =>
        span.service === service &&
        (wanted === undefined || span.operation.toLowerCase().includes(wanted)) &&
        (asked.failed === undefined || span.error === asked.failed) &&
        span.durationUs >= (asked.minDurationMs ?? 0) * 1000,
    );
    const found = summarise(matching, read.spans);
    const title = `Requests through ${service}${asked.failed === true ? ' that failed' : ''}`;
    const said = [
      asked.operation === undefined ? [] : `operation ~ ${asked.operation}`,
      asked.failed === undefined ? [] : `failed = ${asked.failed}`,
      asked.minDurationMs === undefined ? [] : `duration ≥ ${asked.minDurationMs} ms`,
    ].flat();
    const query = `traces with a span of ${service}${said.length === 0 ? '' : ` (${said.join(', ')})`} from ${from.toISOString()} to ${to.toISOString()}`;
    const searched = `${read.spans.length} spans${read.truncated ? ' (the newest)' : ''}`;
    const [first] = found;
    if (first === undefined) return [nothing('trace', service, title, `None among ${searched}.`, query)];
    return [
      {
        kind: 'trace',
        service,
        title,
        summary: `${found.length} requests among ${searched}, ${found.filter((one) => one.failed).length} of them failed; the first is ${first.traceId} (${first.operation}, ${first.durationMs} ms).`,
        query,
        data: { traces: found.slice(0, asked.limit) },
        empty: false,
        ...(found.length > asked.limit
          ? {
              output: found
                .slice(0, mostKept)
                .map((one) => JSON.stringify(one))
                .join('\n'),
            }
          : {}),
      },
    ];
  },
});

/** One line a trace: the span of the service that says most, and where the request came in. */
function summarise(matching: readonly Span[], all: readonly Span[]) {
  const roots = new Map<string, Span>();
  for (const span of all) {
    const known = roots.get(span.traceId);
    if (known === undefined || span.startUs < known.startUs) roots.set(span.traceId, span);
  }
  return [...Map.groupBy(matching, (span) => span.traceId)]
    .flatMap(([traceId, spans]) => {
      const span = spans.toSorted(
        (a, b) => Number(b.error) - Number(a.error) || b.durationUs - a.durationUs,
      )[0];
      if (span === undefined) return [];
      const root = roots.get(traceId);
      return {
        traceId,
        at: new Date(span.startUs / 1000).toISOString(),
        operation: span.operation,
        failed: span.error,
        durationMs: Math.round(span.durationUs / 100) / 10,
        errorText: span.errorText === undefined ? null : clip(span.errorText, 200),
        entered: root === undefined ? null : `${root.service} ${root.operation}`,
      };
    })
    .toSorted((a, b) => Number(b.failed) - Number(a.failed) || b.durationMs - a.durationMs);
}

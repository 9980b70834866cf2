import type { Span } from '../../ports/trace-source.ts';
import { errorReply, type HttpRequest, jsonReply, type Reply, type Route } from '../route.ts';
import { type TelemetryRouteOptions, telemetryBodyBytes } from './log-routes.ts';
import { otlpRoute } from './otlp-route.ts';
import { parseJson } from './parse-log-body.ts';
import { readOtlpSpans } from './read-otlp-spans.ts';
import { readZipkinSpans } from './read-zipkin-spans.ts';

/** `POST /v1/traces` (OTLP/HTTP, JSON and protobuf) and `POST /api/v2/spans` (Zipkin). Answers mean "stored". */
export function createTraceRoutes(options: TelemetryRouteOptions): Route[] {
  const access = { kind: 'credentials', credentials: options.credentials } as const;
  const spans = options.metrics.counter('warroom_telemetry_spans_total', 'Pushed spans by outcome.');

  async function store(good: readonly Span[], rejected: number): Promise<void> {
    await options.intake.spans(good);
    if (good.length > 0) spans.add(good.length, { outcome: 'accepted' });
    if (rejected > 0) spans.add(rejected, { outcome: 'rejected' });
  }

  async function acceptZipkin(request: HttpRequest): Promise<Reply> {
    const read = readZipkinSpans(parseJson(request.body.toString('utf8')));
    if (read === undefined)
      return errorReply(
        400,
        'broken_body',
        'The body is no list of Zipkin v2 spans.',
        'Export Zipkin v2 as JSON.',
      );
    await store(read.spans, read.rejected);
    return jsonReply(202, {});
  }

  return [
    otlpRoute({
      path: '/v1/traces',
      access,
      signal: 'spans',
      what: 'trace',
      rejectedField: 'rejectedSpans',
      async accept(body) {
        const read = readOtlpSpans(body);
        if (read === undefined) return undefined;
        await store(read.spans, read.rejected);
        return { rejected: read.rejected, why: 'spans without valid ids or start time were dropped' };
      },
    }),
    {
      method: 'POST',
      path: '/api/v2/spans',
      access,
      maxBodyBytes: telemetryBodyBytes,
      deadlineMs: 30_000,
      handle: acceptZipkin,
    },
  ];
}

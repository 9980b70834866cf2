import type { Span } from '../../ports/trace-source.ts';
import { errorReply, type HttpRequest, jsonReply, type Reply, type Route } from '../route.ts';
import { type TelemetryRouteOptions, telemetryBodyBytes } from './log-routes.ts';
import { decodeExportRequest, encodeExportResponse, encodeRpcStatus } from './otlp-schema.ts';
import { parseJson } from './parse-log-body.ts';
import { readOtlpSpans } from './read-otlp-spans.ts';
import { readZipkinSpans } from './read-zipkin-spans.ts';

const protobufType = 'application/x-protobuf';
const invalidArgument = 3;

/** `POST /v1/traces` (OTLP/HTTP, JSON and protobuf) and `POST /api/v2/spans` (Zipkin). Answers mean "stored". */
export function createTraceRoutes(options: TelemetryRouteOptions): Route[] {
  const access = { kind: 'credentials', credentials: options.credentials } as const;
  const spans = options.metrics.counter('warroom_telemetry_spans_total', 'Pushed spans by outcome.');

  async function store(good: readonly Span[], rejected: number): Promise<void> {
    await options.intake.spans(good);
    if (good.length > 0) spans.add(good.length, { outcome: 'accepted' });
    if (rejected > 0) spans.add(rejected, { outcome: 'rejected' });
  }

  async function acceptOtlp(request: HttpRequest): Promise<Reply> {
    const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
    const binary = type === protobufType || type === 'application/protobuf';
    if (!binary && type !== 'application/json')
      return errorReply(
        415,
        'unknown_type',
        `Traces of type ${type.slice(0, 60)} are not understood here.`,
        'Use OTLP/HTTP.',
      );

    const read = readOtlpSpans(
      binary ? decodeOrUndefined(request.body) : parseJson(request.body.toString('utf8')),
    );
    if (read === undefined) {
      const message = `the body is no OTLP trace request in ${binary ? 'protobuf' : 'JSON'}`;
      return binary
        ? binaryReply(400, encodeRpcStatus(invalidArgument, message))
        : jsonReply(400, { code: invalidArgument, message });
    }
    await store(read.spans, read.rejected);
    const errorMessage = read.rejected === 0 ? '' : 'spans without valid ids or start time were dropped';
    if (binary) return binaryReply(200, encodeExportResponse(read.rejected, errorMessage));
    // 64-bit numbers are text in protobuf's JSON.
    const partialSuccess = { rejectedSpans: String(read.rejected), errorMessage };
    return jsonReply(200, read.rejected === 0 ? {} : { partialSuccess });
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
    {
      method: 'POST',
      path: '/v1/traces',
      access,
      maxBodyBytes: telemetryBodyBytes,
      deadlineMs: 30_000,
      handle: acceptOtlp,
    },
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

function decodeOrUndefined(bytes: Uint8Array): unknown {
  try {
    return decodeExportRequest(bytes);
  } catch {
    return undefined;
  }
}

function binaryReply(status: number, body: Uint8Array): Reply {
  return { status, headers: { 'content-type': protobufType }, body };
}

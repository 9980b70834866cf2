import type { Metrics } from '../../platform/metrics.ts';
import type { LogLine } from '../../ports/log-source.ts';
import type { Credentials } from '../authentication.ts';
import { errorReply, type HttpRequest, jsonReply, type Reply, type Route } from '../route.ts';
import { elasticsearchRoutes } from './elasticsearch-routes.ts';
import { parseLokiPush } from './loki-push.ts';
import { normaliseLogLine } from './normalise-log-line.ts';
import { otlpRoute } from './otlp-route.ts';
import { maxEntries, parseLogBody } from './parse-log-body.ts';
import { readOtlpLogs } from './read-otlp-logs.ts';
import type { TelemetryIntake } from './telemetry-intake.ts';
import { tooManyReply } from './too-many.ts';

export interface TelemetryRouteOptions {
  readonly credentials: Credentials;
  readonly intake: TelemetryIntake;
  readonly metrics: Metrics;
  now(): Date;
}

/** Bodies of pushed telemetry, as sent and unpacked. */
export const telemetryBodyBytes = 16 << 20;

/**
 * `POST /telemetry/logs`, `/v1/logs` (OTLP), Elasticsearch's `_bulk` and Loki's push. Answers mean "stored"; a 503, or for `_bulk` a
 * connection that breaks, asks the shipper to try again, which every one of them does.
 */
export function createLogRoutes(options: TelemetryRouteOptions): Route[] {
  const access = { kind: 'credentials', credentials: options.credentials } as const;
  const lines = options.metrics.counter('warroom_telemetry_lines_total', 'Pushed log lines by outcome.');

  async function store(good: readonly LogLine[], bad: number): Promise<void> {
    await options.intake.logs(good);
    if (good.length > 0) lines.add(good.length, { outcome: 'accepted' });
    if (bad > 0) lines.add(bad, { outcome: 'rejected' });
  }

  async function acceptPush(request: HttpRequest): Promise<Reply> {
    const defaults = { service: serviceOf(request), at: options.now() };
    const entries = parseLogBody(request.body);
    if (entries === undefined) return tooManyReply();
    const good = entries
      .map((entry) => normaliseLogLine(entry, defaults))
      .filter((line) => line !== undefined);
    const rejected = entries.length - good.length;
    await store(good, rejected);
    const reasons = [...new Set(entries.flatMap((entry) => (entry.kind === 'bad' ? [entry.reason] : [])))];
    return jsonReply(200, { accepted: good.length, rejected, ...(rejected > 0 ? { reasons } : {}) });
  }

  async function acceptLoki(request: HttpRequest): Promise<Reply> {
    if ((request.headers['content-type'] ?? '').includes('protobuf'))
      return errorReply(
        415,
        'unknown_type',
        'Loki push in protobuf (snappy) is not understood here.',
        'Let the agent push JSON to this address, or NDJSON to /telemetry/logs.',
      );
    const parsed = parseLokiPush(request.body, { service: serviceOf(request), at: options.now() });
    if (parsed === undefined)
      return errorReply(
        400,
        'broken_body',
        'The body is no Loki push.',
        'Send {"streams":[{"stream":{},"values":[]}]}.',
      );
    if (parsed.lines.length + parsed.rejected > maxEntries) return tooManyReply();
    await store(parsed.lines, parsed.rejected);
    return { status: 204 };
  }

  return [
    {
      method: 'POST',
      path: '/telemetry/logs',
      access,
      maxBodyBytes: telemetryBodyBytes,
      deadlineMs: 30_000,
      handle: acceptPush,
    },
    {
      method: 'POST',
      path: '/loki/api/v1/push',
      access,
      maxBodyBytes: telemetryBodyBytes,
      deadlineMs: 30_000,
      handle: acceptLoki,
    },
    otlpRoute({
      path: '/v1/logs',
      access,
      signal: 'logs',
      what: 'log',
      rejectedField: 'rejectedLogRecords',
      async accept(body, request) {
        const read = readOtlpLogs(body, { service: serviceOf(request), at: options.now() });
        if (read === undefined) return undefined;
        await store(read.lines, read.rejected);
        return { rejected: read.rejected, why: 'records that say nothing were dropped' };
      },
    }),
    ...elasticsearchRoutes({ ...options, access, serviceOf, store }),
  ];
}

function serviceOf(request: HttpRequest): string {
  const header = request.headers['x-warroom-service'];
  const named = request.query.get('service') ?? (typeof header === 'string' ? header : null);
  return named === null || named === '' ? 'unknown' : named.slice(0, 200);
}

import type { LogLine } from '../../ports/log-source.ts';
import { type LineDefaults, normaliseLogLine } from './normalise-log-line.ts';
import {
  type Any,
  type Attributes,
  type Fields,
  fieldOf,
  listOf,
  mergeAttributes,
  readAny,
  readAttributes,
  readId,
  readNanos,
} from './otlp-values.ts';
import { isObject } from './parse-log-body.ts';

/**
 * Lines of one ExportLogsServiceRequest, as JSON or as decoded protobuf, by the same leniency as spans. A record without
 * body and attributes says nothing and is counted as rejected.
 */
export function readOtlpLogs(
  body: unknown,
  defaults: LineDefaults,
): { lines: LogLine[]; rejected: number } | undefined {
  if (!isObject(body)) return undefined;
  const lines: LogLine[] = [];
  let rejected = 0;
  for (const resourceLogs of listOf(body, 'resourceLogs', 'resource_logs')) {
    const resource = isObject(resourceLogs) ? readAttributes(fieldOf(resourceLogs, 'resource')) : {};
    for (const scopeLogs of listOf(resourceLogs, 'scopeLogs', 'scope_logs', 'instrumentationLibraryLogs')) {
      for (const raw of listOf(scopeLogs, 'logRecords', 'log_records', 'logs')) {
        const line = isObject(raw) ? readRecord(raw, resource, defaults) : undefined;
        if (line === undefined) rejected += 1;
        else lines.push(line);
      }
    }
  }
  return { lines, rejected };
}

function readRecord(raw: Fields, resource: Attributes, defaults: LineDefaults): LogLine | undefined {
  const own = readAttributes(raw);
  const said = readAny(raw['body'], 0);
  if (said === undefined && Object.keys(own).length === 0) return undefined;

  const at = timeOf(raw);
  const level = levelOf(raw['severityNumber'] ?? raw['severity_number']);
  const severity = level ?? raw['severityText'] ?? raw['severity_text'];
  const traceId = readId(raw['traceId'] ?? raw['trace_id'], 16);
  const service = resource['service.name'];
  // The record's own words under the names that are looked at first, so that no attribute speaks for it.
  const value = {
    ...mergeAttributes(own, resource),
    ...wordsOf(said),
    ...(at === undefined ? {} : { ts: at }),
    ...(severity === undefined || severity === '' ? {} : { level: severity }),
    ...(service === undefined ? {} : { service }),
    ...(traceId === undefined ? {} : { trace_id: traceId }),
  };
  return normaliseLogLine({ kind: 'object', value }, defaults);
}

/** A structured body is fields like any other line's; anything else is the message. */
function wordsOf(said: Any | undefined): Fields {
  if (said === undefined) return {};
  if (isObject(said)) return said;
  return { msg: typeof said === 'string' ? said : JSON.stringify(said) };
}

/** When it happened, else when it was seen; in nanoseconds, as digits. */
function timeOf(raw: Fields): string | undefined {
  for (const key of ['timeUnixNano', 'time_unix_nano', 'observedTimeUnixNano', 'observed_time_unix_nano']) {
    const nanos = readNanos(raw[key]);
    if (nanos !== undefined && nanos !== 0n) return String(nanos);
  }
  return undefined;
}

const levels = ['debug', 'debug', 'info', 'warn', 'error', 'fatal'] as const;

/** Four steps a level, from trace at 1 to fatal at 24; in JSON also by name (`SEVERITY_NUMBER_ERROR2`). */
function levelOf(severity: unknown): string | undefined {
  if (typeof severity === 'string')
    return /^SEVERITY_NUMBER_(TRACE|DEBUG|INFO|WARN|ERROR|FATAL)\d?$/.exec(severity)?.[1];
  return typeof severity === 'number' && severity >= 1 && severity <= 24
    ? levels[Math.floor((severity - 1) / 4)]
    : undefined;
}

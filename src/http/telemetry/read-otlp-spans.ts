import type { Span } from '../../ports/trace-source.ts';
import { boundedText } from './bounded-text.ts';
import {
  type Attributes,
  type Fields,
  fieldOf,
  listOf,
  maxErrorText,
  mergeAttributes,
  readAttributes,
  readId,
  readNanos,
} from './otlp-values.ts';
import { isObject } from './parse-log-body.ts';

/**
 * Spans of one ExportTraceServiceRequest, as JSON or as decoded protobuf: ids may be hex text or bytes, 64-bit numbers
 * text or numbers, enums names or numbers. Spans without ids or times are counted, not fatal.
 */
export function readOtlpSpans(body: unknown): { spans: Span[]; rejected: number } | undefined {
  if (!isObject(body)) return undefined;
  const spans: Span[] = [];
  let rejected = 0;
  for (const resourceSpans of listOf(body, 'resourceSpans', 'resource_spans')) {
    const resource = isObject(resourceSpans) ? readAttributes(fieldOf(resourceSpans, 'resource')) : {};
    for (const scopeSpans of listOf(
      resourceSpans,
      'scopeSpans',
      'scope_spans',
      'instrumentationLibrarySpans',
    )) {
      for (const raw of listOf(scopeSpans, 'spans')) {
        const span = isObject(raw) ? readSpan(raw, resource) : undefined;
        if (span === undefined) rejected += 1;
        else spans.push(span);
      }
    }
  }
  return { spans, rejected };
}

function readSpan(raw: Fields, resource: Attributes): Span | undefined {
  const traceId = readId(raw['traceId'] ?? raw['trace_id'], 16);
  const spanId = readId(raw['spanId'] ?? raw['span_id'], 8);
  const startNs = readNanos(raw['startTimeUnixNano'] ?? raw['start_time_unix_nano']);
  const endNs = readNanos(raw['endTimeUnixNano'] ?? raw['end_time_unix_nano']);
  if (traceId === undefined || spanId === undefined || startNs === undefined || startNs === 0n)
    return undefined;

  const status = fieldOf(raw, 'status');
  const error = status['code'] === 2 || status['code'] === 'STATUS_CODE_ERROR';
  const errorText = errorTextOf(raw, status);
  const service = resource['service.name'];
  return {
    traceId,
    spanId,
    parentId: readId(raw['parentSpanId'] ?? raw['parent_span_id'], 8) ?? null,
    service: typeof service === 'string' && service !== '' ? service : 'unknown',
    operation: typeof raw['name'] === 'string' ? boundedText(raw['name'], 300) : '',
    kind: readKind(raw['kind']),
    startUs: Number(startNs / 1000n),
    durationUs: endNs === undefined || endNs < startNs ? 0 : Number((endNs - startNs) / 1000n),
    error,
    ...(errorText === undefined ? {} : { errorText }),
    attributes: mergeAttributes(readAttributes(raw), resource),
  };
}

function errorTextOf(raw: Fields, status: Fields): string | undefined {
  const parts: string[] = [];
  for (const event of listOf(raw, 'events')) {
    if (!isObject(event) || event['name'] !== 'exception') continue;
    const {
      'exception.type': type,
      'exception.message': message,
      'exception.stacktrace': stack,
    } = readAttributes(event);
    const headline = [type, message].filter((part) => part !== undefined).join(': ');
    parts.push(typeof stack === 'string' && stack !== '' ? stack : headline);
  }
  const message = status['message'];
  if (typeof message === 'string' && message !== '' && !parts.some((part) => part.includes(message)))
    parts.unshift(message);
  const text = parts.filter((part) => part !== '').join('\n');
  return text === '' ? undefined : boundedText(text, maxErrorText);
}

const kinds: readonly Span['kind'][] = ['internal', 'internal', 'server', 'client', 'producer', 'consumer'];

function readKind(value: unknown): Span['kind'] {
  if (typeof value === 'number') return kinds[value] ?? 'internal';
  const name = typeof value === 'string' ? value.replace(/^SPAN_KIND_/, '').toLowerCase() : '';
  return kinds.find((kind) => kind === name) ?? 'internal';
}

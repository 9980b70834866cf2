import type { Span } from '../../ports/trace-source.ts';
import { boundedText } from './bounded-text.ts';
import { isObject } from './parse-log-body.ts';

/** Spans of one Zipkin v2 `POST /api/v2/spans` body; undefined when it is no list. */
export function readZipkinSpans(body: unknown): { spans: Span[]; rejected: number } | undefined {
  if (!Array.isArray(body)) return undefined;
  const spans = body.map(readSpan).filter((span) => span !== undefined);
  return { spans, rejected: body.length - spans.length };
}

function readSpan(raw: unknown): Span | undefined {
  if (!isObject(raw)) return undefined;
  const traceId = readHex(raw['traceId'], 32);
  const spanId = readHex(raw['id'], 16);
  const startUs = raw['timestamp'];
  if (traceId === undefined || spanId === undefined || typeof startUs !== 'number' || startUs <= 0)
    return undefined;

  const tags = isObject(raw['tags']) ? raw['tags'] : {};
  const endpoint = isObject(raw['localEndpoint']) ? raw['localEndpoint']['serviceName'] : undefined;
  const error = tags['error'] !== undefined || tags['otel.status_code'] === 'ERROR';
  const errorText = typeof tags['error'] === 'string' ? tags['error'] : '';
  const attributes = Object.entries(tags)
    .filter((entry): entry is [string, string] => typeof entry[1] === 'string' && entry[0] !== 'service.name')
    .slice(0, 64)
    .map(([key, value]) => [boundedText(key, 200), boundedText(value, 2_000)] as const);
  return {
    traceId,
    spanId,
    parentId: readHex(raw['parentId'], 16) ?? null,
    service: typeof endpoint === 'string' && endpoint !== '' ? boundedText(endpoint, 200) : 'unknown',
    operation: typeof raw['name'] === 'string' ? boundedText(raw['name'], 300) : '',
    kind: readKind(raw['kind']),
    startUs: Math.round(startUs),
    durationUs: typeof raw['duration'] === 'number' && raw['duration'] >= 0 ? Math.round(raw['duration']) : 0,
    error,
    ...(errorText === '' ? {} : { errorText: boundedText(errorText, 8_000) }),
    attributes: Object.fromEntries(attributes),
  };
}

/** Zipkin allows 64-bit trace ids; padded on the left they equal the 128-bit form that others write. */
function readHex(value: unknown, length: number): string | undefined {
  if (typeof value !== 'string' || !/^[0-9a-f]{16}(?:[0-9a-f]{16})?$/i.test(value)) return undefined;
  const hex = value.toLowerCase().padStart(length, '0');
  return hex.length === length && !/^0+$/.test(hex) ? hex : undefined;
}

function readKind(value: unknown): Span['kind'] {
  const kind = typeof value === 'string' ? value.toLowerCase() : '';
  return kind === 'server' || kind === 'client' || kind === 'producer' || kind === 'consumer'
    ? kind
    : 'internal';
}

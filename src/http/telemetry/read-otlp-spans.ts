import type { Span } from '../../ports/trace-source.ts';
import { boundedText } from './bounded-text.ts';
import { isObject } from './parse-log-body.ts';

type Attributes = Record<string, string | number | boolean>;
type Fields = Readonly<Record<string, unknown>>;

const maxAttributes = 64;
const maxText = 2_000;
const maxErrorText = 8_000;
const maxAnyDepth = 8;

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

/** The span's own come first; of the resource, what is not noise about the SDK. */
function mergeAttributes(own: Attributes, resource: Attributes): Attributes {
  const merged: Attributes = { ...own };
  let count = Object.keys(merged).length;
  for (const [key, value] of Object.entries(resource)) {
    if (count >= maxAttributes) break;
    if (key === 'service.name' || key.startsWith('telemetry.') || Object.hasOwn(merged, key)) continue;
    merged[key] = value;
    count += 1;
  }
  return merged;
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

/** Lower-case hex of exactly `length` bytes; undefined for anything else and for all zeros. */
function readId(value: unknown, length: number): string | undefined {
  const hex =
    typeof value === 'string'
      ? value.toLowerCase()
      : Array.isArray(value)
        ? Buffer.from(value).toString('hex')
        : '';
  return hex.length === 2 * length && /^[0-9a-f]+$/.test(hex) && !/^0+$/.test(hex) ? hex : undefined;
}

function readNanos(value: unknown): bigint | undefined {
  // As a number it has lost its last digits on the way; to the microsecond it still holds.
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0)
    return BigInt(Math.round(value / 1000)) * 1000n;
  return typeof value === 'string' && /^\d{1,19}$/.test(value) ? BigInt(value) : undefined;
}

function readAttributes(holder: unknown): Attributes {
  const attributes: Attributes = {};
  for (const pair of listOf(holder, 'attributes').slice(0, maxAttributes)) {
    if (!isObject(pair) || typeof pair['key'] !== 'string') continue;
    const value = readAny(pair['value'], 0);
    if (value === undefined) continue;
    const plain = typeof value === 'object' ? JSON.stringify(value) : value;
    const long = pair['key'] === 'exception.stacktrace';
    attributes[boundedText(pair['key'], 200)] =
      typeof plain === 'string' ? boundedText(plain, long ? maxErrorText : maxText) : plain;
  }
  return attributes;
}

type Any = string | number | boolean | readonly Any[] | { readonly [key: string]: Any };

function readAny(raw: unknown, depth: number): Any | undefined {
  if (!isObject(raw) || depth > maxAnyDepth) return undefined;
  if (typeof raw['stringValue'] === 'string') return raw['stringValue'];
  if (typeof raw['boolValue'] === 'boolean') return raw['boolValue'];
  if (raw['intValue'] !== undefined) return readInteger(raw['intValue']);
  if (raw['doubleValue'] !== undefined) return readDouble(raw['doubleValue']);
  if (isObject(raw['arrayValue']))
    return listOf(raw['arrayValue'], 'values')
      .map((one) => readAny(one, depth + 1))
      .filter((one) => one !== undefined);
  if (isObject(raw['kvlistValue'])) {
    const pairs: [string, Any][] = [];
    for (const pair of listOf(raw['kvlistValue'], 'values')) {
      const value = isObject(pair) ? readAny(pair['value'], depth + 1) : undefined;
      if (isObject(pair) && typeof pair['key'] === 'string' && value !== undefined)
        pairs.push([pair['key'], value]);
    }
    return Object.fromEntries(pairs);
  }
  if (Array.isArray(raw['bytesValue'])) return Buffer.from(raw['bytesValue']).toString('base64');
  return typeof raw['bytesValue'] === 'string' ? raw['bytesValue'] : undefined;
}

/** An integer that a JavaScript number cannot hold stays text. */
function readInteger(value: unknown): number | string | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value !== 'string' || !/^-?\d{1,20}$/.test(value)) return undefined;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** JSON has no NaN or infinity: such values stay text. */
function readDouble(value: unknown): number | string | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  return typeof value === 'string' ? value : undefined;
}

function fieldOf(holder: Fields, name: string): Fields {
  const value = holder[name];
  return isObject(value) ? value : {};
}

function listOf(holder: unknown, ...names: readonly string[]): readonly unknown[] {
  if (!isObject(holder)) return [];
  for (const name of names) {
    const value = holder[name];
    if (Array.isArray(value)) return value;
  }
  return [];
}

import { jsonText } from '../../platform/json-text.ts';
import type { LogLine } from '../../ports/log-source.ts';
import { boundedText } from './bounded-text.ts';
import { parseLevel } from './log-level.ts';
import { isObject, parseJson, type RawEntry } from './parse-log-body.ts';
import { parseTime } from './parse-time.ts';

type Scalar = string | number | boolean | null;

export interface LineDefaults {
  /** When the line names no service. */
  readonly service: string;
  /** When the line has no time: when it was received. */
  readonly at: Date;
}

const maxFields = 64;
const maxDepth = 6;
const maxMessage = 8_000;
const maxText = 2_000;
const maxStack = 8_000;
const maxName = 200;

const timeKeys = ['ts', 'time', '@timestamp', 'timestamp', 'date', 'datetime'];
const levelKeys = [
  'level',
  'severity',
  'lvl',
  'log.level',
  'loglevel',
  'levelname',
  'severity_text',
  '@level',
];
const messageKeys = ['msg', 'message', 'log', '@message', '@m', 'text', 'event'];
const serviceKeys = [
  'service',
  'service.name',
  'service_name',
  'app',
  'application',
  'kubernetes.labels.app.kubernetes.io/name',
  'kubernetes.labels.app',
  'kubernetes.container_name',
  'kubernetes.container.name',
  'container_name',
  'job',
];
const traceKeys = ['trace_id', 'traceId', 'trace.id', 'traceid', 'otelTraceID', 'dd.trace_id'];

/** What a pushed entry says, in our words; undefined for one that cannot be read. */
export function normaliseLogLine(entry: RawEntry, defaults: LineDefaults): LogLine | undefined {
  switch (entry.kind) {
    case 'bad':
      return undefined;
    case 'text':
      return normaliseText(entry.text, defaults);
    case 'object':
      return normaliseObject(entry.value, defaults);
    default:
      return entry satisfies never;
  }
}

function normaliseText(text: string, defaults: LineDefaults): LogLine {
  const message = boundedText(text.trimEnd(), maxMessage);
  return { at: defaults.at, service: defaults.service, level: 'unknown', message, fields: {} };
}

function normaliseObject(raw: Readonly<Record<string, unknown>>, defaults: LineDefaults): LogLine {
  const fields = flatten(unwrap(raw));
  const at = take(fields, timeKeys, parseTime);
  const level = take(fields, levelKeys, (value) => {
    const parsed = parseLevel(value);
    return parsed === 'unknown' ? undefined : parsed;
  });
  const message = take(fields, messageKeys, (value) =>
    typeof value === 'string' && value !== '' ? boundedText(value.trimEnd(), maxMessage) : undefined,
  );
  const service = take(fields, serviceKeys, (value) =>
    typeof value === 'string' && value !== '' ? boundedText(value, maxName) : undefined,
  );
  const traceId = take(fields, traceKeys, parseTraceId);
  return {
    at: at ?? defaults.at,
    service: service ?? defaults.service,
    level: level ?? 'unknown',
    message: message ?? boundedText(JSON.stringify(Object.fromEntries(fields)), maxText),
    ...(traceId === undefined ? {} : { traceId }),
    fields: Object.fromEntries([...fields].slice(0, maxFields)),
  };
}

/** Container runtimes and agents wrap the service's own JSON line as text in one of their fields. */
function unwrap(raw: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  for (const key of ['log', 'message', 'msg']) {
    const text = raw[key];
    if (typeof text !== 'string' || !text.startsWith('{')) continue;
    const inner = parseJson(text);
    if (!isObject(inner)) continue;
    const { [key]: _wrapped, ...outer } = raw;
    return { ...outer, ...inner };
  }
  return raw;
}

/** First key that has a usable value; it leaves the fields, so that nothing is told twice. */
function take<Value>(
  fields: Map<string, Scalar>,
  keys: readonly string[],
  read: (value: Scalar) => Value | undefined,
): Value | undefined {
  for (const key of keys) {
    const value = fields.get(key);
    if (value === undefined) continue;
    const read_ = read(value);
    if (read_ === undefined) continue;
    fields.delete(key);
    return read_;
  }
  return undefined;
}

function parseTraceId(value: Scalar): string | undefined {
  if (typeof value !== 'string') return undefined;
  const id = value.toLowerCase().replaceAll('-', '');
  return /^[0-9a-f]{16,32}$/.test(id) && !/^0+$/.test(id) ? id : undefined;
}

function flatten(raw: Readonly<Record<string, unknown>>): Map<string, Scalar> {
  const fields = new Map<string, Scalar>();
  walk(raw, '', 0, fields);
  return fields;
}

function walk(
  value: Readonly<Record<string, unknown>>,
  prefix: string,
  depth: number,
  fields: Map<string, Scalar>,
) {
  for (const key of Object.keys(value)) {
    // A few more than are kept, because the line's own words still leave the map.
    if (fields.size >= maxFields + 8) return;
    const one = value[key];
    const name = boundedText(prefix + key, maxName);
    if (isObject(one) && depth < maxDepth) walk(one, `${prefix}${key}.`, depth + 1, fields);
    else if (one !== undefined) fields.set(name, scalarOf(one, name));
  }
}

function scalarOf(value: unknown, name: string): Scalar {
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return value;
  const text = typeof value === 'string' ? value : (jsonText(value) ?? '(nested too deeply to be kept)');
  const long = /stack|trace$|exception|log$|message$|msg$/i.test(name);
  return boundedText(text, long ? maxStack : maxText);
}

import { boundedText } from './bounded-text.ts';
import { isObject } from './parse-log-body.ts';

export type Attributes = Record<string, string | number | boolean>;
export type Fields = Readonly<Record<string, unknown>>;

const maxAttributes = 64;
const maxText = 2_000;
export const maxErrorText = 8_000;
const maxAnyDepth = 8;

/** The record's own come first; of the resource, what is not noise about the SDK. */
export function mergeAttributes(own: Attributes, resource: Attributes): Attributes {
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

/** Lower-case hex of exactly `length` bytes; undefined for anything else and for all zeros. */
export function readId(value: unknown, length: number): string | undefined {
  const hex =
    typeof value === 'string'
      ? value.toLowerCase()
      : Array.isArray(value)
        ? Buffer.from(value).toString('hex')
        : '';
  return hex.length === 2 * length && /^[0-9a-f]+$/.test(hex) && !/^0+$/.test(hex) ? hex : undefined;
}

export function readNanos(value: unknown): bigint | undefined {
  // As a number it has lost its last digits on the way; to the microsecond it still holds.
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0)
    return BigInt(Math.round(value / 1000)) * 1000n;
  return typeof value === 'string' && /^\d{1,19}$/.test(value) ? BigInt(value) : undefined;
}

export function readAttributes(holder: unknown): Attributes {
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

export type Any = string | number | boolean | readonly Any[] | { readonly [key: string]: Any };

export function readAny(raw: unknown, depth: number): Any | undefined {
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

export function fieldOf(holder: Fields, name: string): Fields {
  const value = holder[name];
  return isObject(value) ? value : {};
}

export function listOf(holder: unknown, ...names: readonly string[]): readonly unknown[] {
  if (!isObject(holder)) return [];
  for (const name of names) {
    const value = holder[name];
    if (Array.isArray(value)) return value;
  }
  return [];
}

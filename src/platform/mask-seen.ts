import { masked, maskForms, maskShapes } from './mask-credentials.ts';
import { isSecret } from './mask-secrets.ts';

/** `"apiKey": "…"` inside a text, as structured log lines have it; also where the whole was quoted once more. */
const quotedPair = /(\\?")([\w.-]{1,100})(\\?"\s{0,3}:\s{0,3}\\?")((?:[^"\\]|\\[^"]){6,2000})(?=\\?")/g;

/**
 * What was seen, without credentials by their form or name: in text that anybody may have written the rules are wide, in
 * code and numbers they are narrow, since a change must not hide and a name beside a `=` is mostly a call.
 */
export function maskSeen<T>(value: T, is: 'text' | 'code'): T {
  return mapText(value, is === 'code' ? maskForms : maskText) as T;
}

function maskText(text: string): string {
  return maskShapes(
    text.replace(quotedPair, (whole, open: string, name: string, between: string, value: string) =>
      isSecret(name, value) ? `${open}${name}${between}${masked}` : whole,
    ),
  );
}

function mapText(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((one) => mapText(one, change));
  if (value === null || typeof value !== 'object' || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, mapText(inner, change)]));
}

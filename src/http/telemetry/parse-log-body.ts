/** One entry of a pushed body, before it is a log line. */
export type RawEntry =
  | { readonly kind: 'object'; readonly value: Readonly<Record<string, unknown>> }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'bad'; readonly reason: string };

/** A line costs far more than its bytes, a broken one most of all; so a body of bytes alone is not bounded enough. */
export const maxEntries = 100_000;

/**
 * Reads NDJSON, one JSON array, JSON documents written one after another, and plain text lines, also mixed.
 * Work is linear in the length of the body. Undefined when it holds more than `maxEntries`.
 */
export function parseLogBody(bytes: Uint8Array): RawEntry[] | undefined {
  const body = new TextDecoder().decode(bytes);
  if (/^\s*\[/.test(body)) {
    const array = parseJson(body);
    if (Array.isArray(array)) return array.length > maxEntries ? undefined : array.map(entryOf);
  }
  return readDocuments(body);
}

function readDocuments(body: string): RawEntry[] | undefined {
  const entries: RawEntry[] = [];
  // A broken document makes the scanner look ahead; the budget keeps many of them from costing the square of the length.
  let lookAhead = 4 * body.length;
  let at = 0;
  while (at < body.length) {
    const newline = body.indexOf('\n', at);
    const end = newline < 0 ? body.length : newline;
    const line = body.slice(at, end).trim();
    const start = at;
    at = end + 1;
    if (line === '') continue;
    if (entries.length >= maxEntries) return undefined;
    if (!line.startsWith('{')) {
      entries.push(entryOf(line));
      continue;
    }
    const value = parseJson(line);
    if (value !== undefined) {
      entries.push(entryOf(value));
      continue;
    }
    const from = body.indexOf('{', start);
    const close = lookAhead > 0 ? closingBrace(body, from, lookAhead) : undefined;
    lookAhead -= (close ?? body.length) - from;
    const document = close === undefined ? undefined : parseJson(body.slice(from, close + 1));
    if (document === undefined || close === undefined) {
      entries.push({ kind: 'bad', reason: 'broken JSON' });
      continue;
    }
    entries.push(entryOf(document));
    at = close + 1;
  }
  return entries;
}

function closingBrace(text: string, from: number, budget: number): number | undefined {
  let depth = 0;
  let inString = false;
  const end = Math.min(text.length, from + budget);
  for (let at = from; at < end; at += 1) {
    const code = text.charCodeAt(at);
    if (inString) {
      if (code === 0x5c) at += 1;
      else if (code === 0x22) inString = false;
    } else if (code === 0x22) inString = true;
    else if (code === 0x7b) depth += 1;
    else if (code === 0x7d) {
      depth -= 1;
      if (depth === 0) return at;
    }
  }
  return undefined;
}

function entryOf(value: unknown): RawEntry {
  if (typeof value === 'string') return { kind: 'text', text: value };
  if (isObject(value)) return { kind: 'object', value };
  return { kind: 'bad', reason: 'neither an object nor a line of text' };
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

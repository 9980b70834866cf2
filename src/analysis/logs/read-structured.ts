const messageKeys = [
  'message',
  'msg',
  '@message',
  'log',
  'event',
  'text',
  'body',
  'MESSAGE',
  'error',
] as const;
const openingBrace = 123;
const logfmtMessage = /(?:^|\s)(?:msg|message)=(?:"((?:[^"\\]|\\.)*)"|(\S+))/;
const logfmtStart = /^[\w.@-]+=(?:"|\S)/;

/** What a line of JSON or logfmt says, without its fields; null for other lines. */
export function readStructured(line: string): string | null {
  const code = line.charCodeAt(0);
  if (code === openingBrace) return readJson(line);
  if (!logfmtStart.test(line)) return null;
  const match = logfmtMessage.exec(line);
  return match?.[1] ?? match?.[2] ?? null;
}

function readJson(line: string): string | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    return null;
  }
  if (typeof parsed !== 'object' || parsed === null) return null;
  const fields = parsed as Readonly<Record<string, unknown>>;
  for (const key of messageKeys) {
    const value = fields[key];
    if (typeof value === 'string' && value !== '') return value;
  }
  return null;
}

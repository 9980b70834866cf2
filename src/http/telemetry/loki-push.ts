import type { LogLine } from '../../ports/log-source.ts';
import { type LineDefaults, normaliseLogLine } from './normalise-log-line.ts';
import { isObject, parseJson } from './parse-log-body.ts';
import { parseTime } from './parse-time.ts';

/** `{streams:[{stream:{labels},values:[["ns","line",{metadata}?]]}]}`; undefined when the body is something else. */
export function parseLokiPush(
  bytes: Uint8Array,
  defaults: LineDefaults,
): { lines: LogLine[]; rejected: number } | undefined {
  const body = parseJson(new TextDecoder().decode(bytes));
  if (!isObject(body) || !Array.isArray(body['streams'])) return undefined;
  const lines: LogLine[] = [];
  let rejected = 0;
  for (const stream of body['streams'] as unknown[]) {
    if (!isObject(stream) || !Array.isArray(stream['values'])) {
      rejected += 1;
      continue;
    }
    const labels = isObject(stream['stream']) ? stream['stream'] : {};
    for (const value of stream['values'] as unknown[]) {
      const line = lineOf(value, labels, defaults);
      if (line === undefined) rejected += 1;
      else lines.push(line);
    }
  }
  return { lines, rejected };
}

function lineOf(
  value: unknown,
  labels: Readonly<Record<string, unknown>>,
  defaults: LineDefaults,
): LogLine | undefined {
  if (!Array.isArray(value)) return undefined;
  const [at, text, metadata] = value as unknown[];
  if (typeof text !== 'string') return undefined;
  const time = parseTime(at) ?? defaults.at;
  const own = isObject(metadata) ? metadata : {};
  // Labels first: what the line itself says is merged over them.
  return normaliseLogLine(
    { kind: 'object', value: { ...labels, ...own, log: text } },
    { ...defaults, at: time },
  );
}

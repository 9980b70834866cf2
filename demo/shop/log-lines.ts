import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

const STDERR_QUIET_MS = 50;

/** Structured lines of stdout pass as they are; anything else is wrapped, so that each line has service and ts. */
export function readLogLines(
  service: string,
  stdout: Readable,
  stderr: Readable,
  push: (line: string) => void,
) {
  createInterface({ input: stdout }).on('line', (line) => push(completeLine(service, line)));

  // A crash writes its stack to stderr in many lines: what arrives together is one entry.
  let pending: string[] = [];
  const flush = () => {
    if (pending.length > 0) push(wrapStderr(service, pending));
    pending = [];
  };
  createInterface({ input: stderr })
    .on('line', (line) => {
      pending.push(line);
      if (pending.length === 1) setTimeout(flush, STDERR_QUIET_MS);
    })
    .on('close', flush);
}

export function completeLine(service: string, line: string): string {
  if (line.startsWith('{')) {
    try {
      const entry = JSON.parse(line) as Record<string, unknown>;
      if (entry['service'] === service && typeof entry['ts'] === 'string') return line;
      return JSON.stringify({ ts: new Date().toISOString(), service, ...entry });
    } catch {
      // Not JSON after all: wrapped below.
    }
  }
  return JSON.stringify({ ts: new Date().toISOString(), level: 'info', service, msg: line });
}

export function wrapStderr(service: string, lines: string[]): string {
  const first =
    lines.find((line) => /^\s*(\w*Error|Error)\b/.test(line)) ?? lines.find((line) => line.trim() !== '');
  return JSON.stringify({
    ts: new Date().toISOString(),
    level: 'error',
    service,
    msg: (first ?? '').trim(),
    stack: lines.join('\n'),
    stream: 'stderr',
  });
}

import type { OperationChange } from '../../analysis/traces/compare-operations.ts';
import type { OriginRise } from './trace-signals.ts';

export function sayAnswer(one: OperationChange): string {
  return `${one.service} now answers ${one.operation} with ${one.newSuccesses.join(', ')}, which it never did before`;
}

export function sayOrigin(origin: OriginRise): string {
  const text = origin.text === null ? '' : `: "${shorten(origin.text)}"`;
  const status = origin.status === null ? '' : ` with ${origin.status}`;
  const times = `${origin.count} ${origin.count === 1 ? 'request' : 'requests'}`;
  const operation = sayOperation(origin);
  switch (origin.kind) {
    case 'failed':
      return `${times} fail first in ${origin.service}, ${operation}${status}${text}`;
    case 'rejected':
      return `${origin.service} refuses ${operation}${status}${text} (${times})`;
    case 'slow':
      return `${origin.service} answers ${operation} too late for its caller (${times})`;
    case 'unanswered':
      return `${origin.service} does not answer ${operation}${text} (${times})`;
    case 'gave-up':
      return `${origin.service} gives up on ${operation}${text} (${times}), its callee is as fast as before`;
    default:
      return origin.kind satisfies never;
  }
}

/** The route; a call that nobody answered is only known by who made it. */
export function sayOperation(origin: OriginRise): string {
  const caller = origin.path.at(-2);
  return caller !== undefined && origin.operation.includes(origin.service)
    ? `calls of ${caller}`
    : origin.operation;
}

export function sayFailures(one: OperationChange): string {
  const bad = one.failureRise >= one.rejectionRise ? 'failed' : 'rejected';
  const share = (facts: { count: number; failed: number; rejected: number }): string =>
    facts.count === 0 ? '0 %' : `${((100 * facts[bad]) / facts.count).toFixed(1)} %`;
  return `${one.operation} ${bad} ${share(one.before)} → ${share(one.after)}`;
}

export function saySlow(one: OperationChange): string {
  return `${one.operation} takes ${one.after.meanMs.toFixed(0)} ms instead of ${one.before.meanMs.toFixed(0)} ms`;
}

export function shorten(text: string): string {
  const line = (text.trim().split('\n')[0] ?? '').replaceAll('<*>', '…').replace(/\s+/g, ' ');
  return line.length > 90 ? `${line.slice(0, 87)}…` : line;
}

/** As many of the phrases as fit a line that people read at a glance, at least the first. */
export function joinPhrases(phrases: readonly string[], mostChars: number): string {
  let said = phrases[0] ?? '';
  for (const phrase of phrases.slice(1)) {
    if (said.includes(phrase)) continue;
    if (said.length + 2 + phrase.length > mostChars) break;
    said = `${said}; ${phrase}`;
  }
  return said;
}

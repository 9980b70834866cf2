import type { OperationChange } from '../../analysis/traces/compare-operations.ts';
import type { OriginRise } from './trace-signals.ts';

export function sayAnswer(one: OperationChange): string {
  return `${one.service} now answers ${one.operation} with ${one.newSuccesses.join(', ')}, which it never did before`;
}

export function sayOrigin(origin: OriginRise): string {
  const text = origin.text === null ? '' : ` ("${shorten(origin.text)}")`;
  const status = origin.status === null ? '' : ` with ${origin.status}`;
  switch (origin.kind) {
    case 'failed':
      return `${origin.count} requests fail first in ${origin.service}, ${origin.operation}${status}${text}`;
    case 'rejected':
      return `${origin.service} refuses ${origin.operation}${status}${text} ×${origin.count}`;
    case 'slow':
      return `${origin.service} answers ${origin.operation} too late for its caller ×${origin.count}${text}`;
    case 'unanswered':
      return `no answer from ${origin.service}, ${origin.operation}${text} ×${origin.count}`;
    case 'gave-up':
      return `${origin.service} gives up on ${origin.operation}${text} ×${origin.count}, its callee is no slower than before`;
    default:
      return origin.kind satisfies never;
  }
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
  return line.length > 110 ? `${line.slice(0, 107)}…` : line;
}

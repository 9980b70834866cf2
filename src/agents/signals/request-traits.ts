import { commonTraits, type Trait } from '../../analysis/logs/common-traits.ts';
import { isEntry, operationOf, verdictOf } from '../../analysis/traces/span-facts.ts';
import type { Span } from '../../ports/trace-source.ts';
import type { TraceSignals } from './trace-signals.ts';

const mostTraits = 2;

/** Attributes that the failing requests of a service share and the others of the same operation lack. */
export function requestTraits(service: string, { index, operations }: TraceSignals): Trait[] {
  const troubled = new Set(
    operations
      .filter((one) => one.service === service && Math.max(one.failureRise, one.rejectionRise) > 0.3)
      .map((one) => one.operation),
  );
  const failing: Span[] = [];
  const others: Span[] = [];
  for (const span of index.spans) {
    if (span.service !== service || !isEntry(span) || !troubled.has(operationOf(span))) continue;
    (verdictOf(span) === 'ok' ? others : failing).push(span);
  }
  const attributes = (spans: readonly Span[]) => spans.map((span) => span.attributes);
  return commonTraits(attributes(failing), attributes(others)).slice(0, mostTraits);
}

import { criticalPath, type PathPart } from '../../analysis/traces/critical-path.ts';
import { isEntry, operationOf } from '../../analysis/traces/span-facts.ts';
import type { Span } from '../../ports/trace-source.ts';
import type { TraceSignals } from './trace-signals.ts';

/** A typical one of the requests that got slow, and what its time went into. */
export interface SlowRequest {
  readonly span: Span;
  readonly path: readonly PathPart[];
}

/** Of the slow ones neither the mildest nor an outlier. */
const typical = 0.75;
const slowRise = 0.35;

/** From the operation of the service that costs its callers most; null where nothing got slow. */
export function findSlowRequest(service: string, traces: TraceSignals): SlowRequest | null {
  const [worst] = traces.operations
    .filter((one) => one.service === service && one.slowRise > slowRise)
    .toSorted((a, b) => cost(b) - cost(a));
  if (worst === undefined) return null;
  const entries = traces.index.spans
    .filter((span) => span.service === service && isEntry(span) && operationOf(span) === worst.operation)
    .toSorted((a, b) => a.durationUs - b.durationUs);
  const slow = entries.filter((span) => span.durationUs / 1000 > worst.before.p95Ms);
  const chosen = slow.length === 0 ? entries : slow;
  const span = chosen[Math.floor((chosen.length - 1) * typical)];
  return span === undefined ? null : { span, path: criticalPath(traces.index, span) };
}

function cost({ before, after }: TraceSignals['operations'][number]): number {
  return after.count * Math.max(0, after.meanMs - before.meanMs);
}

/** "POST /orders took 1.5 s: 1.4 s in payment-service, POST /charges; 60 ms in order-service, POST /orders" */
export function saySlowRequest({ span, path }: SlowRequest): string {
  const total = span.durationUs / 1000;
  const parts = path
    .filter((part) => part.selfMs >= 0.05 * total)
    .slice(0, 3)
    .map((part) => `${sayMs(part.selfMs)} in ${sayPlace(part)}`);
  return `${operationOf(span)} took ${sayMs(total)}: ${parts.join('; ')}`;
}

function sayPlace(part: PathPart): string {
  return part.kind === 'client' || part.kind === 'producer'
    ? `${part.service} waiting for ${part.operation}`
    : `${part.service}, ${part.operation} itself`;
}

function sayMs(ms: number): string {
  return ms >= 1000 ? `${(ms / 1000).toFixed(1)} s` : `${ms < 10 ? ms.toFixed(1) : ms.toFixed(0)} ms`;
}

import { explainError } from '../platform/errors.ts';
import type { Metrics } from '../platform/metrics.ts';
import { jsonReply, type Route, textReply } from './route.ts';

export interface OperationsOptions {
  /** Rejects while the record gives no answer. */
  checkRecord(): Promise<unknown>;
  readonly metrics: Metrics;
}

/** What a supervisor asks: does the process live, can it take work, how does it do. */
export function createOperationsRoutes(options: OperationsOptions): Route[] {
  const open = { kind: 'open' } as const;
  return [
    { method: 'GET', path: '/healthz', access: open, handle: () => textReply(200, 'ok\n') },
    {
      method: 'GET',
      path: '/readyz',
      access: open,
      async handle(request) {
        const reason = await failureOf(options.checkRecord(), request.signal);
        return reason === null
          ? jsonReply(200, { ready: true, record: 'answers' })
          : jsonReply(503, { ready: false, record: reason });
      },
    },
    {
      method: 'GET',
      path: '/metrics',
      access: open,
      handle: () => textReply(200, options.metrics.text(), { 'content-type': 'text/plain; version=0.0.4' }),
    },
  ];
}

async function failureOf(check: Promise<unknown>, signal: AbortSignal): Promise<string | null> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const bounded = AbortSignal.any([signal, AbortSignal.timeout(3_000)]);
  bounded.addEventListener('abort', () => reject(new Error('gave no answer in 3 s')), { once: true });
  try {
    await Promise.race([check, late]);
    return null;
  } catch (error) {
    return explainError(error);
  }
}

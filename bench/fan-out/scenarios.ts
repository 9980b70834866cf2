import { resolve } from 'node:path';
import type { ShopAlert } from '../../test/support/shop-house.ts';
import {
  anOrder,
  expireTokens,
  leakDescriptors,
  playShop,
  type ShopTelemetry,
} from '../../test/support/shop-telemetry.ts';

type Request = ReturnType<typeof anOrder>;

export interface Scenario {
  readonly name: string;
  /** Which of `demo/faults`, or a folder like them. */
  readonly fault: string;
  readonly alert: ShopAlert;
  /** Where the fault is; null where nothing is broken. */
  readonly service: string | null;
  play(now?: Date): ShopTelemetry;
}

const alertOn = (name: string, summary: string): ShopAlert => ({ name, service: 'order-service', summary });

/** All alert on order-service, where customers are; the cause is in it, in what it calls, or nowhere. */
export const scenarios: readonly Scenario[] = [
  {
    name: 'token-ttl',
    fault: 'token-ttl',
    alert: alertOn('HighErrorRatio', 'order-service fails 33 % of its requests'),
    service: 'user-service',
    play: (now) => playShop({ request: expireTokens }, now),
  },
  {
    name: 'leak',
    fault: 'leak',
    alert: alertOn('DescriptorsGrowing', 'order-service holds 400 file descriptors'),
    service: 'order-service',
    play: (now) => playShop(leakDescriptors, now),
  },
  {
    name: 'two-changes',
    fault: 'two-changes',
    alert: alertOn('HighErrorRatio', 'order-service fails 25 % of its requests'),
    service: 'payment-service',
    play: (now) => playShop({ request: waitForConnection }, now),
  },
  {
    name: 'tight-budget',
    fault: resolve(import.meta.dirname, 'scenarios/tight-budget'),
    alert: alertOn('HighErrorRatio', 'order-service fails 40 % of its requests'),
    service: 'order-service',
    play: (now) => playShop({ request: giveUpEarly }, now),
  },
  {
    name: 'traffic-peak',
    fault: 'traffic-peak',
    alert: alertOn('RequestRateHigh', 'order-service takes twice the requests that it was planned for'),
    service: null,
    play: (now) => playShop({ request: () => anOrder(), peak: 2 }, now),
  },
];

/** One connection to the acquirer: charges queue, and one in four gets none. Beside it, lines of a change that breaks nothing. */
function waitForConnection(n: number, broken: boolean): Request {
  const roundedOff = {
    level: 'warn',
    message: 'price lines do not add up to the total',
    fields: { order_id: `o-${n}`, lines_minor: 1999 + n, total_minor: 2000 + n },
  } as const;
  if (!broken) return anOrder({ 'payment-service': { ownMs: 100 } });
  if (n % 4 !== 0)
    return anOrder({
      'payment-service': { ownMs: 400 + ((n * 331) % 900) },
      ...(n % 3 === 0 ? { 'order-service': { log: roundedOff } } : {}),
    });
  const full = 'no free gateway connection after 2500 ms (1 in use)';
  const error = 'UpstreamError: payment-service answered 503: POOL_TIMEOUT';
  return anOrder({
    'payment-service': {
      status: 503,
      ownMs: 2_500,
      error: `PoolTimeout: ${full}`,
      log: {
        level: 'error',
        message: 'request failed',
        fields: { route: '/charges', status: 503, code: 'POOL_TIMEOUT', error: full, operation: 'authorize' },
      },
    },
    'order-service': {
      status: 502,
      error,
      log: {
        level: 'error',
        message: 'request failed',
        fields: {
          route: '/orders',
          status: 502,
          code: 'UPSTREAM_REJECTED',
          error,
          upstream: 'payment-service',
        },
      },
    },
  });
}

/** A charge takes what it always took, and its caller no longer waits for that long. */
function giveUpEarly(n: number, broken: boolean): Request {
  const ownMs = 75 + ((n * 37) % 50);
  const charge = { ownMs };
  if (!broken || ownMs + 1 <= 100) return anOrder({ 'payment-service': charge });
  const error = 'UpstreamError: payment-service gave no answer in 100 ms';
  return anOrder({
    'payment-service': { ...charge, givenUpAfterMs: 100 },
    'order-service': {
      status: 504,
      error,
      log: {
        level: 'error',
        message: 'request failed',
        fields: {
          route: '/orders',
          status: 504,
          code: 'UPSTREAM_TIMEOUT',
          error,
          upstream: 'payment-service',
        },
      },
    },
  });
}

import { type InventedSystem, onsetMs, play, type Step } from '../unit/agents/invented-system.ts';

/** What the shop's services did in the last minutes, as their own instruments would have sent it. */
export interface ShopTelemetry {
  /** Bodies for `POST /v1/traces`. */
  readonly traces: readonly object[];
  /** Lines for `POST /telemetry/logs`. */
  readonly logs: readonly object[];
  /** Samples in OpenMetrics text, for a Prometheus that was there all the time. */
  readonly metrics: string;
  /** When the fault began. */
  readonly onset: Date;
}

/** A minute of calm and then the fault, which began `sinceOnsetS` ago. */
const timing = { historyS: 75, sinceOnsetS: 20, alertAfterS: 8, scrapeS: 1, requestsPerS: 5 };

const dependsOn: Readonly<Record<string, readonly string[]>> = {
  'order-service': ['user-service', 'inventory-service', 'payment-service'],
  'user-service': [],
  'inventory-service': [],
  'payment-service': [],
};

/** @param fault what is broken: its answer to the request number `n`, from the onset on */
export function playShop(
  fault: Partial<Pick<InventedSystem, 'gauges' | 'peak'>> & { readonly request: InventedSystem['request'] },
  now = new Date(),
): ShopTelemetry {
  const system: InventedSystem = {
    services: Object.fromEntries(
      Object.entries(dependsOn).map(([name, calls]) => [name, { dependsOn: calls, commits: [] }]),
    ),
    alert: { service: 'order-service', name: 'none', expression: '' },
    timing,
    ...fault,
  };
  const { spans, lines, stored } = play(system);
  const shiftMs = now.getTime() - (onsetMs + timing.sinceOnsetS * 1000);
  const at = (ms: number): string => new Date(ms + shiftMs).toISOString();
  return {
    onset: new Date(onsetMs + shiftMs),
    traces: [...Map.groupBy(spans, (span) => span.service)].map(([service, own]) => ({
      resourceSpans: [
        {
          resource: { attributes: [attribute('service.name', service)] },
          scopeSpans: [
            {
              spans: own.map((span) => ({
                traceId: span.traceId,
                spanId: span.spanId,
                ...(span.parentId === null ? {} : { parentSpanId: span.parentId }),
                name: span.operation,
                kind: span.kind === 'server' ? 2 : 3,
                startTimeUnixNano: nanos(span.startUs + shiftMs * 1000),
                endTimeUnixNano: nanos(span.startUs + span.durationUs + shiftMs * 1000),
                attributes: Object.entries(span.attributes).map(([key, value]) => attribute(key, value)),
                status: span.error ? { code: 2, message: span.errorText ?? '' } : {},
              })),
            },
          ],
        },
      ],
    })),
    logs: lines.map(({ at: when, service, level, message, traceId, fields }) => ({
      ...fields,
      time: at(when.getTime()),
      service,
      level,
      msg: message,
      ...(traceId === undefined ? {} : { trace_id: traceId }),
    })),
    metrics: `${stored
      .toSorted((a, b) => nameOf(a.labels).localeCompare(nameOf(b.labels)))
      .map(({ labels, times, values }) =>
        times
          .map((time, index) => `${seriesOf(labels)} ${values[index]} ${(time + shiftMs / 1000).toFixed(3)}`)
          .join('\n'),
      )
      .join('\n')}\n# EOF\n`,
  };
}

/** An order as it goes through the shop; what a service does otherwise is given by its name. */
export function anOrder(change: Readonly<Record<string, Partial<Step>>> = {}): Step {
  return {
    service: 'order-service',
    operation: 'POST /orders',
    ownMs: 5,
    calls: [
      { service: 'user-service', operation: 'POST /sessions/verify', ownMs: 2, ...change['user-service'] },
      {
        service: 'inventory-service',
        operation: 'POST /reservations',
        status: 201,
        ownMs: 3,
        ...change['inventory-service'],
      },
      {
        service: 'payment-service',
        operation: 'POST /charges',
        status: 201,
        ownMs: 20,
        ...change['payment-service'],
      },
    ],
    ...change['order-service'],
  };
}

/** Every third session is older than the new lifetime of an hour. */
export function expireTokens(n: number, broken: boolean): Step {
  if (!broken || n % 3 !== 0) return anOrder();
  const refused: Step = {
    service: 'user-service',
    operation: 'POST /sessions/verify',
    ownMs: 2,
    status: 401,
    log: {
      level: 'warn',
      message: 'request refused',
      fields: {
        route: '/sessions/verify',
        status: 401,
        code: 'TOKEN_EXPIRED',
        error: 'token has expired',
        user_id: `u-${String(n % 40).padStart(4, '0')}`,
        age_s: 4200 + ((n * 97) % 9000),
        lifetime_s: 3600,
      },
    },
  };
  const error = 'UpstreamError: user-service answered 401: TOKEN_EXPIRED';
  return {
    service: 'order-service',
    operation: 'POST /orders',
    ownMs: 5,
    status: 502,
    error,
    log: {
      level: 'error',
      message: 'request failed',
      fields: { route: '/orders', status: 502, code: 'UPSTREAM_REJECTED', error, upstream: 'user-service' },
    },
    // Nobody is asked for stock or money any more.
    calls: [refused],
  };
}

/** Every order leaves a connection behind: requests are well, and the descriptors of order-service grow. */
export const leakDescriptors = {
  request: () => anOrder(),
  gauges: Object.fromEntries(
    Object.keys(dependsOn).map((service) => [
      service,
      {
        process_open_fds: (sinceOnset: number) =>
          service === 'order-service' ? 42 + Math.max(0, sinceOnset) * 18 : 30,
        process_resident_memory_bytes: (sinceOnset: number) =>
          service === 'order-service' ? 92e6 + Math.max(0, sinceOnset) * 2.5e6 : 80e6,
      },
    ]),
  ),
};

const attribute = (key: string, value: string | number | boolean): object => ({
  key,
  value:
    typeof value === 'string'
      ? { stringValue: value }
      : typeof value === 'boolean'
        ? { boolValue: value }
        : Number.isInteger(value)
          ? { intValue: String(value) }
          : { doubleValue: value },
});

const nanos = (us: number): string => `${BigInt(Math.round(us)) * 1000n}`;

const nameOf = (labels: Readonly<Record<string, string>>): string => labels['__name__'] ?? '';

function seriesOf({ __name__, ...labels }: Readonly<Record<string, string>>): string {
  const shown = Object.entries(labels).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  return `${__name__}{${shown.join(',')}}`;
}

import type { IncidentInput } from '../../../../src/analysis/ranking/incident-input.ts';

/** `web` calls `cart` and `search`, `cart` calls `store`, `search` calls `index`. */
export const edges: readonly (readonly [string, string])[] = [
  ['web', 'cart'],
  ['web', 'search'],
  ['cart', 'store'],
  ['search', 'index'],
];
export const services = ['web', 'cart', 'search', 'store', 'index'];
export const incidentAt = 1_800_000_000;

export interface Fault {
  readonly service: string;
  readonly kind: 'slow' | 'failing';
}

/** Numbers from 0 to 1 that are the same every time. */
export function randomFrom(seed: number): () => number {
  let state = (seed * 2_654_435_761 + 1) >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/**
 * An hour of minutes before and ten after; a fault shows in the service, and weaker in everything above it.
 * @param strength how much of a fault that nobody could overlook
 */
export function metricsOf(
  fault: Fault | null,
  seed = 1,
  strength = 1,
): NonNullable<IncidentInput['metrics']> {
  const random = randomFrom(seed);
  const times = Array.from({ length: 70 }, (_, n) => incidentAt + 60 * (n - 60));
  const noise = (): number => random() + random() + random() - 1.5;
  return services.flatMap((service) => {
    const hit = fault === null ? 0 : strength * strengthAt(service, fault.service);
    const series = (metric: string, level: number, width: number, rise: number) => ({
      service,
      metric,
      times,
      values: times.map((time) => level + width * noise() + (time >= incidentAt ? rise * hit : 0)),
    });
    return [
      series('latency_p95', 0.1, 0.01, fault?.kind === 'slow' ? 0.6 : 0),
      series('error_rate', 0.01, 0.003, fault?.kind === 'failing' ? 0.3 : 0),
      series('success_share', 0.99, 0.002, fault?.kind === 'failing' ? -0.3 : 0),
      series('requests', 500, 20, 0),
      series('cpu_usage', 0.4, 0.05, fault?.kind === 'slow' && service === fault.service ? 0.5 : 0),
      series('memory_bytes', 3e8, 2e6, 0),
    ];
  });
}

/** The same as systems are without a fault: what wanders, and now and then a few values far out. */
export function roughen(
  metrics: NonNullable<IncidentInput['metrics']>,
  seed: number,
): NonNullable<IncidentInput['metrics']> {
  const random = randomFrom(seed);
  return metrics.map((series) => {
    const level = series.values[0] ?? 0;
    let wander = 0;
    let burst = 0;
    return {
      ...series,
      values: series.values.map((value) => {
        wander = 0.85 * wander + 0.3 * level * (random() - 0.5);
        if (random() < 0.03) burst = 2 * level * random();
        else if (random() < 0.6) burst = 0;
        return value === null ? null : value + wander + burst;
      }),
    };
  });
}

function strengthAt(service: string, origin: string, depth = 0): number {
  if (service === origin) return 0.8 ** depth;
  const below = edges
    .filter(([caller]) => caller === service)
    .map(([, callee]) => strengthAt(callee, origin, depth + 1));
  return Math.max(0, ...below);
}

/** One span of each service a request, in microseconds; a slow one holds up those above, a failing one fails them. */
export function tracesOf(
  fault: Fault | null,
  count = 60,
  seed = 1,
): NonNullable<NonNullable<IncidentInput['traces']>['normal']> {
  const random = randomFrom(seed);
  return Array.from({ length: count }, (_, trace) => {
    const own = new Map(
      services.map((service) => [
        service,
        Math.round(
          2000 + 800 * random() + (fault?.kind === 'slow' && fault.service === service ? 90_000 : 0),
        ),
      ]),
    );
    const lasts = (service: string): number =>
      (own.get(service) ?? 0) +
      edges.filter(([caller]) => caller === service).reduce((sum, [, callee]) => sum + lasts(callee), 0);
    const spans: NonNullable<NonNullable<IncidentInput['traces']>['normal']> = [];
    const visit = (service: string, parent: string | null, startUs: number): boolean => {
      let at = startUs + 500;
      let failed = fault?.kind === 'failing' && fault.service === service;
      for (const [, callee] of edges.filter(([caller]) => caller === service)) {
        failed = visit(callee, service, at) || failed;
        at += lasts(callee);
      }
      spans.push({
        trace: String(trace),
        span: service,
        parent,
        service,
        operation: `handle ${service}`,
        startUs,
        durationUs: lasts(service),
        error: failed,
      });
      return failed;
    };
    visit('web', null, trace * 1_000_000);
    return spans;
  }).flat();
}

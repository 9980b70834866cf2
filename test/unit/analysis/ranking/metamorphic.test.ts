import { describe, expect, it } from 'vitest';
import { analyzeIncident } from '../../../../src/analysis/ranking/analyze-incident.ts';
import type { IncidentInput } from '../../../../src/analysis/ranking/incident-input.ts';
import {
  edges,
  type Fault,
  incidentAt,
  metricsOf,
  randomFrom,
  roughen,
  services,
  tracesOf,
} from './synthetic-system.ts';

type Logs = NonNullable<IncidentInput['logs']>;

/** Ten lines a minute of each service; what is at fault complains from the incident on. */
function logsOf(fault: Fault | null, seed = 3): Logs {
  const random = randomFrom(seed);
  return services.flatMap((service) =>
    Array.from({ length: 200 }, (_, n) => {
      const time = incidentAt + 6 * (n - 120);
      const bad = fault?.service === service && time >= incidentAt && n % 2 === 0;
      return {
        service,
        time,
        line: bad
          ? `ERROR pool of ${service} is exhausted after ${n} ms`
          : `INFO handled request ${Math.floor(1000 * random())} in ${n % 9} ms`,
      };
    }),
  );
}

function everythingOf(fault: Fault): IncidentInput {
  return {
    id: 'i',
    incidentAt,
    services: [...services],
    graph: edges.map(([caller, callee]): [string, string] => [caller, callee]),
    symptom: { service: 'web', metric: fault.kind === 'slow' ? 'latency_p95' : 'error_rate' },
    // Weak and rough enough for every number to matter: else all distances are at their ends.
    metrics: roughen(metricsOf(fault, 1, 0.6), 5),
    traces: { normal: tracesOf(null), incident: tracesOf(fault, 60, 2) },
    logs: logsOf(fault),
  };
}

function shuffle<Item>(list: readonly Item[] | null | undefined, seed: number): Item[] {
  const random = randomFrom(seed);
  return [...(list ?? [])]
    .map((item) => ({ item, key: random() }))
    .toSorted((a, b) => a.key - b.key)
    .map(({ item }) => item);
}

const renamed = new Map(services.map((service, index) => [service, `n${9 - index}`]));
const rename = (service: string): string => renamed.get(service) ?? service;
type Spans = NonNullable<NonNullable<IncidentInput['traces']>['normal']>;
const renameSpans = (spans: Spans | null | undefined): Spans =>
  (spans ?? []).map((span) => ({ ...span, service: rename(span.service) }));
const doubleSpans = (spans: Spans | null | undefined): Spans =>
  (spans ?? []).flatMap((span) => [span, { ...span, trace: `again ${span.trace}` }]);

/** What must not change an answer at all, but for the names where these were changed. */
const invariances: readonly {
  readonly what: string;
  readonly change: (input: IncidentInput) => IncidentInput;
  readonly name?: (service: string) => string;
}[] = [
  {
    what: 'other units',
    change: (input) => ({
      ...input,
      metrics: input.metrics?.map((series, index) => ({
        ...series,
        values: series.values.map((value) =>
          value === null ? null : value * 2 ** (index % 2 === 0 ? 20 : -20),
        ),
      })),
    }),
  },
  {
    what: 'other names',
    name: rename,
    change: (input) => ({
      ...input,
      services: input.services?.map(rename),
      graph: input.graph?.map(([caller, callee]): [string, string] => [rename(caller), rename(callee)]),
      symptom: input.symptom ? { ...input.symptom, service: rename(input.symptom.service) } : null,
      metrics: input.metrics?.map((series) => ({ ...series, service: rename(series.service) })),
      traces: {
        normal: renameSpans(input.traces?.normal),
        incident: renameSpans(input.traces?.incident),
      },
      logs: input.logs?.map((line) => ({ ...line, service: rename(line.service) })),
    }),
  },
  {
    what: 'another order',
    change: (input) => ({
      ...input,
      services: shuffle(input.services, 1),
      graph: shuffle(input.graph, 2),
      metrics: shuffle(input.metrics, 3).map((series) => {
        const order = shuffle([...series.times.keys()], 4);
        return {
          ...series,
          times: order.map((at) => series.times[at] ?? 0),
          values: order.map((at) => series.values[at] ?? null),
        };
      }),
      traces: { normal: shuffle(input.traces?.normal, 5), incident: shuffle(input.traces?.incident, 6) },
      logs: shuffle(input.logs, 7),
    }),
  },
  {
    what: 'another day',
    change: (input) => ({
      ...input,
      incidentAt: input.incidentAt + 864_000,
      metrics: input.metrics?.map((series) => ({
        ...series,
        times: series.times.map((time) => time + 864_000),
      })),
      logs: input.logs?.map((line) => ({ ...line, time: line.time + 864_000 })),
    }),
  },
  {
    what: 'calls told twice',
    change: (input) => ({ ...input, graph: [...(input.graph ?? []), ...(input.graph ?? [])] }),
  },
];

/** What may change how sure an answer is, not who is blamed. */
const reshapes: readonly {
  readonly what: string;
  readonly change: (input: IncidentInput) => IncidentInput;
}[] = [
  {
    what: 'twice the traffic all along',
    change: (input) => ({
      ...input,
      metrics: input.metrics?.map((series) =>
        series.metric === 'requests'
          ? { ...series, values: series.values.map((value) => (value === null ? null : 2 * value)) }
          : series,
      ),
      traces: { normal: doubleSpans(input.traces?.normal), incident: doubleSpans(input.traces?.incident) },
      logs: input.logs?.flatMap((line) => [line, { ...line, time: line.time + 1 }]),
    }),
  },
  {
    what: 'twice the traffic from the incident on',
    change: (input) => ({
      ...input,
      metrics: input.metrics?.map((series) =>
        series.metric === 'requests'
          ? {
              ...series,
              values: series.values.map((value, at) =>
                value !== null && (series.times[at] ?? 0) >= incidentAt ? 2 * value : value,
              ),
            }
          : series,
      ),
      traces: { normal: input.traces?.normal, incident: doubleSpans(input.traces?.incident) },
      logs: input.logs?.flatMap((line) =>
        line.time >= incidentAt ? [line, { ...line, time: line.time + 1 }] : [line],
      ),
    }),
  },
  {
    what: 'a service that has nothing to do with it',
    change: (input) => ({
      ...input,
      graph: [...(input.graph ?? []), ['newsletter', 'printer']],
      metrics: [
        ...(input.metrics ?? []),
        ...metricsOf(null, 7)
          .filter(({ service }) => service === 'index' || service === 'web')
          .map((series) => ({ ...series, service: series.service === 'web' ? 'newsletter' : 'printer' })),
      ],
      logs: [
        ...(input.logs ?? []),
        ...logsOf(null, 9)
          .filter(({ service }) => service === 'web')
          .map((line) => ({ ...line, service: 'newsletter' })),
      ],
    }),
  },
  { what: 'no logs', change: (input) => ({ ...input, logs: null }) },
  { what: 'no traces', change: (input) => ({ ...input, traces: null }) },
  { what: 'no metrics', change: (input) => ({ ...input, metrics: null }) },
];

const faults: readonly Fault[] = [
  { service: 'store', kind: 'slow' },
  { service: 'search', kind: 'failing' },
];

describe.each(faults)('the answer to $service $kind', (fault) => {
  const input = everythingOf(fault);
  const answer = analyzeIncident(input);

  it('blames it', () => {
    expect(answer.ranking[0]?.service).toBe(fault.service);
    expect(answer.outcome).toBe('likely');
  });

  it.each(invariances)('is the same with $what', ({ change, name = (service: string) => service }) => {
    const changed = analyzeIncident(change(input));

    expect(changed.outcome).toBe(answer.outcome);
    for (const { service, score } of answer.ranking)
      expect(changed.ranking.find((one) => one.service === name(service))?.score).toBeCloseTo(score, 9);
    expect(changed.ranking[0]?.service).toBe(name(fault.service));
  });

  it.each(reshapes)('blames the same with $what', ({ change }) => {
    expect(analyzeIncident(change(input)).ranking[0]?.service).toBe(fault.service);
  });
});

describe('a quiet system', () => {
  it('has nothing that stands out in 95 of 100 windows of rough metrics, of traces and of logs', () => {
    const quiet = Array.from({ length: 100 }, (_, seed) =>
      analyzeIncident({
        id: seed,
        incidentAt,
        metrics: roughen(metricsOf(null, seed + 700), seed + 1),
        ...(seed % 4 === 0
          ? { traces: { normal: tracesOf(null, 40, seed + 1), incident: tracesOf(null, 40, seed + 301) } }
          : {}),
        logs: logsOf(null, seed + 40).filter((_, n) => n % 4 === 0),
        ...(seed % 2 === 0 ? {} : { symptom: { service: 'web', metric: 'latency_p95' } }),
      }),
    ).filter(({ outcome }) => outcome === 'nothing stands out');

    expect(quiet.length).toBeGreaterThanOrEqual(95);
    for (const { onset } of quiet) expect(onset).toBeNull();
  });
});

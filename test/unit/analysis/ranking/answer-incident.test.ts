import { describe, expect, it } from 'vitest';
import { answerIncident } from '../../../../src/analysis/ranking/answer-incident.ts';
import { edges, incidentAt, metricsOf, services, tracesOf } from './synthetic-system.ts';

const ask = (more: Record<string, unknown>) => answerIncident({ id: 1, incidentAt, ...more });
const span = {
  trace: 't',
  span: 's',
  parent: null,
  service: 'web',
  operation: 'o',
  startUs: 0,
  durationUs: 5,
};

describe('what a request to analyse an incident may look like', () => {
  it.each([
    ['services alone', { services: ['web', 'store'] }],
    [
      'lists that are empty',
      { services: [], graph: [], metrics: [], traces: { normal: [], incident: [] }, logs: [] },
    ],
    [
      'parts that are null',
      { services: null, graph: null, symptom: null, metrics: null, traces: null, logs: null },
    ],
    [
      'values that are all null',
      { metrics: [{ service: 'web', metric: 'm', times: [incidentAt], values: [null] }] },
    ],
    ['a symptom of a service that nothing else names', { symptom: { service: 'ghost', metric: 'latency' } }],
    ['ordinary traces alone', { traces: { normal: [span], incident: null } }],
    ['a span that is its own parent', { traces: { incident: [{ ...span, parent: 's' }] } }],
    [
      'a span that ends before it begins, as clocks may say',
      { traces: { incident: [{ ...span, durationUs: -3 }] } },
    ],
    [
      'calls in a circle',
      {
        graph: [
          ['a', 'b'],
          ['b', 'c'],
          ['c', 'a'],
        ],
        symptom: { service: 'a' },
      },
    ],
  ])('%s: nothing stands out', (_what, more) => {
    const answer = ask(more);

    expect(answer).toMatchObject({ onset: null, outcome: 'nothing stands out' });
    for (const { score } of answer.ranking) expect(score).toBe(0);
  });

  it('ranks every service that any part names, each once', () => {
    const { ranking } = ask({
      services: ['listed'],
      graph: [['caller', 'callee']],
      symptom: { service: 'felt' },
      metrics: [{ service: 'measured', metric: 'm', times: [], values: [] }],
      traces: { incident: [{ ...span, service: 'traced' }] },
      logs: [{ service: 'logged', time: incidentAt, line: 'started' }],
    });

    expect(ranking.map(({ service }) => service).toSorted()).toEqual([
      'callee',
      'caller',
      'felt',
      'listed',
      'logged',
      'measured',
      'traced',
    ]);
  });

  it.each([
    [
      'times in milliseconds',
      { incidentAt: incidentAt * 1000 },
      /incidentAt.*milliseconds|milliseconds[\s\S]*incidentAt/,
    ],
    [
      'a metric in milliseconds',
      { metrics: [{ service: 'a', metric: 'm', times: [incidentAt * 1000], values: [1] }] },
      /milliseconds[\s\S]*metrics\[0\]\.times\[0\]/,
    ],
    [
      'a log in milliseconds',
      { logs: [{ service: 'a', time: incidentAt * 1000, line: '' }] },
      /milliseconds/,
    ],
    [
      'more times than values',
      { metrics: [{ service: 'a', metric: 'm', times: [1, 2], values: [1] }] },
      /as many values as times[\s\S]*metrics\[0\]\.values/,
    ],
    [
      'numbers as texts',
      { metrics: [{ service: 'a', metric: 'm', times: [1], values: ['1'] }] },
      /values\[0\]/,
    ],
    ['a graph of texts', { graph: ['a->b'] }, /graph\[0\]/],
    ['a service without a name', { services: [''] }, /services\[0\]/],
  ])('is refused with %s, and told where', (_what, more, message) => {
    expect(() => ask(more)).toThrow(message);
  });
});

describe('when it began', () => {
  const slow = { service: 'store', kind: 'slow' } as const;
  const graph = edges.map((edge) => [...edge]);

  it('is the first value that is out, also where it was felt later', () => {
    const lateS = 240;

    const answer = ask({ incidentAt: incidentAt + lateS, graph, metrics: metricsOf(slow) });

    expect(answer.ranking[0]?.service).toBe('store');
    expect(answer.onset).toBe(incidentAt);
  });

  it('is not dated by a service that is not to blame', () => {
    const early = metricsOf({ service: 'index', kind: 'slow' }, 9)
      .filter(({ service, metric }) => service === 'index' && metric === 'memory_bytes')
      .map((series) => ({
        ...series,
        service: 'printer',
        values: series.values.map(
          (value, at) => (value ?? 0) * ((series.times[at] ?? 0) >= incidentAt - 300 ? 3 : 1),
        ),
      }));

    const answer = ask({ incidentAt: incidentAt + 60, graph, metrics: [...metricsOf(slow), ...early] });

    expect(answer.onset).toBe(incidentAt);
  });

  it('is the first complaint or failing span where there are no metrics', () => {
    const logs = services.flatMap((service) =>
      Array.from({ length: 80 }, (_, n) => ({
        service,
        time: incidentAt + 5 * (n - 40),
        line: service === 'cart' && n >= 44 ? `ERROR basket ${n} is lost` : `request ${n} served`,
      })),
    );
    const failing = tracesOf({ service: 'search', kind: 'failing' }, 40, 2).map((one) => ({
      ...one,
      startUs: one.startUs + incidentAt * 1e6,
    }));

    expect(ask({ logs }).onset).toBe(incidentAt + 20);
    expect(ask({ traces: { normal: tracesOf(null, 40), incident: failing } }).onset).toBeCloseTo(
      incidentAt,
      1,
    );
  });
});

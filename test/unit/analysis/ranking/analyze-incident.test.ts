import { describe, expect, it } from 'vitest';
import { analyzeIncident } from '../../../../src/analysis/ranking/analyze-incident.ts';
import { answerIncident } from '../../../../src/analysis/ranking/answer-incident.ts';
import { type IncidentInput, incidentInput } from '../../../../src/analysis/ranking/incident-input.ts';
import { BadRequest } from '../../../../src/analysis/requests/request.ts';
import { edges, type Fault, incidentAt, metricsOf, services, tracesOf } from './synthetic-system.ts';

function anIncident(fault: Fault | null, more: Partial<IncidentInput> = {}): IncidentInput {
  return {
    id: 'i',
    incidentAt,
    graph: edges.map(([caller, callee]): [string, string] => [caller, callee]),
    metrics: metricsOf(fault),
    ...more,
  };
}
const order = (input: IncidentInput): string[] => analyzeIncident(input).ranking.map((one) => one.service);
const slowStore: Fault = { service: 'store', kind: 'slow' };
const failingSearch: Fault = { service: 'search', kind: 'failing' };

describe('where an incident begins', () => {
  it.each([slowStore, failingSearch])(
    'is the deepest that the graph leads to, by metrics alone: $service $kind',
    (fault) => {
      const answer = analyzeIncident(
        anIncident(fault, { symptom: { service: 'web', metric: 'latency_p95' } }),
      );

      expect(answer.ranking[0]?.service).toBe(fault.service);
      expect(answer.outcome).not.toBe('nothing stands out');
      expect(answer.onset).toBeGreaterThanOrEqual(incidentAt);
      expect(answer.onset).toBeLessThanOrEqual(incidentAt + 120);
      expect(answer.ranking[0]?.reasons[0]).toMatch(/→/);
    },
  );

  it.each([slowStore, failingSearch])(
    'is where traces lose their time or begin to fail: $service $kind',
    (fault) => {
      const input: IncidentInput = {
        id: 1,
        incidentAt,
        traces: { normal: tracesOf(null), incident: tracesOf(fault, 60, 2) },
      };

      const answer = analyzeIncident(input);

      expect(answer.ranking[0]?.service).toBe(fault.service);
      expect(answer.outcome).toBe('likely');
    },
  );

  it('is known by a log line that nobody wrote before', () => {
    const logs = services.flatMap((service) =>
      Array.from({ length: 120 }, (_, n) => ({
        service,
        time: incidentAt + 10 * (n - 60),
        line: n > 60 && service === 'index' ? `ERROR segment ${n} is corrupt` : `served request ${n}`,
      })),
    );

    const answer = analyzeIncident({ id: 1, incidentAt, logs });

    expect(answer.ranking[0]).toMatchObject({ service: 'index' });
    expect(answer.ranking[0]?.reasons.join(' ')).toContain('is corrupt');
  });

  it('is nowhere when nothing is known', () => {
    expect(analyzeIncident({ id: 'empty', incidentAt, services: ['web'] })).toEqual({
      id: 'empty',
      ranking: [{ service: 'web', score: 0, reasons: [] }],
      onset: null,
      outcome: 'nothing stands out',
    });
  });
});

describe('a ranking of services', () => {
  const whole = anIncident(slowStore, {
    traces: { normal: tracesOf(null), incident: tracesOf(slowStore, 60, 2) },
  });

  it('does not change with the units of the metrics', () => {
    const scaled = anIncident(slowStore, {
      metrics: metricsOf(slowStore).map((series, index) => ({
        ...series,
        values: series.values.map((value) =>
          value === null ? null : value * (index % 2 === 0 ? 1e6 : 1e-6),
        ),
      })),
    });

    expect(order(scaled)).toEqual(order(anIncident(slowStore)));
  });

  it('does not change with the names of the services, but for these', () => {
    const renamed = new Map(services.map((service, index) => [service, `x${9 - index}`]));
    const name = (service: string): string => renamed.get(service) ?? service;
    const input = anIncident(slowStore, {
      graph: edges.map(([caller, callee]): [string, string] => [name(caller), name(callee)]),
      metrics: metricsOf(slowStore).map((series) => ({ ...series, service: name(series.service) })),
    });

    expect(order(input)).toEqual(order(anIncident(slowStore)).map(name));
  });

  it('does not change with the order in which things are told', () => {
    const shuffled: IncidentInput = {
      ...whole,
      graph: whole.graph?.toReversed(),
      metrics: whole.metrics?.toReversed().map((series) => ({
        ...series,
        times: series.times.toReversed(),
        values: series.values.toReversed(),
      })),
      traces: { normal: whole.traces?.normal?.toReversed(), incident: whole.traces?.incident?.toReversed() },
    };

    expect(order(shuffled)).toEqual(order(whole));
  });

  it('does not change at the top when there is twice the traffic', () => {
    const doubled: IncidentInput = {
      ...whole,
      metrics: whole.metrics?.map((series) =>
        series.metric === 'requests'
          ? {
              ...series,
              values: series.values.map((value, index) =>
                value !== null && (series.times[index] ?? 0) >= incidentAt ? value * 2 : value,
              ),
            }
          : series,
      ),
      traces: { normal: tracesOf(null), incident: tracesOf(slowStore, 120, 2) },
    };

    expect(order(doubled)[0]).toBe('store');
  });

  it('keeps its order when a service joins that has nothing to do with it', () => {
    const joined: IncidentInput = {
      ...whole,
      metrics: [
        ...(whole.metrics ?? []),
        ...metricsOf(null, 7)
          .filter((series) => series.service === 'index')
          .map((series) => ({ ...series, service: 'newsletter' })),
      ],
    };

    expect(order(joined).filter((service) => service !== 'newsletter')).toEqual(order(whole));
    expect(order(joined).indexOf('newsletter')).toBeGreaterThan(1);
  });

  it('survives gaps, and series that say nothing', () => {
    const input = anIncident(slowStore, {
      metrics: [
        ...metricsOf(slowStore).map((series) => ({
          ...series,
          values: series.values.map((value, index) => (index % 7 === 3 ? null : value)),
        })),
        { service: 'web', metric: 'never', times: [incidentAt], values: [null] },
        { service: 'web', metric: 'flat', times: [incidentAt - 60, incidentAt], values: [0, 0] },
        { service: 'web', metric: 'empty', times: [], values: [] },
      ],
    });

    expect(order(input)[0]).toBe('store');
  });

  it('says in 95 of 100 quiet hours that nothing stands out', () => {
    const answers = Array.from({ length: 100 }, (_, seed) =>
      analyzeIncident(
        anIncident(null, {
          metrics: metricsOf(null, seed + 10),
          traces: { normal: tracesOf(null, 40, seed), incident: tracesOf(null, 40, seed + 500) },
          symptom: seed % 2 === 0 ? null : { service: 'web', metric: 'latency_p95' },
        }),
      ),
    );

    const quiet = answers.filter((answer) => answer.outcome === 'nothing stands out');
    expect(quiet.length).toBeGreaterThanOrEqual(95);
    for (const answer of quiet) expect(answer.onset).toBeNull();
  });

  it('shares one probability among all services and none of them', () => {
    const total = analyzeIncident(whole).ranking.reduce((sum, one) => sum + one.score, 0);

    expect(total).toBeGreaterThan(0.5);
    expect(total).toBeLessThan(1);
  });
});

describe('a request to analyse an incident', () => {
  it('may leave out everything but its time', () => {
    expect(answerIncident({ id: 1, incidentAt: 5, metrics: null, traces: null, graph: null })).toEqual({
      ranking: [],
      onset: null,
      outcome: 'nothing stands out',
    });
  });

  it('is told which field is wrong', () => {
    expect(() => answerIncident({ id: 1, incidentAt: 'noon' })).toThrow(BadRequest);
    expect(() => answerIncident({ id: 1, incidentAt: 'noon' })).toThrow(/incidentAt/);
  });

  it('takes ids of spans as texts or numbers', () => {
    const span = { trace: 1, span: 2, parent: 1, service: 's', operation: 'o', startUs: 0, durationUs: 1 };
    const read = incidentInput.parse({ id: 1, incidentAt: 5, traces: { incident: [span] } });

    expect(read.traces?.incident?.[0]).toMatchObject({ trace: '1', span: '2', parent: '1' });
  });
});

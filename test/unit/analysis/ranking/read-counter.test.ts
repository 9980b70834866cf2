import { describe, expect, it } from 'vitest';
import { answerIncident } from '../../../../src/analysis/ranking/answer-incident.ts';
import { kindOfMetric } from '../../../../src/analysis/ranking/metric-kind.ts';

const times = Array.from({ length: 120 }, (_, n) => 1_000_000_000 + 60 * n);
const incidentAt = times[105] ?? 0;
const usual = 10;

/** Rises a minute, ten times as many from the incident on. */
const rises = (factor = 10): number[] =>
  times.map((time, n) => usual * (time >= incidentAt ? factor : 1) + ((7 * n) % 3));
function addUp(steps: readonly number[], from: number, resetAt?: number): number[] {
  let total = from;
  return steps.map((step, n) => {
    total = n === resetAt ? step : total + step;
    return total;
  });
}
function ask(metric: string, values: readonly (number | null)[], more: Record<string, unknown> = {}) {
  const fine = { service: 'fine', metric, times, values: addUp(rises(1), 7000) };
  return answerIncident({
    id: 1,
    incidentAt,
    metrics: [{ service: 'broken', metric, times, values, ...more }, fine],
  });
}

describe('a counter among the metrics of an incident', () => {
  it.each([
    ['that has counted for an hour', 'http_errors_total', addUp(rises(), 0)],
    ['that has counted for a year', 'http_errors_total', addUp(rises(), 1e7)],
    ['of seconds', 'request_duration_seconds_sum', addUp(rises(), 1e5)],
    ['whose name says nothing', 'errors', addUp(rises(), 5000)],
    ['with a gap', 'http_errors_total', addUp(rises(), 5000).map((value, n) => (n % 5 === 2 ? null : value))],
    ['that was reset in the incident', 'http_errors_total', addUp(rises(), 5000, 108)],
  ])('%s is judged by its pace', (_what, metric, values) => {
    const answer = ask(metric, values);

    expect(answer).toMatchObject({ outcome: 'likely', onset: incidentAt });
    expect(answer.ranking[0]).toMatchObject({ service: 'broken' });
    expect(answer.ranking[0]?.reasons[0]).toMatch(/ 0\.1\d\d\/s → 1\.\d+\/s, /);
  });

  it('says the same as its rate under the same name, which falls at times', () => {
    const rate = ask(
      'http_errors_total',
      rises().map((step) => step / 60),
    );
    const raw = ask('http_errors_total', addUp(rises(), 5000));

    expect(raw.ranking[0]?.score).toBeCloseTo(rate.ranking[0]?.score ?? 0, 6);
    expect(rate.ranking[0]?.reasons[0]).not.toContain('/s');
  });

  it('that goes on at its pace is nothing, also where it was reset', () => {
    expect(ask('http_errors_total', addUp(rises(1), 5000)).outcome).toBe('nothing stands out');
    const reset = ask('errors', addUp(rises(1), 1e6, 106));

    expect(reset.outcome).toBe('nothing stands out');
    expect(reset.ranking.flatMap(({ reasons }) => reasons)).toEqual([]);
  });

  it('is what its kind says, against name and values', () => {
    const steps = addUp(rises(), 5000);

    expect(ask('http_errors_total', steps, { kind: 'gauge' }).outcome).toBe('nothing stands out');
    // It falls by half, as no counter does by itself.
    const half = addUp(rises(), 0).map((value, n) => (n < 5 ? value : value - 33));
    const reasons = (more: Record<string, unknown>) =>
      ask('http_errors_total', half, more)
        .ranking.find(({ service }) => service === 'broken')
        ?.reasons.join();
    expect(reasons({})).not.toContain('/s');
    expect(reasons({ kind: 'counter' })).toContain('/s →');
    expect(() => ask('errors', steps, { kind: 'histogram' })).toThrow(/kind/);
  });
});

it('a gauge that was set to a new level once stays a gauge', () => {
  const values = times.map((time) => (time < incidentAt ? 20 : 90));

  expect(ask('errors_count', values).ranking[0]).toMatchObject({
    service: 'broken',
    reasons: [expect.stringContaining('errors_count 20 → 90')],
  });
});

it('how often something took time is traffic, and work of the processor is no waiting', () => {
  expect(kindOfMetric('request_duration_seconds_count')).toBe('traffic');
  expect(kindOfMetric('request_duration_seconds_sum')).toBe('latency');
  expect(kindOfMetric('process_cpu_seconds_total')).toBe('resource');
});

import type { GraphCall, GraphChart, LogChart, MetricChart } from '../../src/domain/chart.ts';

const onset = Date.parse('2026-03-04T10:00:00Z') / 1000;
const from = onset - 900;
const times = Array.from({ length: 90 }, (_, index) => from + index * 15);

export const metricChart: MetricChart = {
  kind: 'metric',
  title: 'order-service answers 503 since 10:00',
  subtitle: 'Failing requests: 0 % before, 34 % now',
  unit: 'share',
  onset,
  marks: [
    { kind: 'deploy', at: onset - 40, label: 'deploy 3f2a91c' },
    { kind: 'alert', at: onset + 180, label: 'alert' },
  ],
  threshold: 0.05,
  series: [
    {
      name: 'failing requests',
      times,
      values: times.map((time, index) =>
        index > 20 && index < 27 ? null : time < onset ? 0 : 0.34 + (index % 5) / 100,
      ),
    },
  ],
};

const bars = Array.from({ length: 22 }, (_, index) => from + index * 60);

export const logChart: LogChart = {
  kind: 'logs',
  title: 'user-service logs a new kind of trouble since 10:00',
  subtitle: 'These lines: 0 a minute before, 118 a minute now',
  onset,
  marks: [],
  stepS: 60,
  times: bars,
  blamed: bars.map((time, index) => (index < 3 ? null : time < onset ? 0 : 110 + (index % 20))),
  others: bars.map((_, index) => (index < 3 ? null : 160 + (index % 30))),
  template: 'token rejected: issued <*> s ago, lifetime is <*> s',
};

/** Three services in a row, the last of them to blame, and `more` around them. */
export function wideGraph(more: number): GraphChart {
  const names = Array.from({ length: more }, (_, index) => `service-${index}`);
  const call = (caller: string, callee: string, perSecond: number, errors = 0): GraphCall => ({
    caller,
    callee,
    perSecond,
    errors,
    errorsBefore: 0,
    blamed: errors > 0.1,
  });
  return {
    kind: 'graph',
    title: 'frontend suffers from database',
    subtitle: 'Calls that fail on that way: 0.2 % before, 81 % now',
    services: [
      { name: 'frontend', role: 'alerted' },
      { name: 'recommendation', role: 'other' },
      { name: 'database', role: 'blamed' },
      ...names.map((name) => ({ name, role: 'other' as const })),
    ],
    calls: [
      call('frontend', 'recommendation', 40, 0.5),
      call('recommendation', 'database', 41, 0.81),
      ...names.map((name, index) => call(index % 2 === 0 ? 'frontend' : 'recommendation', name, index)),
    ],
  };
}

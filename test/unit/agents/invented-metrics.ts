import type { MetricSource, Series } from '../../../src/ports/metric-source.ts';

/** A cumulative series as a monitor keeps it; `labels` carry `__name__`. */
export interface StoredSeries {
  readonly labels: Readonly<Record<string, string>>;
  readonly times: readonly number[];
  readonly values: readonly number[];
}

/** Answers the two shapes of query that the overview asks: an aggregation by labels over a selector. */
export function createStoredMetrics(stored: readonly StoredSeries[], expression: string): MetricSource {
  const matches = (series: StoredSeries, selector: string): boolean =>
    [...selector.matchAll(/(\w+)(=~|=)"([^"]*)"/g)].every(([, label = '', operator, value = '']) => {
      const own = series.labels[label] ?? '';
      return operator === '=' ? own === value : new RegExp(`^(?:${value})$`).test(own);
    });
  return {
    instant: async () => [],
    alertRules: async (name) => [{ name, expression, labels: {}, annotations: {} }],
    metricNames: async (labels) => [
      ...new Set(
        stored
          .filter((one) => Object.entries(labels).every(([label, value]) => one.labels[label] === value))
          .map((one) => one.labels['__name__'] ?? ''),
      ),
    ],
    async range({ expression, from, to }) {
      const parsed = /^(sum|avg) by \(([^)]*)\) \((\{.*\})\)$/.exec(expression);
      if (parsed === null) return [];
      const [, operator, by = '', selector = ''] = parsed;
      const groups = Map.groupBy(
        stored.filter((one) => matches(one, selector)),
        (one) => JSON.stringify(by.split(',').map((label) => [label, one.labels[label] ?? ''])),
      );
      return [...groups].map(([key, members]): Series => {
        const sums = new Map<number, number>();
        const counts = new Map<number, number>();
        for (const one of members)
          for (const [index, time] of one.times.entries())
            if (time >= from.getTime() / 1000 && time <= to.getTime() / 1000) {
              sums.set(time, (sums.get(time) ?? 0) + (one.values[index] ?? 0));
              counts.set(time, (counts.get(time) ?? 0) + 1);
            }
        const labels = Object.fromEntries(JSON.parse(key) as [string, string][]);
        const share = (time: number): number => (operator === 'avg' ? (counts.get(time) ?? 1) : 1);
        return {
          labels,
          times: [...sums.keys()],
          values: [...sums].map(([time, value]) => value / share(time)),
        };
      });
    },
  };
}

import { climb, compareWindows } from '../../analysis/series/compare-windows.ts';
import type { Series } from '../../ports/metric-source.ts';
import { splitAt } from './metric-series.ts';
import type { MetricSignal } from './metric-signal.ts';

/** What a level did: leaks climb, queues fill, targets stop answering. */
export function gaugeSignals(series: Series, onset: number, query: string): MetricSignal[] {
  const name = series.labels['__name__'] ?? 'unnamed';
  const { before, after } = splitAt(series, onset);
  const base = { name, query, series: { name, times: series.times, values: series.values } };
  if (name === 'up') {
    const down = after.filter((value) => value === 0).length;
    if (down === 0) return [];
    return [
      {
        ...base,
        kind: 'down',
        text: `did not answer ${down} of ${after.length} scrapes`,
        score: Math.min(1, down / 3),
      },
    ];
  }
  const leak = /open_fds|open_files|file_descriptors|handles/.test(name)
    ? 'descriptor-leak'
    : /resident_memory|heap_size_used|heap_used|memory_usage|working_set|rss/.test(name)
      ? 'memory-leak'
      : null;
  if (leak !== null) {
    const growth = climb(after);
    const usual = climb(before);
    const faster = growth.score - 0.6 * usual.score;
    const score = Math.max(0, faster) * (leak === 'memory-leak' ? 0.8 : 1);
    return [
      {
        ...base,
        kind: leak,
        text: `${name} ${short(growth.from)} → ${short(growth.to)} and climbing`,
        score,
      },
    ];
  }
  const change = compareWindows(before, after);
  if (change === null) return [];
  const saturation =
    /lag|queue|pending|waiting|in_?flight|in_use|pool|backlog|utili[sz]ation|saturation/.test(name);
  const full = saturation && change.after - change.before >= leastRise(name);
  const score = saturation ? (full ? Math.max(0, change.score) * 0.8 : 0) : Math.abs(change.score) * 0.4;
  const text = `${name} ${short(change.before)} → ${short(change.after)}`;
  return [{ ...base, kind: saturation ? 'saturation' : 'other', text, score }];
}

/** What a queue or a lag must rise by to be felt, in the unit that its name tells. */
function leastRise(name: string): number {
  if (/seconds|_s$/.test(name)) return 0.05;
  if (/_ms\b|milli/.test(name)) return 50;
  if (/ratio|utili[sz]ation/.test(name)) return 0.3;
  if (/percent/.test(name)) return 30;
  return 4;
}

function short(value: number): string {
  if (Math.abs(value) >= 1e6) return `${(value / 1e6).toFixed(0)} M`;
  return Number(value.toPrecision(3)).toString();
}

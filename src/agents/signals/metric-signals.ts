import { climb, compareWindows } from '../../analysis/series/compare-windows.ts';
import { riseOfShare } from '../../analysis/series/robust-statistics.ts';
import type { Service } from '../../domain/service.ts';
import type { MetricSource, Series } from '../../ports/metric-source.ts';
import { gaugeSignals } from './gauge-signals.ts';
import type { IncidentWindow } from './incident-window.ts';
import { increments, meanSeries, quantileOf, shareSeries, splitAt, totalOf } from './metric-series.ts';
import type { MetricSignal } from './metric-signal.ts';
import { mayBeUsual, muteUsual } from './usual-for-hour.ts';

export interface MetricSignals {
  readonly signals: readonly MetricSignal[];
  /** Why there are none, where there are none. */
  readonly missing: string | null;
}

const statusLabels = ['status', 'code', 'status_code', 'http_status_code', 'http_response_status_code'];
const uninteresting =
  /_created$|_info$|^nodejs_gc|^nodejs_heap_space|^go_memstats|^go_gc|^python_gc|_active_(?:handles|requests|resources)|^scrape_|^process_cpu_(?:user|system)|^process_(?:virtual|max|start)|^nodejs_eventloop_lag_(?:min|stddev|p50|mean|max)|^nodejs_version|^ALERTS/;
const mostNames = 60;
/** Below these a share is chance or custom, however certain the statistics are. */
const least = { errors: { hits: 3, rise: 0.01 }, rejections: { hits: 5, rise: 0.03 } } as const;
const leastSlowS = 0.05;
const leastRequests = 10;
const leastCores = 0.25;

/** What a service's own metrics did from before to after, found by conventions that any exporter follows. */
export async function readMetricSignals(
  metrics: MetricSource,
  service: Service,
  window: IncidentWindow,
  signal: AbortSignal,
): Promise<MetricSignals> {
  const names = (await metrics.metricNames(service.metrics, signal)).filter(
    (name) => !uninteresting.test(name),
  );
  if (names.length === 0) return { signals: [], missing: `no series carry the labels of ${service.name}` };
  const stepS = Math.max(1, Math.ceil((window.to.getTime() - window.baselineFrom.getTime()) / 1000 / 240));
  const counters = names.filter(isCounter).slice(0, mostNames);
  const gauges = names.filter((name) => !isCounter(name) && !name.endsWith('_bucket')).slice(0, mostNames);
  const buckets = names.filter((name) => name.endsWith('_bucket') && isRequestTime(name)).slice(0, 3);
  const select = (list: readonly string[]): string =>
    `{__name__=~"${list.join('|')}",${Object.entries(service.metrics)
      .map(([label, value]) => `${label}=${JSON.stringify(value)}`)
      .join(',')}}`;
  const counterQuery = `sum by (__name__,${statusLabels.join(',')}) (${select(counters)})`;
  const gaugeQuery = `avg by (__name__) (${select(gauges)})`;
  const bucketQuery = `sum by (__name__,le) (${select(buckets)})`;
  const readAt = async (backMs: number, signal: AbortSignal): Promise<MetricSignal[]> => {
    const from = new Date(window.baselineFrom.getTime() - backMs);
    const to = new Date(window.to.getTime() - backMs);
    const ask = async (expression: string, list: readonly string[]): Promise<Series[]> =>
      list.length === 0 ? [] : await metrics.range({ expression, from, to, stepS }, signal);
    const [counted, gauged, bucketed] = await Promise.all([
      ask(counterQuery, counters),
      ask(gaugeQuery, gauges),
      ask(bucketQuery, buckets),
    ]);
    const onset = (window.onset.getTime() - backMs) / 1000;
    const rises = counted.map(increments);
    return withoutBusyDescriptors([
      ...requestSignals(rises, onset, counterQuery),
      ...latencySignals(rises, bucketed.map(increments), onset, bucketQuery),
      ...otherCounters(rises, onset, counterQuery),
      ...gauged.flatMap((series) => gaugeSignals(series, onset, gaugeQuery)),
    ]);
  };
  const signals = await readAt(0, signal);
  const onset = window.onset.getTime() / 1000;
  const days = signals.some(mayBeUsual)
    ? await Promise.all(
        earlierDays.map(async ({ words, days: back }) => ({
          words,
          onset: onset - back * 86_400,
          // Many monitors keep less, or are slow to look that far back: that is no reason to know nothing of today.
          signals: await readAt(
            back * 86_400_000,
            AbortSignal.any([signal, AbortSignal.timeout(lookBackMs)]),
          ).catch(() => []),
        })),
      )
    : [];
  return {
    missing: null,
    signals: muteUsual(signals, onset, days).toSorted((a, b) => b.score - a.score),
  };
}

const lookBackMs = 3_000;
const earlierDays = [
  { words: 'yesterday', days: 1 },
  { words: 'a week ago', days: 7 },
] as const;

/** A request holds its own socket, one to whom it waits for, and what its agent keeps: descriptors that are busy do not leak. */
const descriptorsOfRequest = 3;

function withoutBusyDescriptors(signals: readonly MetricSignal[]): MetricSignal[] {
  const growth = ({ series }: MetricSignal): number => {
    const { from, to } = climb(series.values.filter((value) => value !== null));
    return to - from;
  };
  const waiting = Math.max(0, ...signals.filter((one) => /in_?flight/.test(one.name)).map(growth));
  return signals.map((one) =>
    one.kind === 'descriptor-leak' && growth(one) <= descriptorsOfRequest * waiting
      ? {
          ...one,
          score: 0.3 * one.score,
          text: `${one.text.replace(' and climbing', '')} as requests pile up`,
        }
      : one,
  );
}

function isCounter(name: string): boolean {
  return /_(?:total|count|sum)$/.test(name);
}

function isRequestTime(name: string): boolean {
  return (
    /duration|latency|seconds|_ms_|millis|time/.test(name) &&
    !/client|outgoing|upstream|gc|eventloop/.test(name)
  );
}

function nameOf(series: Series): string {
  return series.labels['__name__'] ?? 'unnamed';
}

function statusOf(series: Series): string {
  for (const label of statusLabels) {
    const value = series.labels[label];
    if (value !== undefined && value !== '') return value;
  }
  return '';
}

function isRequestCount(name: string): boolean {
  return (
    /request|http|rpc|call/.test(name) &&
    /_(?:total|count)$/.test(name) &&
    !/client|outgoing|upstream/.test(name)
  );
}

/** Error and rejection shares of the answered requests, and how many there were. */
function requestSignals(rises: readonly Series[], onset: number, query: string): MetricSignal[] {
  const candidates = Map.groupBy(
    rises.filter((series) => isRequestCount(nameOf(series)) && /^\d{3}$|^\dxx$/i.test(statusOf(series))),
    nameOf,
  );
  const [name, series] = [...candidates].toSorted(([a], [b]) => rank(a) - rank(b))[0] ?? [];
  if (name === undefined || series === undefined) return [];
  const signals: MetricSignal[] = [];
  for (const [kind, first] of [
    ['errors', '5'],
    ['rejections', '4'],
  ] as const) {
    const bad = series.filter((one) => statusOf(one).startsWith(first));
    const before = { hits: totalOf(bad, onset, 'before'), total: totalOf(series, onset, 'before') };
    const after = { hits: totalOf(bad, onset, 'after'), total: totalOf(series, onset, 'after') };
    if (after.total === 0) continue;
    const text = `${kind === 'errors' ? 'failing' : 'refused'} requests ${percent(before)} → ${percent(after)}`;
    const material = after.hits >= least[kind].hits && shareOf(after) - shareOf(before) >= least[kind].rise;
    const score = material ? riseOfShare(before, after) : 0;
    signals.push({
      kind,
      name,
      text,
      score,
      query,
      series: { name: `${kind} share`, ...shareSeries(bad, series) },
    });
  }
  const { before, after, seconds } = ratesOf(series, onset);
  if (seconds.before > 5 && before > 0) {
    const change = after / before;
    const dropped = change < 0.6 ? 1 - change : change > 1.7 ? Math.min(1, (change - 1) / 3) : 0;
    signals.push({
      kind: change > 1 ? 'traffic' : 'requests',
      name,
      text: `requests ${before.toFixed(1)}/s → ${after.toFixed(1)}/s`,
      score: 0.7 * dropped,
      query,
      series: { name: 'requests per step', ...shareSeries(series, null) },
    });
  }
  return signals;
}

function rank(name: string): number {
  return (/requests?_total$/.test(name) ? 0 : 1) + (/server|http/.test(name) ? 0 : 1);
}

function latencySignals(
  rises: readonly Series[],
  buckets: readonly Series[],
  onset: number,
  query: string,
): MetricSignal[] {
  const base = buckets.map((series) => nameOf(series).replace(/_bucket$/, ''))[0] ?? null;
  const name =
    base ??
    rises
      .map(nameOf)
      .find((one) => one.endsWith('_sum') && isRequestTime(one))
      ?.replace(/_sum$/, '');
  if (name === undefined || name === null) return [];
  const sums = rises.filter((series) => nameOf(series) === `${name}_sum`);
  const counts = rises.filter((series) => nameOf(series) === `${name}_count`);
  const chart = meanSeries(sums, counts);
  const { before, after } = splitAt(chart, onset);
  const change = compareWindows(before, after);
  const own = buckets.filter((series) => nameOf(series) === `${name}_bucket`);
  const p99 = [quantileOf(own, onset, 'before', 0.99), quantileOf(own, onset, 'after', 0.99)] as const;
  const tail = tailRise(own, onset, p99[0]);
  const scale = /ms|milli/.test(name) ? 1000 : 1;
  const grown = Math.max((change?.after ?? 0) - (change?.before ?? 0), (p99[1] ?? 0) - (p99[0] ?? 0));
  const material = grown >= leastSlowS * scale && totalOf(counts, onset, 'after') >= leastRequests;
  const score = material ? Math.max(change !== null && change.score > 0 ? change.score : 0, tail) : 0;
  const text =
    p99[0] !== null && p99[1] !== null
      ? `p99 ${seconds(p99[0], name)} → ${seconds(p99[1], name)}`
      : `mean ${seconds(change?.before ?? 0, name)} → ${seconds(change?.after ?? 0, name)}`;
  return [{ kind: 'latency', name, text, score, query, series: { name: 'mean request time', ...chart } }];
}

/** Share of requests above the earlier P99's bucket, against chance. */
function tailRise(buckets: readonly Series[], onset: number, bar: number | null): number {
  if (bar === null) return 0;
  const bounds = buckets.map((series) => Number(series.labels['le'])).filter((le) => le >= bar);
  const edge = Math.min(...bounds);
  const at = buckets.filter((series) => Number(series.labels['le']) === edge);
  const all = buckets.filter((series) => series.labels['le'] === '+Inf');
  const over = (side: 'before' | 'after') => {
    const total = totalOf(all, onset, side);
    return { hits: Math.max(0, total - totalOf(at, onset, side)), total };
  };
  return riseOfShare(over('before'), over('after'));
}

function otherCounters(rises: readonly Series[], onset: number, query: string): MetricSignal[] {
  const signals: MetricSignal[] = [];
  for (const [name, group] of Map.groupBy(rises, nameOf)) {
    if (isRequestCount(name) || /_(?:sum|count)$/.test(name)) continue;
    const { before, after } = ratesOf(group, onset);
    const cpu = name.startsWith('process_cpu');
    const chart = shareSeries(group, null);
    const sides = splitAt(chart, onset);
    const change = compareWindows(sides.before, sides.after);
    if (change === null) continue;
    signals.push({
      kind: cpu ? 'cpu' : 'other',
      name,
      text: `${name} ${before.toPrecision(3)}/s → ${after.toPrecision(3)}/s`,
      score: cpu
        ? after - before >= leastCores
          ? Math.max(0, change.score * 0.6)
          : 0
        : Math.abs(change.score) * 0.4,
      query,
      series: { name, ...chart },
    });
  }
  return signals;
}

function ratesOf(
  series: readonly Series[],
  onset: number,
): { before: number; after: number; seconds: { before: number; after: number } } {
  const times = series.flatMap((one) => one.times);
  const seconds = {
    before: Math.max(0, onset - times.reduce((first, time) => Math.min(first, time), onset)),
    after: Math.max(0, times.reduce((last, time) => Math.max(last, time), onset) - onset),
  };
  return {
    before: totalOf(series, onset, 'before') / Math.max(1, seconds.before),
    after: totalOf(series, onset, 'after') / Math.max(1, seconds.after),
    seconds,
  };
}

function shareOf(side: { hits: number; total: number }): number {
  return side.total === 0 ? 0 : side.hits / side.total;
}

function percent(side: { hits: number; total: number }): string {
  return `${(100 * shareOf(side)).toFixed(1)} %`;
}

function seconds(value: number, name: string): string {
  const ms = /ms|milli/.test(name) ? value : value * 1000;
  return ms >= 1000 ? `${(ms / 1000).toFixed(1)} s` : `${ms.toFixed(0)} ms`;
}

import type { Alert } from '../../domain/alert.ts';
import { splitComparison } from '../../domain/alert-expression.ts';
import type { Chart, ChartMark, MetricChart } from '../../domain/chart.ts';
import type { Evidence } from '../../domain/evidence.ts';
import type { RootCause } from '../../domain/root-cause.ts';
import { tellGraph } from './graph-story.ts';
import { tellLogs } from './log-story.ts';
import { tellMetric } from './metric-story.ts';
import {
  readCommits,
  readLogRows,
  readMetricRows,
  readOrigins,
  readReleases,
  readTraceRows,
} from './read-evidence.ts';

export interface ChartRows {
  readonly rootCause: Pick<RootCause, 'service' | 'commit' | 'path'>;
  readonly evidence: readonly Evidence[];
  readonly alerts: readonly Alert[];
  /** Services that the alerts are about, first one first. */
  readonly alerted: readonly string[];
}

/** A chart and whose thread it belongs to: the root cause's, or an agent's. */
export interface PlacedChart {
  readonly thread: 'root-cause' | { readonly agent: string };
  readonly chart: Chart;
}

/**
 * What is worth a picture, three at most: in the root cause's thread what the blamed service measures and how the failure
 * travelled (or, where it did not travel, what it logs); in the first alerted service's thread what people felt there.
 */
export function chooseCharts(rows: ChartRows): PlacedChart[] {
  const { rootCause, evidence, alerted } = rows;
  const blamed = rootCause.service ?? alerted[0];
  if (blamed === undefined) return [];
  const own = metricOf(blamed, rows);
  const graph = tellGraph({
    rows: readTraceRows(evidence).map((one) => one.row),
    path: rootCause.path,
    alerted,
  });
  const logs = graph !== null && own !== null ? null : logsOf(blamed, rows);
  const about = [own, graph, logs].filter((chart) => chart !== null);

  const victim = alerted[0];
  const felt = victim === undefined || victim === blamed ? null : metricOf(victim, rows);
  return [
    ...about.slice(0, 2).map((chart): PlacedChart => ({ thread: 'root-cause', chart })),
    ...(felt === null || victim === undefined ? [] : [{ thread: { agent: victim }, chart: felt }]),
  ];
}

function metricOf(service: string, rows: ChartRows): MetricChart | null {
  const row = readMetricRows(rows.evidence).findLast((one) => one.service === service)?.row;
  if (row === undefined) return null;
  return tellMetric({
    service,
    row,
    marks: marksOf(
      service,
      rows,
      row.series.flatMap((one) => one.times),
    ),
    status: statusOf(service, rows),
    threshold: thresholdOf(rows.alerts),
  });
}

function logsOf(service: string, rows: ChartRows): Chart | null {
  const row = readLogRows(rows.evidence).findLast((one) => one.service === service)?.row;
  return row === undefined ? null : tellLogs(service, row, marksOf(service, rows, row.bursts.times));
}

const mostDeploys = 2;

/** What happened within the picture: releases as the logs tell them, the blamed commit, the first alert. */
function marksOf(service: string, rows: ChartRows, times: readonly number[]): ChartMark[] {
  const { rootCause, evidence, alerts } = rows;
  const from = times.reduce((first, time) => Math.min(first, time), Number.POSITIVE_INFINITY);
  const to = times.reduce((last, time) => Math.max(last, time), Number.NEGATIVE_INFINITY);
  const seen = (at: number): boolean => at >= from && at <= to;
  const commit = rootCause.commit?.sha ?? null;
  const blamedHere = service === rootCause.service;
  const released = readReleases(evidence)
    .filter((one) => one.service === service)
    .flatMap((one) => one.row.releases)
    .map((one) => ({ ...one, word: 'deploy' }));
  // A commit that no release tells of is known by when it was made.
  const made =
    commit === null || !blamedHere || released.some((one) => sameCommit(one.sha, commit))
      ? []
      : readCommits(evidence)
          .filter((one) => one.row.commit.sha === commit)
          .slice(0, 1)
          .map(({ row }) => ({ sha: commit, at: Date.parse(row.commit.at) / 1000, word: 'commit' }));
  const deploys = [...new Map([...released, ...made].map((one) => [one.sha.slice(0, 7), one])).values()]
    .filter((one) => seen(one.at))
    // The blamed one first, then the latest.
    .toSorted(
      (a, b) =>
        Number(commit !== null && sameCommit(b.sha, commit)) -
          Number(commit !== null && sameCommit(a.sha, commit)) || b.at - a.at,
    )
    .slice(0, mostDeploys)
    .map(
      ({ sha, at, word }): ChartMark => ({
        kind: 'deploy',
        at: Math.round(at),
        label: `${word} ${sha.slice(0, 7)}`,
      }),
    );
  const first = Math.round(Math.min(...alerts.map((alert) => alert.startsAt.getTime())) / 1000);
  const alerted: ChartMark[] = seen(first) ? [{ kind: 'alert', at: first, label: 'alert' }] : [];
  return [...deploys, ...alerted].toSorted((a, b) => a.at - b.at || a.label.localeCompare(b.label));
}

function sameCommit(a: string, b: string): boolean {
  return a.startsWith(b) || b.startsWith(a);
}

/** The status that most failing traces of the service began with there. */
function statusOf(service: string, { evidence }: ChartRows): number | null {
  const origins = readOrigins(evidence)
    .flatMap((one) => one.row.origins)
    .filter((one) => one.service === service && one.status != null)
    .toSorted((a, b) => b.count - a.count);
  return origins[0]?.status ?? null;
}

/** Where an alert on a share of requests fires, as the link to its monitor tells it. */
function thresholdOf(alerts: readonly Alert[]): number | null {
  for (const { generatorUrl } of alerts) {
    const expression =
      generatorUrl !== undefined && URL.canParse(generatorUrl)
        ? new URL(generatorUrl).searchParams.get('g0.expr')
        : null;
    const comparison = expression === null ? null : splitComparison(expression);
    if (comparison === null || !/^>=?$/.test(comparison.operator) || !comparison.left.includes('/')) continue;
    if (comparison.threshold > 0 && comparison.threshold < 1) return comparison.threshold;
  }
  return null;
}

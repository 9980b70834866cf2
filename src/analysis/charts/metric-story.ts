import type { ChartMark, ChartUnit, MetricChart } from '../../domain/chart.ts';
import { median } from '../series/robust-statistics.ts';
import type { MetricCurve, MetricRow } from './read-evidence.ts';
import { clockOf, sayValue } from './say-numbers.ts';

export interface MetricScene {
  readonly service: string;
  readonly row: MetricRow;
  readonly marks: readonly ChartMark[];
  /** An HTTP status that most failing requests of the service answered with. */
  readonly status: number | null;
  /** Comparisons of the alerts, as their monitor's links tell them. */
  readonly threshold: number | null;
}

const movedFrom = 0.35;
const mostSeries = 3;

/** The curve that moved most, in words and in one unit; null when none moved. */
export function tellMetric(scene: MetricScene): MetricChart | null {
  const { service, row, marks, status } = scene;
  const told = row.series.filter((one) => one.score >= movedFrom && one.kind !== 'other' && hasValues(one));
  const [main] = told.toSorted((a, b) => b.score - a.score || rankOf(a.kind) - rankOf(b.kind));
  if (main === undefined) return null;
  const unit = unitOf(main);
  const beside = told.filter((one) => one !== main && unit === 'share' && unitOf(one) === unit);
  const drawn = [main, ...beside].slice(0, mostSeries).map((one) => ({
    name: nameOf(one),
    times: one.times,
    values: inUnit(one, unit),
  }));
  const values = drawn[0]?.values ?? [];
  const onset = row.onset ?? null;
  const [before, after] = [levelOf(main, values, onset, 'before'), levelOf(main, values, onset, 'after')];
  const since = onset === null ? '' : ` since ${clockOf(onset)}`;
  return {
    kind: 'metric',
    title: `${service} ${finding(main.kind, nameOf(main), before, after, unit, status)}${since}`,
    subtitle: `${capitalised(nameOf(main))}: ${sayValue(before, unit)} before, ${sayValue(after, unit)} now`,
    unit,
    series: drawn,
    onset,
    marks,
    threshold: unit === 'share' && main.kind === 'errors' ? scene.threshold : null,
  };
}

function finding(
  kind: string,
  name: string,
  before: number,
  after: number,
  unit: ChartUnit,
  status: number | null,
): string {
  switch (kind) {
    case 'errors':
      return status === null || status < 500
        ? `fails ${sayValue(after, unit)} of its requests`
        : `answers ${status}`;
    case 'rejections':
      return status === null || status >= 500
        ? `refuses ${sayValue(after, unit)} of its requests`
        : `answers ${status}`;
    case 'latency':
      return after >= 1.5 * before && before > 0 ? `takes ${timesOf(after / before)} as long` : 'got slower';
    case 'memory-leak':
      return 'uses more and more memory';
    case 'descriptor-leak':
      return 'opens files and does not close them';
    case 'saturation':
      return `fills up (${name})`;
    case 'down':
      return 'does not answer its health scrapes';
    case 'traffic':
      return before > 0 ? `gets ${timesOf(after / before)} the requests` : 'gets more requests';
    case 'requests':
      return 'gets fewer requests';
    case 'cpu':
      return 'needs more CPU';
    default:
      return `shows a change in ${name}`;
  }
}

/** What leaks is told by where it went, everything else by its usual level on each side. */
function levelOf(
  curve: MetricCurve,
  values: readonly (number | null)[],
  onset: number | null,
  side: 'before' | 'after',
): number {
  const from = onset ?? curve.times[Math.floor(curve.times.length / 2)] ?? 0;
  const own = values.filter(
    (value, index): value is number =>
      value !== null && (curve.times[index] ?? 0) > from === (side === 'after'),
  );
  if (own.length === 0) return 0;
  return curve.kind.endsWith('-leak') && side === 'after' ? (own.at(-1) ?? 0) : median(own);
}

function unitOf({ kind, metric }: MetricCurve): ChartUnit {
  if (kind === 'errors' || kind === 'rejections') return 'share';
  if (kind === 'latency') return 'ms';
  if (kind === 'memory-leak') return 'bytes';
  if (kind === 'cpu') return 'cores';
  if (kind === 'traffic' || kind === 'requests') return 'per-second';
  if (/bytes/.test(metric)) return 'bytes';
  if (/_ms\b|millis|seconds(?!_total)/.test(metric)) return 'ms';
  return /ratio|utili[sz]ation/.test(metric) ? 'share' : 'count';
}

function inUnit(curve: MetricCurve, unit: ChartUnit): (number | null)[] {
  const { values, times, metric } = curve;
  if (unit === 'ms') {
    const scale = /_ms\b|milli/.test(metric) ? 1 : 1000;
    return values.map((value) => (value === null ? null : value * scale));
  }
  if (unit !== 'per-second' && unit !== 'cores') return [...values];
  // The row keeps what a counter grew by at each step.
  const steps = times.slice(1).map((time, index) => time - (times[index] ?? time));
  const stepS = steps.length === 0 ? 1 : Math.max(1, median(steps));
  return values.map((value) => (value === null ? null : value / stepS));
}

const names: Readonly<Record<string, string>> = {
  errors: 'failing requests',
  rejections: 'refused requests',
  latency: 'mean time of a request',
  'memory-leak': 'memory',
  'descriptor-leak': 'open files',
  traffic: 'requests',
  requests: 'requests',
  cpu: 'CPU in use',
  down: 'answered scrapes',
};

function nameOf({ kind, metric }: MetricCurve): string {
  return names[kind] ?? metric.replaceAll('_', ' ');
}

/** What people feel before what explains it, where both moved as surely. */
function rankOf(kind: string): number {
  const at = ['errors', 'latency', 'descriptor-leak', 'memory-leak', 'saturation', 'rejections'].indexOf(
    kind,
  );
  return at === -1 ? 9 : at;
}

function hasValues(curve: MetricCurve): boolean {
  return curve.values.filter((value) => value !== null).length >= 2;
}

function timesOf(ratio: number): string {
  return `${ratio >= 10 ? Math.round(ratio) : Number(ratio.toFixed(1))} times`;
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

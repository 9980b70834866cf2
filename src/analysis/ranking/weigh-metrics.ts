import { saturate } from '../series/robust-statistics.ts';
import type { MetricKind } from './metric-kind.ts';
import type { MetricShift } from './score-metric.ts';

/** What the metrics of one service show, each 0–1. */
export interface ServiceMetrics {
  readonly service: string;
  /** Failing or slow answers: its own fault, or that of something below it. */
  readonly answers: Readonly<Record<'latency' | 'failures', number>>;
  /** Its processor, memory, disk, network: these do not travel along calls. */
  readonly resources: number;
  /** Fewer requests than before. */
  readonly quiet: number;
  readonly other: number;
  readonly silent: number;
  /** The largest distance of any metric, however small: it settles ties alone. */
  readonly faint: number;
  readonly reasons: readonly { readonly weight: number; readonly text: string }[];
  readonly onset: number | null;
}

/** Half of what can be had at this many spreads. */
const half = 9;
/** Spreads that happen every day. */
const ignore = 2;

export function weighMetrics(shifts: readonly MetricShift[]): Map<string, ServiceMetrics> {
  const byService = Map.groupBy(shifts, (shift) => shift.service);
  return new Map([...byService].map(([service, list]) => [service, weigh(service, list)]));
}

function weigh(service: string, shifts: readonly MetricShift[]): ServiceMetrics {
  const strength = (wanted: (shift: MetricShift) => number): number => {
    const values = shifts.map(wanted).toSorted((a, b) => b - a);
    const [first = 0, second = 0] = values;
    // A second metric that says the same makes it surer.
    return Math.min(1, 0.85 * first + 0.15 * second);
  };
  const of = (kinds: readonly MetricKind[], sign: 1 | -1 | 0): number =>
    strength((shift) =>
      kinds.includes(shift.kind) ? weightOf(sign === 0 ? Math.abs(shift.z) : sign * shift.z) : 0,
    );
  const latency = of(['latency'], 1);
  const failures = Math.max(of(['errors'], 1), of(['success'], -1));
  return {
    service,
    answers: { latency, failures },
    resources: of(['resource'], 0),
    quiet: of(['traffic'], -1),
    other: of(['other'], 0),
    silent: shifts.reduce((most, shift) => Math.max(most, shift.silence), 0),
    faint: saturate(
      shifts.reduce((most, shift) => Math.max(most, Math.abs(shift.z)), 0),
      half,
    ),
    onset: shifts.reduce<number | null>(
      (first, shift) =>
        shift.onset === null ? first : first === null ? shift.onset : Math.min(first, shift.onset),
      null,
    ),
    reasons: shifts
      .map((shift) => ({ weight: weightOf(Math.abs(shift.z)), text: sayShift(shift) }))
      .filter((reason) => reason.weight > 0.2)
      .toSorted((a, b) => b.weight - a.weight)
      .slice(0, 4),
  };
}

function weightOf(z: number): number {
  return saturate(z - ignore, half);
}

function sayShift(shift: MetricShift): string {
  const unit = shift.counter ? '/s' : '';
  return `${shift.metric} ${sayNumber(shift.before)}${unit} → ${sayNumber(shift.after)}${unit}, ${Math.abs(shift.z).toFixed(1)} times its usual spread`;
}

function sayNumber(value: number): string {
  return Math.abs(value) >= 1e5 ? value.toExponential(2) : String(Number(value.toPrecision(3)));
}

/**
 * A picture of what the evidence shows, as numbers and words: JSON only, so that the outbox can keep it and the picture can
 * be drawn again at any time. Times are Unix seconds, ascending; a null value is a gap.
 */
export type Chart = MetricChart | LogChart | GraphChart;

/** What a number of a curve is: decides the words on its axis. */
export type ChartUnit = 'share' | 'ms' | 'bytes' | 'per-second' | 'cores' | 'count';

/** Something that happened at a moment, drawn as a line across time. */
export interface ChartMark {
  readonly kind: 'deploy' | 'alert';
  readonly at: number;
  /** A word or two: `deploy 3f2a91c`. */
  readonly label: string;
}

interface Titled {
  /** One sentence that says the finding. */
  readonly title: string;
  /** What is drawn, and before against now. */
  readonly subtitle: string;
}

interface OverTime extends Titled {
  /** When it began; null where nothing dates it. */
  readonly onset: number | null;
  readonly marks: readonly ChartMark[];
}

export interface MetricChart extends OverTime {
  readonly kind: 'metric';
  readonly unit: ChartUnit;
  /** One, or a few of the same unit; the first one is what the title speaks of. */
  readonly series: readonly {
    readonly name: string;
    readonly times: readonly number[];
    readonly values: readonly (number | null)[];
  }[];
  /** Where the alert fires, in the curve's unit, if that is known. */
  readonly threshold: number | null;
}

export interface LogChart extends OverTime {
  readonly kind: 'logs';
  /** Length of a bar in seconds; `times` are where bars begin. */
  readonly stepS: number;
  readonly times: readonly number[];
  /** Lines of the blamed templates, and all others; null where lines were not read. */
  readonly blamed: readonly (number | null)[];
  readonly others: readonly (number | null)[];
  /** The most telling of the blamed templates. */
  readonly template: string;
}

export interface GraphCall {
  readonly caller: string;
  readonly callee: string;
  /** Null where the length of the window is not known. */
  readonly perSecond: number | null;
  /** Share of the calls that failed or were refused, 0–1. */
  readonly errors: number;
  readonly errorsBefore: number;
  /** The failure travelled along it. */
  readonly blamed: boolean;
}

export interface GraphChart extends Titled {
  readonly kind: 'graph';
  readonly services: readonly {
    readonly name: string;
    readonly role: 'blamed' | 'alerted' | 'other';
  }[];
  readonly calls: readonly GraphCall[];
}

/** What the picture says, for the message that carries it. */
export function sentenceOf(chart: Chart): string {
  return `${chart.title}${/\d\d:\d\d$/.test(chart.title) ? ' UTC' : ''}. ${chart.subtitle}.`;
}

/** The same for who cannot see the picture, with the words that are in it. */
export function altTextOf(chart: Chart): string {
  const sentence = sentenceOf(chart);
  return chart.kind === 'logs' ? `${sentence} Most telling line: ${chart.template}` : sentence;
}

import { type Html, html } from './html.ts';
import { clockText, timeText } from './time-text.ts';

export interface ChartSeries {
  readonly name: string;
  /** Unix seconds, ascending. */
  readonly times: readonly number[];
  readonly values: readonly (number | null)[];
}

const width = 860;
const height = 270;
const left = 64;
const right = 12;
const top = 26;
const bottom = 28;
const maxSeries = 8;

/** Lines over time; `onset` (Unix seconds) is marked where the change begins. */
export function metricChart(all: readonly ChartSeries[], onset: number | null): Html {
  const series = all.filter((one) => one.times.length > 0).slice(0, maxSeries);
  const times = series.flatMap((one) => one.times);
  const values = series.flatMap((one) => one.values).filter((value) => value !== null);
  if (values.length === 0) return html`<p class="soft">The series has no values.</p>`;

  const x = axis(least(times), most(times), left, width - right);
  const ticks = niceTicks(Math.min(0, least(values)), most(values));
  const y = axis(ticks[0] ?? 0, ticks.at(-1) ?? 1, height - bottom, top);
  const spanS = x.to - x.from;

  return html`
<svg class="chart" viewBox="0 0 ${width} ${height}" role="img" aria-label="${describe(series, x.from, x.to)}">
${ticks.map(
  (
    tick,
  ) => html`<line class="grid" x1="${left}" x2="${width - right}" y1="${at(y, tick)}" y2="${at(y, tick)}"/>
<text x="${left - 8}" y="${at(y, tick)}" dy="4" text-anchor="end">${shortNumber(tick, ticks)}</text>`,
)}
${[0, 0.25, 0.5, 0.75, 1].map((share) => {
  const time = x.from + share * spanS;
  const anchor = share === 0 ? 'start' : share === 1 ? 'end' : 'middle';
  const between = share === 0.25 || share === 0.75 ? 'between' : '';
  return html`<text class="${between}" x="${at(x, time)}" y="${height - 8}" text-anchor="${anchor}">${timeTick(time, spanS)}</text>`;
})}
${series.map((one, index) => html`<path class="c${index}" d="${linePath(one, x, y)}"><title>${one.name}</title></path>`)}
${onset !== null && onset >= x.from && onset <= x.to ? onsetMark(at(x, onset), onset) : null}
</svg>
<ul class="legend">${series.map(
    (one, index) =>
      html`<li><svg viewBox="0 0 18 6" aria-hidden="true"><line class="c${index}" x1="0" x2="18" y1="3" y2="3"/></svg>${one.name}</li>`,
  )}${all.length > maxSeries ? html`<li class="soft">and ${all.length - maxSeries} more</li>` : null}</ul>`;
}

interface Axis {
  readonly from: number;
  readonly to: number;
  readonly start: number;
  readonly end: number;
}

function axis(from: number, to: number, start: number, end: number): Axis {
  return { from, to: to > from ? to : from + 1, start, end };
}

function at({ from, to, start, end }: Axis, value: number): string {
  return (start + ((value - from) / (to - from)) * (end - start)).toFixed(1);
}

function linePath(series: ChartSeries, x: Axis, y: Axis): string {
  let path = '';
  let pen = 'M';
  for (const [index, time] of series.times.entries()) {
    const value = series.values[index];
    if (value === null || value === undefined) {
      pen = 'M';
      continue;
    }
    path += `${pen}${at(x, time)} ${at(y, value)}`;
    pen = 'L';
  }
  return path;
}

function onsetMark(x: string, onset: number): Html {
  const anchor = Number(x) > width / 2 ? 'end' : 'start';
  const shift = anchor === 'end' ? -6 : 6;
  return html`<line class="onset" x1="${x}" x2="${x}" y1="${top - 8}" y2="${height - bottom}"/>
<text class="onset-label" x="${Number(x) + shift}" y="${top - 6}" text-anchor="${anchor}">began ${clockText(new Date(onset * 1000))}</text>`;
}

/** Four to six round steps that hold both ends. */
function niceTicks(low: number, high: number): number[] {
  const span = high > low ? high - low : Math.abs(high) || 1;
  const rough = span / 4;
  const magnitude = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 2.5, 5, 10].find((factor) => factor * magnitude >= rough) ?? 10) * magnitude;
  const first = Math.floor(low / step);
  const last = Math.max(first + 1, Math.ceil(Math.max(high, low) / step));
  return Array.from({ length: last - first + 1 }, (_, index) => (first + index) * step);
}

function shortNumber(value: number, ticks: readonly number[]): string {
  const step = Math.abs((ticks[1] ?? 1) - (ticks[0] ?? 0));
  const size = Math.max(...ticks.map(Math.abs));
  if (size >= 1e4)
    return new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 2 }).format(value);
  return value.toFixed(Math.min(6, Math.max(0, Math.ceil(-Math.log10(step) + (step < 1 ? 0.01 : 0)))));
}

function timeTick(seconds: number, spanS: number): string {
  const time = new Date(seconds * 1000);
  return spanS > 36 * 3600
    ? timeText(time).slice(5, 16)
    : spanS > 3 * 3600
      ? clockText(time).slice(0, 5)
      : clockText(time);
}

function describe(series: readonly ChartSeries[], from: number, to: number): string {
  const names = series.map((one) => one.name).join(', ');
  return `${names} from ${timeText(new Date(from * 1000))} to ${timeText(new Date(to * 1000))} UTC`;
}

// Not Math.min(...): a long series has more values than a call takes arguments.
function least(values: readonly number[]): number {
  return values.reduce((low, value) => Math.min(low, value), Number.POSITIVE_INFINITY);
}

function most(values: readonly number[]): number {
  return values.reduce((high, value) => Math.max(high, value), Number.NEGATIVE_INFINITY);
}

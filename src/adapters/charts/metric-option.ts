import { inertCaption } from '../../analysis/charts/inert-caption.ts';
import { sayValue } from '../../analysis/charts/say-numbers.ts';
import { median } from '../../analysis/series/robust-statistics.ts';
import type { MetricChart } from '../../domain/chart.ts';
import { gridOf, niceTicks, roundStepsS, tickOf, valueAxis } from './axes.ts';
import { boxAt, headOf, lineAt, type Shape, textAt } from './shapes.ts';
import { colour, height, type Measure, plotLeft, plotRight, size } from './style.ts';
import { drawFlags, placeFlags } from './time-marks.ts';

type Point = readonly [number, number | null];

const ticksWanted = 6;

/** The curve until and since the onset, its gaps left open, with what happened as flags. */
export function metricOption(chart: MetricChart, measure: Measure) {
  const times = chart.series.flatMap((one) => one.times);
  const from = times.reduce((least, time) => Math.min(least, time), times[0] ?? 0);
  const to = Math.max(
    from + 1,
    times.reduce((most, time) => Math.max(most, time), from),
  );
  const xOf = (seconds: number): number =>
    plotLeft + ((seconds - from) / (to - from)) * (plotRight - plotLeft);
  const head = headOf(chart.title, chart.subtitle, measure);
  const { flags, height: lanes } = placeFlags(chart, xOf, measure);
  const several = chart.series.length > 1;
  const top = head.bottom + lanes + 14;
  const bottom = height - (several ? 128 : 84);
  const ticks = niceTicks(
    chart.series.flatMap((one) => one.values),
    Math.max(chart.threshold ?? 0, Number.EPSILON),
  );
  const everyS = roundStepsS.find((step) => (to - from) / step <= ticksWanted) ?? 86_400;
  const [low = 0, high = 1] = [ticks[0], ticks.at(-1)];
  const yOf = (value: number): number => bottom - ((value - low) / (high - low)) * (bottom - top);

  return {
    animation: false,
    grid: gridOf(top, bottom),
    xAxis: {
      type: 'value' as const,
      min: from,
      max: to,
      show: false,
    },
    yAxis: valueAxis(ticks, (value) => sayValue(value, chart.unit)),
    series: chart.series.flatMap((one, index) => {
      const points = thin(withGaps(one.times, one.values));
      return index === 0
        ? [
            curve(side(points, chart.onset, 'before'), colour.before, 'solid', 7),
            curve(side(points, chart.onset, 'after'), colour.trouble, 'solid', 7),
          ]
        : [curve(points, colour.beside, index === 1 ? 'dashed' : 'dotted', 5)];
    }),
    graphic: [
      ...head.shapes,
      ...sinceOnset(chart.onset, xOf, top, bottom),
      ...timeLine(from, to, everyS, xOf, bottom),
      ...thresholdLine(chart, yOf),
      ...drawFlags(flags, head.bottom, bottom),
      ...(several ? legend(chart, bottom + 84, measure) : []),
    ],
  };
}

function curve(
  data: readonly Point[],
  color: string,
  type: 'solid' | 'dashed' | 'dotted',
  lineWidth: number,
) {
  return {
    type: 'line' as const,
    data: data.map((point, index) => {
      // A point alone between gaps has no line to be seen by.
      const alone = data[index - 1]?.[1] == null && data[index + 1]?.[1] == null;
      return { value: [...point], symbol: alone ? 'circle' : 'none', symbolSize: 14 };
    }),
    showSymbol: true,
    connectNulls: false,
    clip: false,
    z: 10,
    itemStyle: { color },
    lineStyle: { color, width: lineWidth, type, join: 'round' as const, cap: 'round' as const },
  };
}

/** A value that is missing, and a scrape that never was, leave the line open. */
export function withGaps(times: readonly number[], values: readonly (number | null)[]): Point[] {
  const steps = times.slice(1).map((time, index) => time - (times[index] ?? time));
  const longest = steps.length === 0 ? Number.POSITIVE_INFINITY : 2.5 * median(steps);
  return times.flatMap((time, index): Point[] => {
    const last = times[index - 1];
    const point: Point = [time, values[index] ?? null];
    return last !== undefined && time - last > longest ? [[(last + time) / 2, null], point] : [point];
  });
}

const mostPoints = 2_000;

/** Of more points than the picture is wide, each stretch keeps where it begins and ends, its least, its most and a gap. */
export function thin(points: readonly Point[]): Point[] {
  if (points.length <= mostPoints) return [...points];
  const stretch = Math.ceil(points.length / (mostPoints / 5));
  const kept: Point[] = [];
  for (let from = 0; from < points.length; from += stretch) {
    const to = Math.min(points.length, from + stretch) - 1;
    let [least, most, gap] = [from, from, from];
    for (let place = from; place <= to; place += 1) {
      const value = points[place]?.[1] ?? null;
      if (value === null) gap = place;
      else {
        if (value < (points[least]?.[1] ?? Number.POSITIVE_INFINITY)) least = place;
        if (value > (points[most]?.[1] ?? Number.NEGATIVE_INFINITY)) most = place;
      }
    }
    for (const place of [...new Set([from, least, most, gap, to])].toSorted((a, b) => a - b)) {
      const point = points[place];
      if (point !== undefined) kept.push(point);
    }
  }
  return kept;
}

/** The line goes on through the onset: the point before it belongs to both sides. */
export function side(points: readonly Point[], onset: number | null, which: 'before' | 'after'): Point[] {
  if (onset === null) return which === 'before' ? [...points] : [];
  const first = points.findIndex(([time]) => time > onset);
  const at = first === -1 ? points.length : first;
  return which === 'before' ? points.slice(0, at) : points.slice(Math.max(0, at - 1));
}

function sinceOnset(
  onset: number | null,
  xOf: (seconds: number) => number,
  top: number,
  bottom: number,
): Shape[] {
  if (onset === null) return [];
  const x = Math.min(plotRight, Math.max(plotLeft, xOf(onset)));
  return [
    boxAt({ x, y: top, width: plotRight - x, height: bottom - top }, colour.troubleSoft, 0, undefined, -1),
  ];
}

function timeLine(
  from: number,
  to: number,
  everyS: number,
  xOf: (seconds: number) => number,
  bottom: number,
): Shape[] {
  const shapes = [
    lineAt([plotLeft, bottom], [plotRight, bottom], colour.soft, 3),
    textAt('UTC', plotLeft - 24, bottom + 34, { px: size.axis }, colour.soft, 'right'),
  ];
  for (let at = Math.ceil(from / everyS) * everyS; at <= to; at += everyS) {
    const x = xOf(at);
    if (x < plotLeft + 30 || x > plotRight - 24) continue;
    shapes.push(
      lineAt([x, bottom], [x, bottom + 10], colour.soft, 3),
      textAt(tickOf(at, everyS), x, bottom + 34, { px: size.axis }, colour.soft, 'center'),
    );
  }
  return shapes;
}

function thresholdLine(chart: MetricChart, yOf: (value: number) => number): Shape[] {
  if (chart.threshold === null) return [];
  const y = yOf(chart.threshold);
  return [
    lineAt([plotLeft, y], [plotRight, y], colour.alert, 3, [10, 8]),
    textAt(`alert above ${sayValue(chart.threshold, chart.unit)}`, plotLeft + 10, y - 20, {
      px: size.flag,
      bold: true,
    }),
  ];
}

function legend(chart: MetricChart, y: number, measure: Measure): Shape[] {
  let x = plotLeft;
  return chart.series.flatMap(({ name }, index) => {
    const text = inertCaption(name, 40);
    const at = x;
    x += 74 + measure(text, { px: size.legend }) + 48;
    const dash = [undefined, [14, 10], [4, 8]][index];
    return [
      lineAt([at, y], [at + 58, y], index === 0 ? colour.trouble : colour.beside, 6, dash),
      textAt(text, at + 74, y, { px: size.legend }, colour.text),
    ];
  });
}

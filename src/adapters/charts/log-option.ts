import { inertCaption } from '../../analysis/charts/inert-caption.ts';
import { short } from '../../analysis/charts/say-numbers.ts';
import type { LogChart } from '../../domain/chart.ts';
import { gridOf, niceTicks, roundStepsS, tickOf, valueAxis } from './axes.ts';
import { boxAt, headOf, lineAt, type Shape, textAt, wrap } from './shapes.ts';
import { colour, height, type Measure, margin, plotLeft, plotRight, size, width } from './style.ts';
import { drawFlags, placeFlags } from './time-marks.ts';

const labelsWanted = 6;

/** A bar a step: the blamed lines on the ground, all others above them; the line's own words below. */
export function logOption(chart: LogChart, measure: Measure) {
  const { times, stepS, blamed, others } = chart;
  const start = times[0] ?? 0;
  const stepPx = (plotRight - plotLeft) / Math.max(1, times.length);
  const xOf = (seconds: number): number => plotLeft + ((seconds - start) / stepS) * stepPx;
  const head = headOf(chart.title, chart.subtitle, measure);
  const { flags, height: lanes } = placeFlags(chart, xOf, measure);
  const font = { px: size.mono, mono: true };
  const quoted = wrap(inertCaption(chart.template, 150), width - 2 * margin - 40, font, 2, measure);
  const captionTop = height - 28 - 24 - 34 * quoted.length;
  const bottom = captionTop - 114;
  const top = head.bottom + lanes + 12;
  const totals = times.map((_, index) => (blamed[index] ?? 0) + (others[index] ?? 0));
  const ticks = niceTicks(totals, 1).filter(Number.isInteger);

  return {
    animation: false,
    grid: gridOf(top, bottom),
    xAxis: { type: 'category' as const, data: times.map(String), show: false },
    yAxis: valueAxis(ticks.length >= 2 ? ticks : [0, 1], short),
    series: [bars(blamed, colour.trouble), bars(others, colour.other)],
    graphic: [
      ...head.shapes,
      ...unread(chart, stepPx, top, bottom),
      ...clock(chart, stepPx, bottom),
      ...drawFlags(flags, head.bottom, bottom),
      ...legend(stepS, bottom + 84, measure),
      boxAt(
        { x: margin, y: captionTop, width: width - 2 * margin, height: 24 + 34 * quoted.length },
        colour.box,
        10,
      ),
      ...quoted.map((line, index) =>
        textAt(line, margin + 20, captionTop + 12 + 17 + index * 34, font, colour.text),
      ),
    ],
  };
}

function bars(values: readonly (number | null)[], color: string) {
  return {
    type: 'bar' as const,
    stack: 'lines',
    data: values.map((value) => value ?? '-'),
    itemStyle: { color },
    barCategoryGap: '14%',
    z: 10,
  };
}

/** Where lines were not read, nothing is known: that is not a quiet time. */
function unread({ blamed }: LogChart, stepPx: number, top: number, bottom: number): Shape[] {
  const shapes: Shape[] = [];
  for (let from = 0; from < blamed.length; from += 1) {
    if (blamed[from] !== null) continue;
    let to = from;
    while (to < blamed.length && blamed[to] === null) to += 1;
    const x = plotLeft + from * stepPx;
    const wide = (to - from) * stepPx;
    shapes.push(boxAt({ x, y: top, width: wide, height: bottom - top }, colour.box, 0, undefined, 1));
    if (wide > 130)
      shapes.push(
        textAt('not read', x + wide / 2, (top + bottom) / 2, { px: size.axis }, colour.soft, 'center'),
      );
    from = to;
  }
  return shapes;
}

/** Ticks at the onset and in even steps from it: there a bar begins. */
function clock({ times, stepS, onset }: LogChart, stepPx: number, bottom: number): Shape[] {
  const least = (times.length * stepS) / labelsWanted;
  const every = Math.max(
    1,
    Math.ceil((roundStepsS.find((one) => one >= least && one % stepS === 0) ?? least) / stepS),
  );
  const anchor =
    onset === null
      ? 0
      : Math.max(
          0,
          times.findIndex((time) => time >= onset),
        );
  const shapes = [
    lineAt([plotLeft, bottom], [plotRight, bottom], colour.soft, 3),
    textAt('UTC', plotLeft - 24, bottom + 34, { px: size.axis }, colour.soft, 'right'),
  ];
  for (const [index, time] of times.entries()) {
    if ((index - anchor) % every !== 0) continue;
    const x = plotLeft + index * stepPx;
    shapes.push(lineAt([x, bottom], [x, bottom + 10], colour.soft, 3));
    if (x < plotLeft + 30 || x > plotRight - 40) continue;
    shapes.push(
      textAt(tickOf(time, every * stepS), x, bottom + 34, { px: size.axis }, colour.soft, 'center'),
    );
  }
  return shapes;
}

function legend(stepS: number, y: number, measure: Measure): Shape[] {
  const per = stepS === 60 ? 'minute' : stepS < 60 ? `${stepS} s` : `${short(stepS / 60)} min`;
  let x = plotLeft;
  const entries = [
    ['these lines', colour.trouble],
    ['all other lines', colour.other],
  ] as const;
  return [
    ...entries.flatMap(([text, fill]) => {
      const at = x;
      x += 42 + measure(text, { px: size.legend }) + 48;
      return [
        boxAt({ x: at, y: y - 14, width: 28, height: 28 }, fill, 4),
        textAt(text, at + 42, y, { px: size.legend }),
      ];
    }),
    textAt(`lines per ${per}`, plotRight, y, { px: size.legend }, colour.soft, 'right'),
  ];
}

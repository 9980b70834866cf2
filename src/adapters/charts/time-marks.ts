import { inertCaption } from '../../analysis/charts/inert-caption.ts';
import { clockOf } from '../../analysis/charts/say-numbers.ts';
import type { ChartMark } from '../../domain/chart.ts';
import { boxAt, lineAt, type Shape, textAt } from './shapes.ts';
import { colour, type Measure, plotLeft, plotRight, size } from './style.ts';

interface Flag {
  readonly text: string;
  readonly x: number;
  readonly fill: string;
  readonly dash: readonly number[] | undefined;
}

interface PlacedFlag extends Flag {
  readonly left: number;
  readonly width: number;
  readonly lane: number;
}

const laneHeight = 46;
const gap = 10;

/**
 * Flags above the plot, each with its line across it. Flags that would lie on each other go into lanes, one below the
 * other; the plot begins below the last lane.
 */
export function placeFlags(
  chart: { readonly onset: number | null; readonly marks: readonly ChartMark[] },
  xOf: (seconds: number) => number,
  measure: Measure,
): { readonly flags: readonly PlacedFlag[]; readonly height: number } {
  const all: Flag[] = chart.marks.map((mark) => ({
    text:
      mark.kind === 'alert'
        ? `${inertCaption(mark.label, 24)} ${clockOf(mark.at)}`
        : inertCaption(mark.label, 24),
    x: xOf(mark.at),
    fill: mark.kind === 'alert' ? colour.alert : colour.deploy,
    dash: mark.kind === 'alert' ? [4, 6] : [14, 8],
  }));
  if (chart.onset !== null) {
    const text = `began ${clockOf(chart.onset)}`;
    all.push({ text, x: xOf(chart.onset), fill: colour.trouble, dash: undefined });
  }
  const placed: PlacedFlag[] = [];
  for (const flag of all
    .filter((one) => one.x >= plotLeft && one.x <= plotRight)
    .toSorted((a, b) => a.x - b.x)) {
    const width = measure(flag.text, { px: size.flag, bold: true }) + 28;
    const free = (left: number, lane: number): boolean =>
      left >= 0 &&
      left + width <= plotRight + 2 &&
      !placed.some(
        (one) => one.lane === lane && left < one.left + one.width + gap && one.left < left + width + gap,
      );
    // What came before the onset flies to the left, what came with it or later to the right: fewer lanes.
    const early = chart.onset !== null && flag.x < xOf(chart.onset);
    const sides = early ? [flag.x - width, flag.x] : [flag.x, flag.x - width];
    let lane = 0;
    let left = sides.find((one) => free(one, lane));
    while (left === undefined) {
      lane += 1;
      left = sides.find((one) => free(one, lane));
    }
    placed.push({ ...flag, left, width, lane });
  }
  return { flags: placed, height: laneHeight * (1 + Math.max(-1, ...placed.map((one) => one.lane))) };
}

export function drawFlags(flags: readonly PlacedFlag[], top: number, bottom: number): Shape[] {
  return flags.flatMap(({ text, x, fill, dash, left, width, lane }) => {
    const y = top + lane * laneHeight;
    return [
      lineAt([x, y + 20], [x, bottom], fill, 4, dash),
      boxAt({ x: left - (left === x ? 2 : -2), y, width, height: 38 }, fill, 6),
      textAt(text, left + width / 2, y + 19, { px: size.flag, bold: true }, '#ffffff', 'center'),
    ];
  });
}

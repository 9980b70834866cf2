import { colour, fontFamily, height, plotLeft, plotRight, size, width } from './style.ts';

/** Below it, steps are nothing but rounding. */
const leastRange = 1e-15;
const mostTicks = 12;

/** Three to six round steps from zero (or below, where values are) that hold every value. */
export function niceTicks(values: readonly (number | null)[], atLeast: number): number[] {
  let [low, high] = [0, atLeast];
  for (const value of values)
    if (value !== null) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  const rough = Math.max(high - low, leastRange) / 4;
  const magnitude = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 2.5, 5].find((factor) => factor * magnitude >= rough) ?? 10) * magnitude;
  const [first, last] = [Math.floor(low / step), Math.max(1, Math.ceil(high / step - 1e-9))];
  return Array.from({ length: Math.min(mostTicks, last - first + 1) }, (_, index) =>
    Number(((first + index) * step).toPrecision(12)),
  );
}

export function valueAxis(ticks: readonly number[], say: (value: number) => string) {
  const [first = 0, second = 1] = ticks;
  return {
    type: 'value' as const,
    min: first,
    max: ticks.at(-1) ?? 1,
    interval: second - first,
    axisLabel: { formatter: say, ...labelStyle, margin: 16 },
    axisLine: { show: false },
    axisTick: { show: false },
    splitLine: { lineStyle: { color: colour.grid, width: 2 } },
  };
}

const labelStyle = { color: colour.soft, fontSize: size.axis, fontFamily } as const;

/** Lengths of time that people count in. */
export const roundStepsS = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400,
];

export function gridOf(top: number, bottom: number) {
  return {
    left: plotLeft,
    right: width - plotRight,
    top,
    bottom: height - bottom,
    containLabel: false,
    outerBoundsMode: 'none' as const,
  };
}

/** The clock of a tick; with seconds where ticks are closer than a minute. */
export function tickOf(seconds: number, everyS: number): string {
  return new Date(seconds * 1000).toISOString().slice(11, everyS < 60 ? 19 : 16);
}

import type { Chart, ChartMark } from '../../domain/chart.ts';
import { WarroomError } from '../../platform/errors.ts';

/** A picture of these numbers would say nothing, or take very long to draw. */
export class ChartRefused extends WarroomError {
  readonly code = 'chart_refused';

  constructor(message: string) {
    super(message, 'The numbers stay in the evidence; draw fewer of them, or a shorter time.');
  }
}

const mostDays = 8;
const mostBars = 2_000;
const mostMarks = 12;
const mostSeries = 8;
/** Beyond it an axis has no steps any more. */
const largest = 1e18;
/** Of clocks in seconds; beyond it dates have no name. */
const latest = 1e11;

/** @throws ChartRefused */
export function checkChart(chart: Chart): void {
  if (chart.kind === 'graph') return;
  checkMarks(chart.marks);
  if (chart.kind === 'metric') {
    if (chart.series.length > mostSeries) throw new ChartRefused(`It has ${chart.series.length} curves.`);
    const values = chart.series.flatMap((one) => one.values);
    if (values.every((value) => value === null)) throw new ChartRefused('Nothing was measured.');
    checkValues([...values, chart.threshold]);
    checkSpan(chart.series.flatMap((one) => one.times));
    return;
  }
  const { times, stepS, blamed, others } = chart;
  if (times.length === 0) throw new ChartRefused('No lines were counted.');
  if (!(stepS > 0)) throw new ChartRefused(`Its bars are ${stepS} s long.`);
  if (times.length > mostBars || blamed.length > times.length || others.length > times.length)
    throw new ChartRefused(`It has ${Math.max(times.length, blamed.length, others.length)} bars.`);
  checkValues([...blamed, ...others]);
  checkSpan(times);
}

function checkMarks(marks: readonly ChartMark[]): void {
  if (marks.length > mostMarks) throw new ChartRefused(`It has ${marks.length} marks.`);
}

function checkValues(values: readonly (number | null)[]): void {
  const odd = values.find((value) => value !== null && !(Math.abs(value) <= largest));
  if (odd !== undefined) throw new ChartRefused(`The value ${odd} has no place on an axis.`);
}

function checkSpan(times: readonly number[]): void {
  let [from, to] = [latest, 0];
  for (const time of times) {
    if (!(time >= 0 && time <= latest)) throw new ChartRefused(`The time ${time} is none.`);
    from = Math.min(from, time);
    to = Math.max(to, time);
  }
  const days = (to - from) / 86_400;
  if (days > mostDays) throw new ChartRefused(`It spans ${Math.round(days)} days, ${mostDays} at most.`);
}

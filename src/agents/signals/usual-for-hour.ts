import { median } from '../../analysis/series/robust-statistics.ts';
import { splitAt } from './metric-series.ts';
import type { MetricSignal } from './metric-signal.ts';

/** What a metric did around the same time of another day. */
export interface EarlierDay {
  /** "yesterday" */
  readonly words: string;
  /** Unix seconds: the onset, that many days before. */
  readonly onset: number;
  readonly signals: readonly MetricSignal[];
}

/** What rises with the people who come. Failures at the same hour every day are failures still, and leaks have no hour. */
const loads: readonly MetricSignal['kind'][] = [
  'traffic',
  'requests',
  'saturation',
  'cpu',
  'latency',
  'other',
];
/** Of the level of the other day, and of the move. */
const slack = { level: 0.25, move: 0.5 };
const usualScore = 0.3;
const leastScore = 0.2;

/** Whether it is worth asking for other days at all. */
export function mayBeUsual(one: MetricSignal): boolean {
  return loads.includes(one.kind) && one.score >= leastScore;
}

/** A daily peak is no anomaly: what went where it goes at this hour on other days counts little, and is told. */
export function muteUsual(
  signals: readonly MetricSignal[],
  onset: number,
  days: readonly EarlierDay[],
): MetricSignal[] {
  return signals.map((one) => {
    if (!mayBeUsual(one)) return one;
    const day = days.find((earlier) => wentThere(one, onset, earlier));
    if (day === undefined) return one;
    return {
      ...one,
      score: usualScore * one.score,
      text: `${one.text}, usual for this hour (as ${day.words})`,
    };
  });
}

function wentThere(one: MetricSignal, onset: number, day: EarlierDay): boolean {
  const same = day.signals.find((other) => other.name === one.name && other.series.name === one.series.name);
  const now = splitAt(one.series, onset);
  const then = same === undefined ? [] : splitAt(same.series, day.onset).after;
  if (now.before.length === 0 || now.after.length === 0 || then.length === 0) return false;
  const [before, after, usual] = [median(now.before), median(now.after), median(then)];
  const beyond = after > before ? after - usual : usual - after;
  return beyond <= Math.min(slack.level * Math.abs(usual), slack.move * Math.abs(after - before));
}

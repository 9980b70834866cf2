import { median, quantile } from '../series/robust-statistics.ts';
import type { IncidentMetric } from './incident-input.ts';
import { kindOfMetric, type MetricKind } from './metric-kind.ts';
import { isCounter, type Point, ratesOf } from './read-counter.ts';

/** How far one metric of one service left what was usual. Free of units: multiply the values and nothing changes. */
export interface MetricShift {
  readonly service: string;
  readonly metric: string;
  readonly kind: MetricKind;
  /** Of a counter all values are its rises a second. */
  readonly counter: boolean;
  /** In spreads of the time before, signed; 0 where nothing can be said. */
  readonly z: number;
  readonly before: number;
  readonly after: number;
  /** Unix seconds of the first value that is out; null where none is. */
  readonly onset: number | null;
  /** 0–1, how much of the incident window had values at all against before. */
  readonly silence: number;
}

const mostSpreads = 40;
/** A value counts as out from here, for the onset. */
const outAt = 4;
const leastBefore = 5;
/** As many values in a row belong to the trouble; one odd value is usual. */
const leastWrong = 2;
/** Spreads are never smaller than this share of the level: values that stand still would make a ripple a storm. */
const leastSpread = { success: 0.004, any: 0.1 };
/** Spreads that something counts for which was always nothing before. */
const novelty = 4;
/** With as many values as this before, a spread counts twice. */
const doubtfulValues = 8;

/** The incident window: what is later is taken as ordinary time again. */
export function incidentWindow(times: readonly number[], at: number): Window {
  const gaps = times.slice(1).map((time, index) => time - (times[index] ?? time));
  const step = median(gaps.filter((gap) => gap > 0)) || 60;
  return { from: at, to: at + Math.min(3600, Math.max(900, 6 * step)) };
}

export function scoreMetric(series: IncidentMetric, at: number): MetricShift {
  const kind = kindOfMetric(series.metric);
  const told = series.times
    .map((time, index) => ({ time, value: series.values[index] ?? null }))
    .toSorted((a, b) => a.time - b.time);
  const window = incidentWindow(
    told.map((point) => point.time),
    at,
  );
  const counter = isCounter(series, told, (time) => time < window.from || time > window.to);
  const points = counter ? ratesOf(told) : told;
  const inside = points.filter((point) => point.time >= window.from && point.time <= window.to);
  const outside = ordinaryOf(points, window, kind);
  const was = known(outside);
  const now = known(inside);
  const none = { service: series.service, metric: series.metric, kind, counter };
  const silence =
    inside.length >= 2 && outside.length >= leastBefore && was.length / outside.length > 0.8
      ? 1 - now.length / inside.length
      : 0;
  if (was.length < leastBefore || now.length === 0)
    return { ...none, z: 0, before: median(was), after: Number.NaN, onset: null, silence };
  const scorer = scaleOf(was, smooth(was, Math.ceil(now.length / 2)), kind);
  const scores = now.map(scorer);
  const z = agreed(scores);
  const out = ({ value }: Point): boolean => {
    const score = value === null || !Number.isFinite(value) ? 0 : scorer(value);
    return Math.sign(score) === Math.sign(z) && Math.abs(score) >= outAt;
  };
  const onset = beginningOf(points, window, out);
  return { ...none, z, before: median(was), after: strongest(now, z), onset, silence };
}

interface Window {
  readonly from: number;
  readonly to: number;
}

function known(points: readonly Point[]): number[] {
  return points.flatMap(({ value }) => (value === null || !Number.isFinite(value) ? [] : [value]));
}

/**
 * What the incident is compared with: all that is outside its window, but for what went wrong right before it and goes on
 * in it. People feel trouble, and alerts wait, after it began.
 */
function ordinaryOf(points: readonly Point[], window: Window, kind: MetricKind): readonly Point[] {
  const outside = points.filter(({ time }) => time < window.from || time > window.to);
  const before = outside.filter(({ time }) => time < window.from && time >= earliestOf(window));
  const late = new Set(before.slice(-Math.floor(outside.length / 4)));
  const rest = outside.filter((point) => !late.has(point));
  const now = known(points.filter(({ time }) => time >= window.from && time <= window.to));
  const was = known(rest);
  if (was.length < leastBefore || now.length === 0) return outside;
  const scorer = scaleOf(was, smooth(was, Math.ceil(now.length / 2)), kind);
  const side = Math.sign(agreed(now.map(scorer)));
  const wrong = new Set<Point>();
  for (const point of [...late].toReversed()) {
    if (point.value === null) continue;
    if (side * scorer(point.value) < outAt) break;
    wrong.add(point);
  }
  return wrong.size < leastWrong || side === 0 ? outside : outside.filter((point) => !wrong.has(point));
}

/** How far back an incident is followed that began before it was told: as far as its window goes on. */
function earliestOf(window: Window): number {
  return window.from - (window.to - window.from);
}

/** The first that is out in the window; where it begins with what was out already, as far back as that goes on. */
function beginningOf(
  points: readonly Point[],
  window: Window,
  out: (point: Point) => boolean,
): number | null {
  const told = points.filter((point) => point.value !== null);
  let first = told.findIndex((point) => point.time >= window.from && point.time <= window.to && out(point));
  if (first === -1) return null;
  const earliest = earliestOf(window);
  for (let before = told[first - 1]; before !== undefined; before = told[first - 1]) {
    if (before.time < earliest || !out(before)) break;
    first -= 1;
  }
  return told[first]?.time ?? null;
}

/** Each side has its own spread: what is usual upwards may be rare downwards. */
function scaleOf(
  was: readonly number[],
  smoothed: readonly number[],
  kind: MetricKind,
): (value: number) => number {
  const centre = median(was);
  const deviation = 1.4826 * median(was.map((value) => Math.abs(value - centre)));
  const up = Math.max(quantile(smoothed, 0.9) - centre, 0) / 1.28;
  const down = Math.max(centre - quantile(smoothed, 0.1), 0) / 1.28;
  const farUp = Math.max(quantile(smoothed, 0.99) - centre, 0) / 2.6;
  const farDown = Math.max(centre - quantile(smoothed, 0.01), 0) / 2.6;
  const level = Math.abs(centre);
  // A share of answers that went well stands still near its top: a hundredth less is much.
  const least = (kind === 'success' ? leastSpread.success : leastSpread.any) * level;
  const scale = {
    up: Math.max(deviation, up, farUp, least),
    down: Math.max(deviation, down, farDown, least),
  };
  // A spread learnt from a few values is itself uncertain.
  const doubt = 1 + doubtfulValues / smoothed.length;
  return (value) => {
    const distance = value - centre;
    if (distance === 0) return 0;
    const unit = (distance > 0 ? scale.up : scale.down) * doubt;
    // Before it was always nothing: how much it is now cannot be said in its own terms.
    if (unit <= 0) return Math.sign(distance) * novelty;
    return Math.max(-mostSpreads, Math.min(mostSpreads, distance / unit));
  };
}

/** Means of as many neighbours as the incident is judged by: single odd values are usual, several in a row are not. */
function smooth(values: readonly number[], width: number): number[] {
  const span = Math.max(1, Math.min(width, Math.floor(values.length / 4)));
  let sum = 0;
  return values.flatMap((value, index) => {
    sum += value - (index >= span ? (values[index - span] ?? 0) : 0);
    return index >= span - 1 ? [sum / span] : [];
  });
}

/** The mean of the stronger half, in the direction that the values agree on: one odd value is half a finding. */
function agreed(scores: readonly number[]): number {
  const half = Math.ceil(scores.length / 2);
  const side = (sign: 1 | -1): number => {
    const sorted = scores.map((score) => Math.max(0, sign * score)).toSorted((a, b) => b - a);
    return sorted.slice(0, half).reduce((sum, score) => sum + score, 0) / half;
  };
  const [up, down] = [side(1), side(-1)];
  return up >= down ? up : -down;
}

function strongest(values: readonly number[], z: number): number {
  const sorted = values.toSorted((a, b) => (z >= 0 ? b - a : a - b));
  return median(sorted.slice(0, Math.ceil(sorted.length / 2)));
}

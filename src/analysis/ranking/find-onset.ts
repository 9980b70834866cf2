import { learnLevel } from '../logs/learn-level.ts';
import type { IncidentInput } from './incident-input.ts';
import type { MetricShift } from './score-metric.ts';

/** Spreads from which a metric dates an incident. */
const datesFrom = 6;
/** Of the largest blame: who is blamed for less does not date the incident. */
const blamedShare = 0.5;
/** Spans whose clock counts from somewhere else than the incident's date nothing. */
const mostAwayS = 86_400;

/**
 * When it began, in unix seconds: the first that a metric of those to blame left what is usual, else any metric; else the
 * first failing span or complaint in a log of theirs. Null where nothing of the kind is known.
 */
export function findOnset(
  input: IncidentInput,
  shifts: readonly MetricShift[],
  weights: ReadonlyMap<string, number>,
): number | null {
  let largest = 0;
  for (const weight of weights.values()) largest = Math.max(largest, weight);
  const blamed = (service: string): boolean =>
    largest > 0 && (weights.get(service) ?? 0) >= blamedShare * largest;
  const clear = shifts.filter((shift) => Math.abs(shift.z) > datesFrom);
  return (
    firstOf(clear.filter((shift) => blamed(shift.service)).map((shift) => shift.onset)) ??
    firstOf(clear.map((shift) => shift.onset)) ??
    firstTold(input, blamed)
  );
}

function firstTold(input: IncidentInput, blamed: (service: string) => boolean): number | null {
  const failed = (input.traces?.incident ?? []).flatMap(({ service, error, startUs }) => {
    const at = startUs / 1e6;
    return error === true && blamed(service) && Math.abs(at - input.incidentAt) < mostAwayS ? [at] : [];
  });
  const complained = (input.logs ?? []).flatMap(({ service, time, line }) =>
    time >= input.incidentAt && blamed(service) && learnLevel(line) === 'error' ? [time] : [],
  );
  return firstOf([...failed, ...complained]);
}

function firstOf(times: readonly (number | null)[]): number | null {
  let first: number | null = null;
  for (const time of times) if (time !== null && (first === null || time < first)) first = time;
  return first;
}

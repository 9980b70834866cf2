import { BadRequest, type Request, readTimes, readValues } from '../requests/request.ts';
import { AnomalyScorer } from './anomaly-scorer.ts';
import { findChangePoints } from './find-change-points.ts';
import { toRates } from './to-rates.ts';

export interface SeriesAnswer {
  /** 0–1 for each value, known when that value arrived: no look-ahead. */
  readonly scores: readonly number[];
  /** Indexes at which something new begins. */
  readonly changePoints: readonly number[];
}

/** `{times[], values[], kind?}`: of a counter, its rates are looked at. @throws BadRequest */
export function answerSeries(request: Request): SeriesAnswer {
  const times = readTimes(request, 'times');
  const given = readValues(request, 'values');
  const kind = request['kind'] ?? 'gauge';
  if (kind !== 'gauge' && kind !== 'counter') throw new BadRequest('kind is neither gauge nor counter');
  if (times.length !== given.length)
    throw new BadRequest(`times has ${times.length} entries and values ${given.length}`);
  const values = kind === 'counter' ? toRates(times, given) : given;
  const scorer = new AnomalyScorer();
  const scores = values.map((value, index) => Number(scorer.add(times[index] ?? 0, value).toFixed(6)));
  return { scores, changePoints: findChangePoints(times, values).map((change) => change.index) };
}

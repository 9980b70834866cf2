import { PatternNovelty } from './pattern-novelty.ts';
import { SeasonalNovelty } from './seasonal-novelty.ts';
import { ValueNovelty } from './value-novelty.ts';

/** Values kept; older ones are forgotten. */
const mostValues = 16_384;
const mostInRuns = 8192;
/** Distances before the first judgement. */
const warmUp = 32;
/** Values until which a surprise counts less, in proportion: so little was seen that much is new. */
const fullHistory = 600;
/** Values after which half of the largest surprise is forgotten; more once the history is three times as long. */
const halfLife = 1400;
const halfLifeOfHistory = 1 / 3;
const runLength = 16;
/** A run is as surprising as a value when it is twelve times as far from what is known. */
const runWeight = 0.08;
/** Only where days are alike: else the same time of day says little, and its distances are large every day. */
const seasonWeight = 0.04;
/** Of the spread of all values: moves within it are a small surprise, however still the last ones were. */
const spreadShare = 2;
/** Moves below this share of the level are no surprise, however still it was before. */
const leastMove = 0.005;
/** Surprise, as a share of the largest so far, that is scored one half. */
const half = 0.125;

/**
 * Scores each value of a series when it arrives, from 0 (like what came before) to 1 (like nothing before), by three
 * questions: how far is the value from every value before; how far are the last values, as a run, from every run
 * before; and, with two days of history, how far is the value from those at the same time of day. Each distance is
 * measured against the largest one so far, which fades: a series that surprises often needs more to surprise, and what
 * is anomalous is so once. Does not depend on the unit. Memory and time for a value are bounded.
 */
export class AnomalyScorer {
  private readonly value = new ValueNovelty(mostValues);
  private readonly run = new PatternNovelty(runLength, mostInRuns);
  private readonly season = new SeasonalNovelty(mostInRuns);
  private readonly valueRecord = new Record();
  private readonly runRecord = new Record();
  private readonly seasonRecord = new Record();
  private seen = 0;
  private level = 0;

  /** A gap (null, NaN) scores 0 and is as if it had not been. @param time unix seconds, ascending */
  add(time: number, value: number | null): number {
    if (value === null || !Number.isFinite(value)) return 0;
    this.seen += 1;
    this.level += (Math.abs(value) - this.level) / Math.min(this.seen, 1000);
    const least = leastMove * this.level;
    const fromValue = this.value.add(value);
    const ofValue = this.valueRecord.compare(fromValue, Math.max(least, spreadShare * this.value.spread()));
    const ofRun = this.runRecord.compare(this.run.add(value), least);
    const ofSeason = this.seasonRecord.compare(this.season.add(time, value), least);
    const surprise = Math.max(ofValue, runWeight * ofRun, seasonWeight * ofSeason);
    return surprise === Number.POSITIVE_INFINITY ? 1 : surprise / (surprise + half);
  }
}

/** The largest distance so far, fading. */
class Record {
  private largest = 0;
  private seen = 0;

  /** The distance as a share of the record, which it then becomes where it is larger. */
  compare(distance: number | null, least: number): number {
    if (distance === null || !Number.isFinite(distance)) return 0;
    this.seen += 1;
    const doubt = Math.max(1, fullHistory / this.seen);
    const against = Math.max(this.largest, least) * doubt;
    const fading = Math.LN2 / Math.max(halfLife, this.seen * halfLifeOfHistory);
    this.largest = Math.max(this.largest * (1 - fading), distance);
    if (distance === 0 || this.seen <= warmUp) return 0;
    return against === 0 ? Number.POSITIVE_INFINITY : distance / against;
  }
}

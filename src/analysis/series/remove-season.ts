/** A season has to be seen this many times. */
const leastPeriods = 4;
const shortest = 4;
/** Beyond this a period is not looked for. */
const longest = 700;
/** Agreement of the series with itself one period later, after it disagreed in between. */
const leastAgreement = 0.5;
const between = 0.1;

/** The values without what repeats in them, as far as something clearly does; trend, level and their changes stay. */
export function removeSeason(values: readonly number[]): readonly number[] {
  const period = findPeriod(values);
  if (period === null) return values;
  const sums = new Float64Array(period);
  const counts = new Float64Array(period);
  const trend = runningMean(values, period);
  for (const [place, value] of values.entries()) {
    const around = trend[place];
    if (around === null || around === undefined) continue;
    const phase = place % period;
    sums[phase] = (sums[phase] ?? 0) + value - around;
    counts[phase] = (counts[phase] ?? 0) + 1;
  }
  return values.map((value, place) => {
    const phase = place % period;
    return value - (sums[phase] ?? 0) / Math.max(1, counts[phase] ?? 0);
  });
}

/** Values until the series repeats itself; null when it does not. */
export function findPeriod(values: readonly number[]): number | null {
  const most = Math.min(longest, Math.floor(values.length / leastPeriods));
  if (most < shortest) return null;
  const rest = aboutLine(values);
  let total = 0;
  for (const value of rest) total += value * value;
  if (total === 0) return null;
  const agreementAt = (lag: number): number => {
    let sum = 0;
    for (let i = lag; i < rest.length; i += 1) sum += (rest[i] ?? 0) * (rest[i - lag] ?? 0);
    return (sum / total) * (rest.length / (rest.length - lag));
  };
  let parted = false;
  let best = leastAgreement;
  let period: number | null = null;
  for (let lag = 1; lag <= most; lag += 1) {
    const agreement = agreementAt(lag);
    parted ||= agreement < between;
    if (!parted || lag < shortest) continue;
    if (agreement > best) {
      best = agreement;
      period = lag;
    } else if (period !== null && lag > 1.5 * period) break;
  }
  return period;
}

function aboutLine(values: readonly number[]): Float64Array {
  const n = values.length;
  const middle = (n - 1) / 2;
  let mean = 0;
  for (const value of values) mean += value / n;
  let covariance = 0;
  let variance = 0;
  for (const [i, value] of values.entries()) {
    covariance += (i - middle) * (value - mean);
    variance += (i - middle) ** 2;
  }
  const slope = covariance / variance;
  return Float64Array.from(values, (value, i) => value - mean - slope * (i - middle));
}

/** Mean of one period around each place; null near the ends. */
function runningMean(values: readonly number[], width: number): (number | null)[] {
  const sums = new Float64Array(values.length + 1);
  for (const [i, value] of values.entries()) sums[i + 1] = (sums[i] ?? 0) + value;
  const before = Math.floor(width / 2);
  return values.map((_, place) => {
    const from = place - before;
    const to = from + width;
    return from < 0 || to > values.length ? null : ((sums[to] ?? 0) - (sums[from] ?? 0)) / width;
  });
}

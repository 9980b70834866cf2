import type { Comparison } from './alert-expression.ts';

/** A sample of an instant query, as a metric source gives it. */
interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number | null;
}

/** `unknown` when the monitor gives no value to compare: silence is never taken for recovery. */
export type AlertState = 'holds' | 'recovered' | 'unknown';

/**
 * What an alert's expression says now of the series that alerted.
 * @param series the labels that tell it; a label that only one side has does not count against it (relabelling)
 * @param comparison null when the expression has another shape: then its absence proves nothing
 * @param whole samples of the whole expression
 * @param measured samples of what stands before the comparison
 */
export function judgeReading(
  series: Readonly<Record<string, string>>,
  comparison: Comparison | null,
  whole: readonly Sample[],
  measured: readonly Sample[],
): { value: number | null; state: AlertState } {
  const firing = worst(whole, series, comparison);
  if (comparison === null) {
    return firing === undefined ? { value: null, state: 'unknown' } : { value: firing.value, state: 'holds' };
  }
  const value = worst(measured, series, comparison)?.value ?? firing?.value ?? null;
  if (firing !== undefined) return { value, state: 'holds' };
  // The measure is still bad, and only a condition beside it (enough traffic, say) stopped applying.
  if (value === null || compare(value, comparison)) return { value, state: 'unknown' };
  return { value, state: 'recovered' };
}

export function compare(value: number, { operator, threshold }: Comparison): boolean {
  switch (operator) {
    case '>':
      return value > threshold;
    case '<':
      return value < threshold;
    case '>=':
      return value >= threshold;
    case '<=':
      return value <= threshold;
    case '==':
      return value === threshold;
    case '!=':
      return value !== threshold;
    default:
      return operator satisfies never;
  }
}

/** Of the matching series the one that is worst in the sense of the comparison. */
function worst(
  samples: readonly Sample[],
  series: Readonly<Record<string, string>>,
  comparison: Comparison | null,
): Sample | undefined {
  const lowIsBad = comparison?.operator === '<' || comparison?.operator === '<=';
  const badness = (sample: Sample): number =>
    sample.value === null ? Number.NEGATIVE_INFINITY : lowIsBad ? -sample.value : sample.value;
  return samples
    .filter((sample) =>
      Object.entries(sample.labels).every(([key, value]) => (series[key] ?? value) === value),
    )
    .sort((a, b) => badness(b) - badness(a))[0];
}

/** A fix that makes it this many times worse is not waited for. */
const worseFactor = 1.5;

/**
 * Whether the measure is clearly further on the bad side than before the fix. Only thresholds on magnitudes can be told:
 * for `==` and `!=` it is never worse.
 * @param before what the alert's expression measured before the fix; null when it was silent
 */
export function isWorse(comparison: Comparison | null, before: number | null, now: number | null): boolean {
  if (comparison === null || before === null || now === null || !compare(now, comparison)) return false;
  const { operator, threshold } = comparison;
  if (operator === '==' || operator === '!=') return false;
  const sign = operator === '>' || operator === '>=' ? 1 : -1;
  // How far past the threshold; a measure that was just past it must still have moved by a real amount.
  const past = (value: number) => sign * (value - threshold);
  const least = Math.abs(threshold) * (worseFactor - 1);
  return past(now) - Math.max(past(before), 0) > Math.max(past(before) * (worseFactor - 1), least);
}

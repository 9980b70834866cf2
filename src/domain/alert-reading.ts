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

export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  /** Null for NaN and infinities. */
  readonly value: number | null;
}

export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  /** Unix seconds, ascending; gaps are simply absent. */
  readonly times: readonly number[];
  /** Same length as `times`; null for NaN and infinities. */
  readonly values: readonly (number | null)[];
}

export interface AlertRule {
  readonly name: string;
  readonly expression: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** Throws `SourceUnreachable` (no answer) or `SourceRefused` (bad query), both with a hint. */
export interface MetricSource {
  instant(expression: string, signal: AbortSignal): Promise<Sample[]>;
  range(
    query: { expression: string; from: Date; to: Date; stepS: number },
    signal: AbortSignal,
  ): Promise<Series[]>;
  /** Every rule with this alert name. */
  alertRules(name: string, signal: AbortSignal): Promise<AlertRule[]>;
  /** Names of metrics that have series with these labels. */
  metricNames(labels: Readonly<Record<string, string>>, signal: AbortSignal): Promise<string[]>;
}

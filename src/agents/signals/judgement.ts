import type { TroubleKind } from '../../analysis/culprits/symptoms.ts';
import type { OperationChange } from '../../analysis/traces/compare-operations.ts';
import type { LogSignals } from './log-signals.ts';
import type { MetricSignals } from './metric-signals.ts';
import type { OriginRise, TraceSignals } from './trace-signals.ts';

export interface Blame {
  readonly service: string;
  /** 0–1, how much of this service's trouble comes from there. */
  readonly share: number;
  readonly reason: string;
}

/** What telemetry says of one service. */
export interface Judgement {
  readonly service: string;
  /** 0–1: something is wrong here, whoever caused it. */
  readonly abnormal: number;
  /** The same by telemetry alone, as if it had not alerted. */
  readonly seen: number;
  /** 0–1: it begins here. */
  readonly own: number;
  readonly blames: readonly Blame[];
  readonly kinds: ReadonlyMap<TroubleKind, number>;
  /** Phrases with numbers, strongest first. */
  readonly reasons: readonly string[];
  readonly origins: readonly OriginRise[];
  readonly troubled: readonly OperationChange[];
  /** It is slow rather than failing. */
  readonly slow: boolean;
}

export interface ServiceSignals {
  readonly traces: TraceSignals | null;
  readonly metrics: MetricSignals | null;
  readonly logs: LogSignals | null;
}

/** What one reading of the signals says; `judgeService` puts the readings together. */
export interface Part {
  readonly own: number;
  readonly seen: number;
  readonly blames: readonly Blame[];
  readonly kinds: ReadonlyMap<TroubleKind, number>;
  readonly reasons: readonly { text: string; weight: number }[];
  readonly origins: readonly OriginRise[];
  readonly troubled: readonly OperationChange[];
}

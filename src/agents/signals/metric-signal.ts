import type { TroubleKind } from '../../analysis/culprits/symptoms.ts';

export interface MetricSignal {
  readonly kind: TroubleKind | 'requests' | 'down' | 'other';
  readonly name: string;
  /** Numbers for people: "0.4 % → 13.5 %". */
  readonly text: string;
  /** 0–1, how surely it got worse. */
  readonly score: number;
  readonly query: string;
  readonly series: {
    readonly name: string;
    readonly times: readonly number[];
    readonly values: readonly (number | null)[];
  };
}

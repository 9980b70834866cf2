import type { Alert } from '../domain/alert.ts';

/** The monitor's own list, polled so that a webhook that got lost loses no alert. */
export interface AlertSource {
  /** Alerts that fire now and that the monitor would tell us of. */
  active(signal: AbortSignal): Promise<Alert[]>;
  /**
   * Alerts that fire now, also those that it keeps to itself for the moment because somebody silenced them or a larger one
   * inhibits them. What is not among them is over.
   */
  firing(signal: AbortSignal): Promise<Alert[]>;
}

import type { Alert } from '../domain/alert.ts';

/** The monitor's own list, polled so that a webhook that got lost loses no alert. */
export interface AlertSource {
  /** Alerts that fire now. */
  active(signal: AbortSignal): Promise<Alert[]>;
}

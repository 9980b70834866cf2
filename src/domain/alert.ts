export type AlertStatus = 'firing' | 'resolved';

/** One alert as its monitor told it. Repeats of one alert are equal in `fingerprint`, `startsAt` and `status`. */
export interface Alert {
  readonly fingerprint: string;
  readonly status: AlertStatus;
  readonly startsAt: Date;
  /** Absent while the alert fires. */
  readonly endsAt?: Date;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** Link to the expression in the monitor that raised it. */
  readonly generatorUrl?: string;
}

/** An alert that has a row, and the incident that it belongs to. */
export interface RecordedAlert extends Alert {
  readonly id: string;
  readonly incidentId: string | null;
  readonly receivedAt: Date;
}

export function alertName(alert: Alert): string {
  return alert.labels['alertname'] ?? 'unnamed alert';
}

/** One sentence for a person: the alert's own summary, else its name and service. */
export function alertSummary(alert: Alert): string {
  return (
    alert.annotations['summary'] ?? `${alertName(alert)} on ${alert.labels['service'] ?? 'unknown service'}`
  );
}

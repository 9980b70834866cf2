import { type Alert, alertName } from './alert.ts';
import type { Incident, Severity } from './incident.ts';
import { type Catalogue, neighboursOf } from './service.ts';

export interface GroupingWindows {
  readonly groupingMs: number;
  readonly reopenMs: number;
}

/**
 * One incident per failure. An alert belongs to an open incident when it is about one of its services, or about a direct
 * neighbour and started near it in time; soon after the end it reopens the incident of the same service.
 * @param open not resolved, newest first
 * @param resolved resolved lately, newest first
 * @returns the incident it belongs to, or undefined when it needs one of its own
 */
export function chooseIncident(
  alert: Alert,
  open: readonly Incident[],
  resolved: readonly Incident[],
  catalogue: Catalogue,
  windows: GroupingWindows,
): Incident | undefined {
  const service = serviceOf(alert, catalogue);
  const startedMs = alert.startsAt.getTime();

  const own = open.find((incident) => incident.services.includes(service));
  if (own !== undefined) return own;
  const near = new Set(neighboursOf(catalogue, service));
  const related = open.find(
    (incident) =>
      incident.services.some((name) => near.has(name)) &&
      Math.abs(startedMs - incident.startedAt.getTime()) <= windows.groupingMs,
  );
  if (related !== undefined) return related;
  return resolved.find(
    (incident) =>
      incident.services.includes(service) &&
      incident.resolvedAt !== null &&
      startedMs - incident.resolvedAt.getTime() <= windows.reopenMs,
  );
}

/** The catalogue's service that the alert is about; its own words when the catalogue has none, so that strangers are not grouped. */
export function serviceOf(alert: Alert, catalogue: Catalogue): string {
  const named = catalogue.services.find(
    (service) =>
      Object.keys(service.metrics).length > 0 &&
      Object.entries(service.metrics).every(([label, value]) => alert.labels[label] === value),
  );
  return named?.name ?? alert.labels['service'] ?? alert.labels['job'] ?? alertName(alert);
}

const severities: Readonly<Record<string, Severity>> = {
  critical: 'sev1',
  page: 'sev1',
  high: 'sev2',
  error: 'sev2',
  major: 'sev2',
  warning: 'sev3',
  minor: 'sev3',
  info: 'sev4',
  low: 'sev4',
};

const order: readonly Severity[] = ['sev1', 'sev2', 'sev3', 'sev4'];

export function worseOf(a: Severity, b: Severity): Severity {
  return order.indexOf(a) <= order.indexOf(b) ? a : b;
}

export function severityOf(alert: Alert): Severity {
  return severities[(alert.labels.severity ?? '').toLowerCase()] ?? 'sev2';
}

import type { Alert } from '../domain/alert.ts';
import type { Log } from '../platform/log.ts';
import type { Metrics } from '../platform/metrics.ts';
import type { Links } from '../platform/signed-links.ts';
import type { Record as WarroomRecord } from '../ports/record.ts';
import type { TelemetryStore } from '../ports/telemetry-store.ts';
import { createAlertmanagerRoute } from './alertmanager-route.ts';
import type { Credentials } from './authentication.ts';
import { createGithubRoute, type GithubRouteOptions } from './github-route.ts';
import { createIncidentApiRoutes } from './incident-api.ts';
import { createOperationsRoutes } from './operations-routes.ts';
import { createPageRoutes } from './pages/page-routes.ts';
import type { AlertGroup } from './parse-alertmanager.ts';
import type { Route } from './route.ts';
import { createChangeRoutes } from './telemetry/change-routes.ts';
import { createLogRoutes } from './telemetry/log-routes.ts';
import { createTelemetryIntake } from './telemetry/telemetry-intake.ts';
import { createTraceRoutes } from './telemetry/trace-routes.ts';

export interface RoutesOptions {
  readonly record: WarroomRecord;
  readonly telemetry: TelemetryStore;
  readonly links: Links;
  /** The secret that `links` signs with. */
  readonly linkSecret: string;
  readonly hookCredentials: Credentials;
  readonly telemetryCredentials: Credentials;
  readonly apiCredentials: Credentials;
  acceptAlerts(
    alerts: readonly Alert[],
    delivery: { source: 'alertmanager'; groupKey: string; truncated: number },
  ): Promise<{ fresh: number; missed?: number }>;
  /** Pushes that GitHub tells of; the address is not there without it. */
  readonly github?: Omit<GithubRouteOptions, 'metrics'>;
  readonly completeTruncated: ((group: AlertGroup, signal: AbortSignal) => Promise<void>) | null;
  readonly metrics: Metrics;
  readonly log: Log;
  now(): Date;
}

/** Every address that Warroom answers itself. */
export function createRoutes(options: RoutesOptions): Route[] {
  const { record, metrics, log } = options;
  const telemetry = {
    credentials: options.telemetryCredentials,
    intake: createTelemetryIntake(options.telemetry),
    metrics,
    now: () => options.now(),
  };
  return [
    ...createOperationsRoutes({ checkRecord: () => record.now(), metrics }),
    createAlertmanagerRoute({
      credentials: options.hookCredentials,
      acceptAlerts: (alerts, delivery) => options.acceptAlerts(alerts, delivery),
      quarantine: (source, body, reason) => record.deliveries.quarantine(source, body, reason),
      completeTruncated: options.completeTruncated,
      log,
      metrics,
    }),
    ...(options.github === undefined ? [] : [createGithubRoute({ ...options.github, metrics })]),
    ...createLogRoutes(telemetry),
    ...createTraceRoutes(telemetry),
    ...createChangeRoutes(telemetry),
    ...createIncidentApiRoutes({ record, credentials: options.apiCredentials }),
    ...createPageRoutes({ record, links: options.links, linkSecret: options.linkSecret }),
  ];
}

import type { Alert } from '../../src/domain/alert.ts';
import { createRoutes, type RoutesOptions } from '../../src/http/routes.ts';
import { type HttpServer, startHttpServer } from '../../src/http/server.ts';
import { silentLog } from '../../src/platform/log.ts';
import { createMetrics, type Metrics } from '../../src/platform/metrics.ts';
import { createLinks, type Links } from '../../src/platform/signed-links.ts';
import type { Record as WarroomRecord } from '../../src/ports/record.ts';
import { type OpenedRecord, openRecord } from '../../src/store/open-record.ts';
import { auditKey } from './audit-key.ts';

export interface WarroomHttp extends HttpServer {
  readonly record: WarroomRecord;
  readonly telemetry: OpenedRecord['telemetry'];
  readonly links: Links;
  readonly metrics: Metrics;
  /** Fetches with a bearer token. */
  call(path: string, options?: RequestInit & { token?: string }): Promise<Response>;
}

export const hookToken = 'hook-token-of-the-tests';
export const telemetryToken = 'telemetry-token-of-the-tests';
export const apiToken = 'api-token-of-the-tests';

/** The whole HTTP side over an embedded record in memory. */
export async function startWarroomHttp(change: Partial<RoutesOptions> = {}): Promise<WarroomHttp> {
  const opened = await openRecord({ databaseUrl: null, dataDir: null, auditKey });
  const { record, telemetry } = opened;
  const metrics = createMetrics();
  const linkSecret = 'a secret for the links of the tests';
  const links = createLinks('', linkSecret);
  const server = await startHttpServer({
    host: '127.0.0.1',
    port: 0,
    portSetting: 'PORT',
    log: silentLog,
    metrics,
    routes: createRoutes({
      record,
      telemetry,
      links,
      linkSecret,
      hookCredentials: {
        bearer: hookToken,
        basic: { user: 'alertmanager', password: 'basic-password' },
        setting: 'ALERTMANAGER_WEBHOOK_TOKEN',
      },
      telemetryCredentials: { bearer: telemetryToken, basic: null, setting: 'TELEMETRY_TOKEN' },
      apiCredentials: { bearer: apiToken, basic: null, setting: 'WARROOM_API_TOKEN' },
      acceptAlerts: (alerts) => recordAlerts(record, alerts),
      completeTruncated: null,
      metrics,
      log: silentLog,
      now: () => new Date(),
      ...change,
    }),
  });
  return {
    ...server,
    record,
    telemetry,
    links,
    metrics,
    call(path, { token, ...options } = {}) {
      const headers = new Headers(options.headers);
      if (token !== undefined) headers.set('authorization', `Bearer ${token}`);
      return fetch(`${server.url}${path}`, { ...options, headers });
    },
    async close() {
      await server.close();
      await opened.close();
    },
  };
}

/** What intake does to the record, without the stages that follow it. */
export function recordAlerts(record: WarroomRecord, alerts: readonly Alert[]): Promise<{ fresh: number }> {
  return record.transaction(async (rows) => {
    let fresh = 0;
    for (const alert of alerts) if ((await rows.alerts.record(alert)).fresh) fresh += 1;
    return { fresh };
  });
}

import type { Alert } from '../domain/alert.ts';
import { explainError } from '../platform/errors.ts';
import type { Log } from '../platform/log.ts';
import type { Metrics } from '../platform/metrics.ts';
import type { Credentials } from './authentication.ts';
import { type AlertGroup, parseAlertmanager } from './parse-alertmanager.ts';
import { jsonReply, type Reply, type Route } from './route.ts';

export interface AlertmanagerRouteOptions {
  readonly credentials: Credentials;
  /**
   * Resolves once the alerts are committed. Called again with the same alerts it changes nothing. `missed` counts those
   * that were over before they were heard of.
   */
  acceptAlerts(
    alerts: readonly Alert[],
    delivery: { source: 'alertmanager'; groupKey: string; truncated: number },
  ): Promise<{ fresh: number; missed?: number }>;
  /** Keeps a body that will never parse. */
  quarantine(source: string, body: string, reason: string): Promise<string>;
  /** Fetches and accepts what `max_alerts` left out; null where Alertmanager's API is not configured. */
  readonly completeTruncated: ((group: AlertGroup, signal: AbortSignal) => Promise<void>) | null;
  readonly log: Log;
  readonly metrics: Metrics;
}

/**
 * `POST /hooks/alertmanager`. 200 says "committed". What Alertmanager should send again gets 503, never 429 or another
 * 4xx, which it does not retry; what could never be taken is quarantined and gets 200, or it would come back for ever.
 */
export function createAlertmanagerRoute(options: AlertmanagerRouteOptions): Route {
  const deliveries = options.metrics.counter(
    'warroom_alert_deliveries_total',
    'Alertmanager deliveries by outcome.',
  );
  const alertCount = options.metrics.counter(
    'warroom_alerts_total',
    'Alerts in deliveries, fresh or seen before.',
  );
  const missedCount = options.metrics.counter(
    'warroom_alerts_missed_total',
    'Alerts that were over before they were heard of: recorded, no incident opened.',
  );

  async function handle(body: Buffer, signal: AbortSignal): Promise<Reply> {
    const parsed = parseAlertmanager(body);
    if (parsed.kind === 'unparseable') {
      const id = await options.quarantine('alertmanager', body.toString('utf8'), parsed.reason);
      deliveries.add(1, { outcome: 'quarantined' });
      options.log.warn({ quarantineId: id, reason: parsed.reason }, 'alert delivery quarantined');
      return jsonReply(200, { accepted: 0, fresh: 0, quarantined: 1, reason: parsed.reason });
    }

    const { alerts, rejected, group } = parsed;
    for (const { body: text, reason } of rejected) {
      const id = await options.quarantine('alertmanager', text, reason);
      options.log.warn({ quarantineId: id, reason }, 'one alert of a delivery quarantined');
    }
    const { fresh, missed = 0 } = await options.acceptAlerts(alerts, {
      source: 'alertmanager',
      groupKey: group.groupKey,
      truncated: group.truncated,
    });
    alertCount.add(fresh, { seen: 'first' });
    alertCount.add(alerts.length - fresh, { seen: 'again' });
    if (missed > 0) missedCount.add(missed);
    deliveries.add(1, { outcome: rejected.length === 0 ? 'accepted' : 'partly-quarantined' });
    if (group.truncated > 0) await complete(group, signal);
    return jsonReply(200, { accepted: alerts.length, fresh, quarantined: rejected.length });
  }

  /** The alerts at hand are safe by now; those left out also come with the next poll, so a failure here is no refusal. */
  async function complete(group: AlertGroup, signal: AbortSignal): Promise<void> {
    const fields = { groupKey: group.groupKey, truncated: group.truncated };
    if (options.completeTruncated === null) {
      options.log.warn(fields, 'alerts left out by max_alerts and no ALERTMANAGER_URL to fetch them from');
      return;
    }
    try {
      await options.completeTruncated(group, AbortSignal.any([signal, AbortSignal.timeout(5_000)]));
    } catch (error) {
      options.log.warn(
        { ...fields, reason: explainError(error) },
        'alerts left out by max_alerts not fetched yet',
      );
    }
  }

  return {
    method: 'POST',
    path: '/hooks/alertmanager',
    access: { kind: 'credentials', credentials: options.credentials },
    maxBodyBytes: 8 << 20,
    async handle(request) {
      try {
        return await handle(request.body, request.signal);
      } catch (error) {
        deliveries.add(1, { outcome: 'refused' });
        throw error;
      }
    },
  };
}

import { afterEach, describe, expect, it } from 'vitest';
import { type Alertmanager, createAlertmanager } from '../../src/adapters/alertmanager/alertmanager.ts';
import type { AlertGroup } from '../../src/http/parse-alertmanager.ts';
import { SourceUnreachable } from '../../src/platform/errors.ts';
import { type AlertmanagerProcess, type Receiver, startAlertmanager } from '../support/alertmanager.ts';
import { until } from '../support/server-process.ts';
import { hookToken, recordAlerts, startWarroomHttp, type WarroomHttp } from '../support/warroom-http.ts';

const open: { close?: () => Promise<void>; stop?: () => Promise<void> }[] = [];

afterEach(async () => {
  for (const one of open.splice(0).reverse()) await (one.stop ?? one.close)?.();
});

async function startWarroom(change?: Parameters<typeof startWarroomHttp>[0]): Promise<WarroomHttp> {
  const warroom = await startWarroomHttp(change);
  open.push(warroom);
  return warroom;
}

async function startAlerting(
  warroom: WarroomHttp,
  receiver: Partial<Receiver> = {},
): Promise<AlertmanagerProcess> {
  const alertmanager = await startAlertmanager([
    {
      name: 'warroom',
      url: `${warroom.url}/hooks/alertmanager`,
      httpConfig: `{ authorization: { credentials: ${hookToken} } }`,
      ...receiver,
    },
  ]);
  open.push(alertmanager);
  return alertmanager;
}

function anAlert(name: string, more: Readonly<Record<string, string>> = {}) {
  return {
    labels: { alertname: name, service: 'billing', ...more },
    annotations: { summary: `${name} fires` },
  };
}

async function recordedNames(warroom: WarroomHttp): Promise<string[]> {
  return (await warroom.record.alerts.unassigned()).map(
    ({ labels, status }) => `${labels['alertname']}${labels['i'] ?? ''} ${status}`,
  );
}

describe('a real Alertmanager delivering to Warroom', () => {
  it('is admitted with its bearer token, and repeats change nothing', async () => {
    const warroom = await startWarroom();
    const alertmanager = await startAlerting(warroom);

    await alertmanager.post([anAlert('QueueLong')]);
    await until('two deliveries', () => deliveries(warroom, 'accepted') >= 2);

    expect(await recordedNames(warroom)).toEqual(['QueueLong firing']);
  });

  it('is admitted with basic auth', async () => {
    const warroom = await startWarroom();
    const alertmanager = await startAlerting(warroom, {
      httpConfig: '{ basic_auth: { username: alertmanager, password: basic-password } }',
    });

    await alertmanager.post([anAlert('QueueLong')]);

    await until('the alert', async () => (await recordedNames(warroom)).length === 1);
  });

  it('is not admitted with a wrong token, and learns so in its own log', async () => {
    const warroom = await startWarroom();
    const alertmanager = await startAlerting(warroom, {
      httpConfig: '{ authorization: { credentials: wrong } }',
    });

    await alertmanager.post([anAlert('QueueLong')]);
    await until('the refusal in its log', () => /unexpected status code 401/.test(alertmanager.output()));

    expect(await recordedNames(warroom)).toEqual([]);
  });

  it('delivers again what could not be stored', async () => {
    let outage = true;
    const warroom: WarroomHttp = await startWarroom({
      acceptAlerts: (alerts) =>
        outage
          ? Promise.reject(new SourceUnreachable('The record gives no answer.', 'Look at PostgreSQL.'))
          : recordAlerts(warroom.record, alerts),
    });
    const alertmanager = await startAlerting(warroom);

    await alertmanager.post([anAlert('QueueLong')]);
    await until('a refused delivery', () => deliveries(warroom, 'refused') >= 2);
    expect(await recordedNames(warroom)).toEqual([]);
    outage = false;

    await until('the alert after the outage', async () => (await recordedNames(warroom)).length === 1);
  });

  it('tells the end of an alert under the same key as its start', async () => {
    const warroom = await startWarroom();
    const alertmanager = await startAlerting(warroom);
    const startsAt = new Date(Date.now() - 5_000).toISOString();
    await alertmanager.post([{ ...anAlert('QueueLong'), startsAt }]);
    await until('the start', async () => (await recordedNames(warroom)).length === 1);

    await alertmanager.post([{ ...anAlert('QueueLong'), startsAt, endsAt: new Date().toISOString() }]);
    await until('the end', async () => (await recordedNames(warroom)).length === 2);

    const [first, second] = await warroom.record.alerts.unassigned();
    expect([first?.status, second?.status]).toEqual(['firing', 'resolved']);
    expect(first?.endsAt).toBeUndefined();
    expect(second?.endsAt).toBeInstanceOf(Date);
    expect(second?.fingerprint).toBe(first?.fingerprint);
    expect(second?.startsAt).toEqual(first?.startsAt);
  });

  it('gives the same alert the same key by webhook and by its list', async () => {
    const warroom = await startWarroom();
    const alertmanager = await startAlerting(warroom);
    // Without startsAt, Alertmanager takes its own clock, with nanoseconds.
    await alertmanager.post([anAlert('QueueLong')]);
    await until('the webhook', async () => (await recordedNames(warroom)).length === 1);

    const listed = await createAlertmanager({ url: alertmanager.url, auth: null }).active(
      AbortSignal.timeout(5_000),
    );

    expect(await recordAlerts(warroom.record, listed)).toEqual({ fresh: 0 });
  });

  it('has what max_alerts left out fetched from its list', async () => {
    const list: { source: Alertmanager | null } = { source: null };
    const warroom: WarroomHttp = await startWarroom({
      async completeTruncated(group: AlertGroup, signal) {
        await recordAlerts(warroom.record, (await list.source?.ofGroup(group, signal)) ?? []);
      },
    });
    const alertmanager = await startAlerting(warroom, { maxAlerts: 2 });
    list.source = createAlertmanager({ url: alertmanager.url, auth: null });

    await alertmanager.post([1, 2, 3, 4, 5].map((i) => anAlert('Storm', { i: String(i) })));

    await until('all five', async () => (await recordedNames(warroom)).length === 5);
    expect((await recordedNames(warroom)).sort()).toEqual([1, 2, 3, 4, 5].map((i) => `Storm${i} firing`));
  });
});

function deliveries(warroom: WarroomHttp, outcome: string): number {
  const line = new RegExp(`^warroom_alert_deliveries_total\\{outcome="${outcome}"\\} (\\d+)$`, 'm');
  return Number(line.exec(warroom.metrics.text())?.[1] ?? 0);
}

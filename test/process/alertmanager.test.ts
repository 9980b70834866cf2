import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type LocalSlack, startLocalSlack } from '../../demo/local-slack/local-slack.ts';
import { createAlertmanager } from '../../src/adapters/alertmanager/alertmanager.ts';
import { firstBrokenLink } from '../../src/domain/timeline.ts';
import { openRecord } from '../../src/store/open-record.ts';
import { type AlertmanagerProcess, startAlertmanager } from '../support/alertmanager.ts';
import { auditKey } from '../support/audit-key.ts';
import { type BotHouse, createBotHouse, hookToken } from '../support/bot.ts';
import { createTestDatabase, type TestDatabase } from '../support/databases.ts';
import { type Exporter, startExporter, startPrometheus } from '../support/prometheus.ts';
import { until } from '../support/server-process.ts';

const rules = `
groups:
  - name: test
    rules:
      - alert: HighErrorRatio
        expr: error_ratio > 0.1
        labels: { severity: critical }
        annotations: { summary: 'Errors on {{ $labels.service }}' }
`;

/** Exporter → Prometheus → Alertmanager → the bot's process → the local Slack: nothing here is a stand-in but Slack. */
describe('a real Prometheus and Alertmanager on a real bot', () => {
  const ends: (() => Promise<void>)[] = [];
  let database: TestDatabase;
  let slack: LocalSlack;
  let store: Awaited<ReturnType<typeof openRecord>>;
  let exporter: Exporter;
  let house: BotHouse;

  beforeEach(async () => {
    database = await createTestDatabase();
    ends.push(() => database.drop());
    slack = await startLocalSlack({
      botToken: 'xoxb-test',
      signingSecret: 'signing',
      users: [{ name: 'mira' }],
    });
    ends.push(() => slack.stop());
    store = await openRecord({ databaseUrl: database.url, dataDir: null, auditKey });
    ends.push(() => store.close());
    exporter = await startExporter();
    ends.push(() => exporter.close());
    const ledger = {
      name: 'ledger',
      repository: { url: 'http://127.0.0.1:1/a/ledger.git', slug: 'a/ledger' },
      language: 'node',
      testCommand: ['npm', 'test'],
    };
    house = await createBotHouse([ledger], {
      DATABASE_URL: database.url,
      SLACK_BOT_TOKEN: 'xoxb-test',
      SLACK_SIGNING_SECRET: 'signing',
      SLACK_API_URL: slack.apiUrl,
    });
    ends.push(() => house.remove());
    fail(false);
  });
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  const fail = (failing: boolean) => exporter.expose(`error_ratio{service="ledger"} ${failing ? 0.5 : 0}\n`);
  const channelsMade = () =>
    slack.calls.filter((call) => call.method === 'conversations.create' && call.ok).length;
  const incidents = () => store.record.incidents.recent(10);

  async function startAlerting(url = `${house.url}/hooks/alertmanager`): Promise<AlertmanagerProcess> {
    const httpConfig = `{ authorization: { credentials: ${hookToken} } }`;
    const alertmanager = await startAlertmanager([{ name: 'warroom', url, httpConfig }]);
    ends.push(() => alertmanager.stop());
    return alertmanager;
  }

  async function watchWith(...alertmanagers: readonly AlertmanagerProcess[]): Promise<void> {
    const prometheus = await startPrometheus({
      targets: [exporter.target],
      rules,
      alertmanagers: alertmanagers.map(({ port }) => `127.0.0.1:${port}`),
    });
    ends.push(() => prometheus.stop());
  }

  async function theRoom() {
    return until('the incident with its channel', async () => {
      const [incident] = await incidents();
      return incident !== undefined && incident.channelId !== null && incident;
    });
  }

  const untilResolved = () =>
    until('the incident to be resolved', async () => (await incidents())[0]?.status === 'resolved', 60_000);

  it('finds at its start what was told to somebody else while it was down', async () => {
    const sink = await startSink();
    ends.push(() => sink.close());
    const alertmanager = await startAlerting(sink.url);
    await watchWith(alertmanager);
    fail(true);
    await until('the alert to be delivered elsewhere', () => sink.taken() > 0, 60_000);

    const bot = house.start('serve', { ALERTMANAGER_URL: alertmanager.url });
    await bot.ready();

    const incident = await theRoom();
    expect(incident).toMatchObject({ title: 'Errors on ledger', services: ['ledger'], severity: 'sev1' });
    expect(bot.output()).toContain('alerts found by polling that no webhook had brought');
    expect(bot.output()).not.toContain('Redis is away');
    expect(channelsMade()).toBe(1);
  });

  it('makes one incident and one channel of what both of an HA pair tell it', async () => {
    const pair = [await startAlerting(), await startAlerting()] as const;
    await watchWith(...pair);
    const bot = house.start('serve', { ALERTMANAGER_URL: pair[0].url });
    await bot.ready();

    fail(true);
    await theRoom();
    for (const one of pair)
      await until('each of the pair to have delivered more than once', () => deliveredBy(one, 2), 60_000);

    expect(await incidents()).toHaveLength(1);
    const [incident] = await incidents();
    expect(await store.record.alerts.ofIncident(incident?.id ?? '')).toHaveLength(1);
    expect(channelsMade()).toBe(1);
  });

  it('keeps its channel through a crash while the alert fires, and resolves when the alert does', async () => {
    const alertmanager = await startAlerting();
    await watchWith(alertmanager);
    const first = house.start('serve', { ALERTMANAGER_URL: alertmanager.url });
    await first.ready();
    fail(true);
    const before = await theRoom();

    await first.crash();
    const second = house.start('serve', { ALERTMANAGER_URL: alertmanager.url });
    await second.ready();
    const soFar = await countDelivered(alertmanager);
    await until('the alert to be repeated', () => deliveredBy(alertmanager, soFar + 1), 60_000);
    fail(false);
    await untilResolved();

    const [after, ...others] = await incidents();
    expect(others).toEqual([]);
    expect(after).toMatchObject({ id: before.id, channelId: before.channelId });
    expect(channelsMade()).toBe(1);
    const timeline = await store.record.timeline.ofIncident(before.id);
    expect(timeline.filter(({ kind }) => kind === 'incident.opened')).toHaveLength(1);
    expect(timeline.filter(({ kind }) => kind === 'incident.resolved')).toHaveLength(1);
    expect(firstBrokenLink(timeline)).toBeNull();
  });

  it('learns after a restart what resolved while it was down', async () => {
    const alertmanager = await startAlerting();
    await watchWith(alertmanager);
    const first = house.start('serve', { ALERTMANAGER_URL: alertmanager.url });
    await first.ready();
    fail(true);
    await theRoom();

    await first.crash();
    fail(false);
    const source = createAlertmanager({ url: alertmanager.url, auth: null });
    await until(
      'the end of the alert',
      async () => (await source.active(AbortSignal.timeout(5_000))).length === 0,
      60_000,
    );
    const soFar = await failuresOf(alertmanager);
    await until(
      'Alertmanager to fail at telling the end',
      async () => (await failuresOf(alertmanager)) > soFar,
      60_000,
    );
    expect((await incidents())[0]?.status).not.toBe('resolved');
    const second = house.start('serve', { ALERTMANAGER_URL: alertmanager.url });
    await second.ready();
    await untilResolved();

    expect(await incidents()).toHaveLength(1);
    expect(channelsMade()).toBe(1);
  });
});

async function deliveredBy(alertmanager: AlertmanagerProcess, atLeast: number): Promise<boolean> {
  return (await countDelivered(alertmanager)) >= atLeast;
}

/** Notifications that the receiver took. */
async function countDelivered(alertmanager: AlertmanagerProcess): Promise<number> {
  const text = await metricsOf(alertmanager);
  return readCounter(text, 'notifications_total') - readCounter(text, 'notifications_failed_total');
}

async function failuresOf(alertmanager: AlertmanagerProcess): Promise<number> {
  return readCounter(await metricsOf(alertmanager), 'notification_requests_failed_total');
}

async function metricsOf(alertmanager: AlertmanagerProcess): Promise<string> {
  return (await fetch(`${alertmanager.url}/metrics`)).text();
}

function readCounter(text: string, name: string): number {
  const sample = new RegExp(`^alertmanager_${name}\\{[^}]*integration="webhook"[^}]*\\} (\\d+)$`, 'gm');
  return [...text.matchAll(sample)].reduce((sum, [, value]) => sum + Number(value), 0);
}

/** A receiver that takes everything and tells nobody. */
async function startSink() {
  let taken = 0;
  const server = createServer((request, response) => {
    taken += 1;
    request.resume();
    response.end();
  });
  const listening = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', () => listening.resolve());
  await listening.promise;
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    taken: () => taken,
    async close() {
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      server.closeAllConnections();
      await closed.promise;
    },
  };
}

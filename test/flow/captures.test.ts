import { readdir } from 'node:fs/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { createAlertmanager } from '../../src/adapters/alertmanager/alertmanager.ts';
import { firstBrokenLink } from '../../src/domain/timeline.ts';
import type { FlowContext } from '../../src/flow/context.ts';
import { reconcile } from '../../src/flow/index.ts';
import { openRecord } from '../../src/store/open-record.ts';
import { type AlertmanagerProcess, startAlertmanager } from '../support/alertmanager.ts';
import { auditKey } from '../support/audit-key.ts';
import { aCatalogue } from '../support/builders.ts';
import { createTestServer } from '../support/databases.ts';
import { type FlowFixture, openFlow } from '../support/flow-fixture.ts';
import { type FlowHttp, listCaptures, startFlowHttp } from '../support/flow-http.ts';
import { freePort, until } from '../support/server-process.ts';

const related = aCatalogue({
  'order-service': ['user-service', 'payment-service'],
  'user-service': [],
  'payment-service': [],
});
const strangers = aCatalogue({ 'order-service': [], 'user-service': [], 'payment-service': [] });

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function openHouse(catalogue = related): Promise<{ fixture: FlowFixture; http: FlowHttp }> {
  const fixture = await openFlow({ catalogue });
  ends.push(() => fixture.close());
  const http = await startFlowHttp(fixture.flow);
  ends.push(() => http.close());
  return { fixture, http };
}

/** Everything that a delivery could have changed. */
async function everything({ record }: FlowContext) {
  const incidents = await record.incidents.recent(50);
  const parts = await Promise.all(
    incidents.map(async (incident) => ({
      incident,
      alerts: await record.alerts.ofIncident(incident.id),
      timeline: await record.timeline.ofIncident(incident.id),
      room: await record.outbox.ofIncident(incident.id),
    })),
  );
  return { parts, unassigned: await record.alerts.unassigned() };
}

async function theOnly(flow: FlowContext) {
  const { parts } = await everything(flow);
  expect(parts).toHaveLength(1);
  const [part] = parts;
  if (part === undefined) throw new Error('no incident');
  expect(firstBrokenLink(part.timeline)).toBeNull();
  return {
    ...part,
    told: part.timeline.map(({ kind, text }) => `${kind}: ${text}`),
    channels: part.room.filter((entry) => entry.item.type === 'channel').length,
  };
}

const opened = 'incident.opened: SEV1 incident opened: order-service error ratio 10.72%';
const userJoined = 'alert.joined: Alert HighErrorRate on user-service: user-service error ratio 17.33%';
const userResolved = 'alert.resolved: Alert HighErrorRate on user-service resolved.';
const orderResolved = 'alert.resolved: Alert HighErrorRate on order-service resolved.';
const over = 'incident.resolved: Incident resolved. All alerts resolved.';

describe('captures of a real Alertmanager, through HTTP into the record', () => {
  it('are all taken, in the order in which they came, with nothing set aside', async () => {
    const { fixture, http } = await openHouse();
    const captures = await listCaptures();
    const inFolder = (await readdir(new URL('../fixtures/alertmanager', import.meta.url))).filter(
      (file) => file.endsWith('.json') && file !== 'headers.json',
    );
    expect(captures.map(({ file }) => file).sort()).toEqual(inFolder.sort());

    const answers: Record<string, unknown> = {};
    for (const { file } of captures) answers[file] = await http.deliver(file);

    const answer = (accepted: number, fresh: number) => ({ status: 200, accepted, fresh, quarantined: 0 });
    expect(answers).toEqual({
      'firing-single.json': answer(1, 1),
      'firing-grouped-two-alerts.json': answer(2, 1),
      'firing-latency-warning.json': answer(1, 1),
      'repeat-same-group.json': answer(2, 0),
      'firing-with-one-resolved.json': answer(2, 1),
      'resolved.json': answer(1, 1),
      'resent-old-resolved.json': answer(2, 1),
      'truncated-max-alerts-2.json': answer(2, 2),
      'auth-basic.json': answer(1, 1),
      'auth-bearer.json': answer(1, 1),
      'group-by-all.json': answer(1, 1),
    });
    expect(await fixture.flow.record.deliveries.countQuarantined()).toBe(0);
    const { incident, alerts, channels } = await theOnly(fixture.flow);
    expect(incident.services).toEqual(['order-service', 'user-service', 'payment-service']);
    expect(alerts).toHaveLength(11);
    expect(channels).toBe(1);
    expect((await everything(fixture.flow)).unassigned).toEqual([]);
  });

  it('tell one failure of two related services from its start to its end', async () => {
    const { fixture, http } = await openHouse();

    await http.deliver('firing-single.json');
    const first = await theOnly(fixture.flow);
    expect(first.told).toEqual([opened]);
    expect(first.incident).toMatchObject({
      severity: 'sev1',
      status: 'investigating',
      services: ['order-service'],
      startedAt: new Date('2026-11-22T08:11:16.189Z'),
    });

    await http.deliver('firing-grouped-two-alerts.json');
    expect((await theOnly(fixture.flow)).told).toEqual([opened, userJoined]);

    await http.deliver('firing-with-one-resolved.json');
    const half = await theOnly(fixture.flow);
    expect(half.told).toEqual([opened, userJoined, userResolved]);
    expect(half.incident.status).toBe('investigating');

    await http.deliver('resolved.json');
    const last = await theOnly(fixture.flow);
    expect(last.told).toEqual([opened, userJoined, userResolved, orderResolved, over]);
    expect(last.incident.status).toBe('resolved');
    expect(last.channels).toBe(1);
  });

  it('make two incidents of two services in one group that have nothing to do with each other', async () => {
    const { fixture, http } = await openHouse(strangers);

    await http.deliver('firing-grouped-two-alerts.json');

    const { parts } = await everything(fixture.flow);
    expect(parts.map(({ incident }) => incident.services.join()).sort()).toEqual([
      'order-service',
      'user-service',
    ]);
    expect(new Set(parts.map(({ incident }) => incident.channelName)).size).toBe(2);

    await http.deliver('firing-with-one-resolved.json');
    const statuses = (await everything(fixture.flow)).parts.map(
      ({ incident }) => `${incident.services.join()} ${incident.status}`,
    );
    expect(statuses.sort()).toEqual(['order-service investigating', 'user-service resolved']);
  });

  it('change no row when they are repeated', async () => {
    const { fixture, http } = await openHouse();
    await http.deliver('firing-grouped-two-alerts.json');
    const before = await everything(fixture.flow);

    await http.deliver('repeat-same-group.json');
    await http.deliver('firing-single.json');

    expect(await everything(fixture.flow)).toEqual(before);
  });

  it('make one incident when both of an HA pair send them at once', async () => {
    const { fixture, http } = await openHouse();
    const twice = ['firing-grouped-two-alerts.json', 'firing-grouped-two-alerts.json'];

    const answers = await Promise.all(twice.map((capture) => http.deliver(capture)));

    expect(answers.reduce((sum, { fresh = 0 }) => sum + fresh, 0)).toBe(2);
    expect((await theOnly(fixture.flow)).told).toEqual([opened, userJoined]);
  });

  it('reopen the incident for what fires anew, and not for the old resolve beside it', async () => {
    const { fixture, http } = await openHouse();
    for (const capture of [
      'firing-grouped-two-alerts.json',
      'firing-with-one-resolved.json',
      'resolved.json',
    ])
      await http.deliver(capture);

    await http.deliver('resent-old-resolved.json');

    const again = await theOnly(fixture.flow);
    expect(again.told.slice(5)).toEqual([
      'alert.joined: Alert HighErrorRate on order-service: order-service error ratio 11.33%',
      'incident.reopened: Reopened: HighErrorRate fires again.',
    ]);
    expect(again.incident).toMatchObject({ status: 'investigating', resolvedAt: null });
  });

  it('leave a running incident alone when resolves of its earlier episodes come again', async () => {
    const { fixture, http } = await openHouse();
    for (const capture of ['firing-single.json', 'resolved.json', 'resent-old-resolved.json'])
      await http.deliver(capture);
    const before = await everything(fixture.flow);

    await http.deliver('resolved.json');
    await http.deliver('resent-old-resolved.json');

    expect(await everything(fixture.flow)).toEqual(before);
    expect((await theOnly(fixture.flow)).incident.status).toBe('investigating');
  });

  it('leave a resolved incident alone when a delivery that was held up says that it fires', async () => {
    const { fixture, http } = await openHouse();
    await http.deliver('firing-single.json');
    await http.deliver('resolved.json');
    const before = await everything(fixture.flow);

    await http.deliver('firing-single.json');

    expect(await everything(fixture.flow)).toEqual(before);
  });
});

describe('a resolve that is the first word of its alert', () => {
  it('is kept, counted and calls nobody', async () => {
    const { fixture, http } = await openHouse();

    expect(await http.deliver('resolved.json')).toMatchObject({ status: 200, fresh: 1 });
    expect(await http.deliver('resolved.json')).toMatchObject({ status: 200, fresh: 0 });

    const { parts, unassigned } = await everything(fixture.flow);
    expect(parts).toEqual([]);
    expect(unassigned.map(({ labels, status }) => `${labels['service']} ${status}`)).toEqual([
      'order-service resolved',
    ]);
    expect(http.metrics.text()).toContain('warroom_alerts_missed_total 1\n');
  });

  it('opens nothing either when the firing delivery comes after it', async () => {
    const { fixture, http } = await openHouse();
    await http.deliver('resolved.json');

    await http.deliver('firing-single.json');

    expect((await everything(fixture.flow)).parts).toEqual([]);
  });

  it('is told to the incident that is open for the same failure, and does not end it', async () => {
    const { fixture, http } = await openHouse();
    await http.deliver('firing-latency-warning.json');

    await http.deliver('resolved.json');

    const { incident, alerts, told } = await theOnly(fixture.flow);
    expect(incident).toMatchObject({ status: 'investigating', services: ['payment-service'] });
    expect(alerts).toHaveLength(2);
    expect(told.at(-1)).toBe(
      'alert.missed: Alert HighErrorRate on order-service had fired from 2026-11-22T08:11:16.189Z' +
        ' until 2026-11-22T08:11:58.189Z; only its end was heard.',
    );
  });
});

describe('a delivery that max_alerts cut short', () => {
  let alertmanager: AlertmanagerProcess;

  /** Holds the five alerts that the capture's sender held, by the same labels and so the same fingerprints. */
  async function holdTheFive(): Promise<void> {
    alertmanager = await startAlertmanager([{ name: 'trunc', url: `http://127.0.0.1:${await freePort()}/` }]);
    ends.push(() => alertmanager.stop());
    await alertmanager.post(
      [1, 2, 3, 4, 5].map((i) => ({
        labels: { alertname: 'Probe_trunc', probe: 'trunc', service: 'order-service', i: String(i) },
        annotations: { summary: `probe trunc ${i}` },
        startsAt: '2026-11-22T08:15:58.417Z',
      })),
    );
    const source = createAlertmanager({ url: alertmanager.url, auth: null });
    await until('Alertmanager to list five', async () => {
      return (await source.active(AbortSignal.timeout(5_000))).length === 5;
    });
  }

  const probesOf = async (flow: FlowContext) =>
    (await theOnly(flow)).alerts.map((alert) => `${alert.labels['i']} ${alert.status}`).sort();
  const five = ['1 firing', '2 firing', '3 firing', '4 firing', '5 firing'];

  it('is completed from Alertmanager before it is answered, in the same incident', async () => {
    await holdTheFive();
    const fixture = await openFlow({ catalogue: related });
    ends.push(() => fixture.close());
    const http = await startFlowHttp(fixture.flow, createAlertmanager({ url: alertmanager.url, auth: null }));
    ends.push(() => http.close());

    const answer = await http.deliver('truncated-max-alerts-2.json');

    expect(answer).toMatchObject({ status: 200, accepted: 2, fresh: 2 });
    expect(await probesOf(fixture.flow)).toEqual(five);
  });

  it('is taken as it is while Alertmanager gives no answer, and completed by the next look at its list', async () => {
    const fixture = await openFlow({ catalogue: related });
    ends.push(() => fixture.close());
    const away = createAlertmanager({ url: `http://127.0.0.1:${await freePort()}`, auth: null });
    const http = await startFlowHttp(fixture.flow, away);
    ends.push(() => http.close());

    const answer = await http.deliver('truncated-max-alerts-2.json');
    expect(answer.status).toBe(200);
    expect(await probesOf(fixture.flow)).toEqual(['1 firing', '2 firing']);

    await holdTheFive();
    const alertSource = createAlertmanager({ url: alertmanager.url, auth: null });
    await reconcile({ ...fixture.flow, alertSource }, new Map(), new AbortController().signal);
    expect(await probesOf(fixture.flow)).toEqual(five);
  });
});

describe('a delivery while PostgreSQL is down', () => {
  it('is refused with 503, so that it comes again, and accepted when it does', async () => {
    const fixture = await openFlow({ catalogue: related });
    ends.push(() => fixture.close());
    const server = await createTestServer();
    ends.push(async () => server.remove());
    const store = await openRecord({ databaseUrl: server.url, dataDir: null, auditKey });
    ends.push(() => store.close());
    const flow = { ...fixture.flow, record: store.record, telemetry: store.telemetry };
    const http = await startFlowHttp(flow);
    ends.push(() => http.close());

    server.stop('immediate');
    const refused = await http.deliver('firing-single.json');
    await server.start();
    const accepted = await until('the alert to be accepted', async () => {
      const answer = await http.deliver('firing-single.json');
      return answer.status === 503 ? undefined : answer;
    });

    expect(refused).toMatchObject({ status: 503, error: { code: 'record_unavailable' } });
    expect(accepted).toMatchObject({ status: 200, accepted: 1, fresh: 1 });
    expect((await theOnly(flow)).told).toEqual([opened]);
  });
});

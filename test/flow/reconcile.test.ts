import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createAlertmanager } from '../../src/adapters/alertmanager/alertmanager.ts';
import type { FlowContext } from '../../src/flow/context.ts';
import { reconcile } from '../../src/flow/index.ts';
import { type AlertmanagerProcess, startAlertmanager } from '../support/alertmanager.ts';
import { type FlowFixture, openFlow } from '../support/flow-fixture.ts';
import { freePort, until } from '../support/server-process.ts';

const ledger = { labels: { alertname: 'HighErrorRatio', service: 'ledger', severity: 'critical' } };

/** A real Alertmanager whose webhooks reach nobody: all that is known comes from its list. */
describe('the look at the list of alerts', () => {
  let fixture: FlowFixture;
  let alertmanager: AlertmanagerProcess;
  let flow: FlowContext;
  let now: Date;
  let missingSince: Map<string, number>;

  beforeEach(async () => {
    fixture = await openFlow();
    alertmanager = await startAlertmanager([
      { name: 'nobody', url: `http://127.0.0.1:${await freePort()}/` },
    ]);
    now = new Date();
    missingSince = new Map();
    const alertSource = createAlertmanager({ url: alertmanager.url, auth: null });
    flow = { ...fixture.flow, alertSource, clock: { now: () => now } };
  });
  afterEach(async () => {
    await alertmanager.stop();
    await fixture.close();
  });

  async function lookAfter(minutes: number): Promise<void> {
    now = new Date(now.getTime() + minutes * 60_000);
    await reconcile(flow, missingSince, new AbortController().signal);
  }
  const statuses = async () =>
    (await flow.record.incidents.recent(10)).map(({ services, status }) => `${services.join()} ${status}`);

  /** What Alertmanager lists lags behind what it is told. */
  async function untilActive(count: number): Promise<void> {
    await until(`${count} active alerts`, async () => {
      const active = await flow.alertSource?.active(AbortSignal.timeout(5_000));
      return active?.length === count;
    });
  }

  it('opens the incident of an alert that no webhook brought, once', async () => {
    await alertmanager.post([ledger]);
    await untilActive(1);

    await lookAfter(0);
    await lookAfter(1);

    expect(await statuses()).toEqual(['ledger investigating']);
  });

  it('resolves what is gone from the list for two minutes, and not before', async () => {
    await alertmanager.post([ledger]);
    await untilActive(1);
    await lookAfter(0);
    await alertmanager.post([{ ...ledger, endsAt: new Date().toISOString() }]);
    await untilActive(0);

    await lookAfter(1);
    await lookAfter(1);
    expect(await statuses()).toEqual(['ledger investigating']);

    await lookAfter(1);
    expect(await statuses()).toEqual(['ledger resolved']);
  });

  it('does not take a silence for the end', async () => {
    await alertmanager.post([ledger]);
    await untilActive(1);
    await lookAfter(0);
    await alertmanager.silence({ service: 'ledger' });
    await untilActive(0);

    for (const minutes of [1, 2, 3, 10]) await lookAfter(minutes);

    expect(await statuses()).toEqual(['ledger investigating']);
  });

  it('opens nothing for what is silenced', async () => {
    await alertmanager.silence({ service: 'ledger' });
    await alertmanager.post([ledger, { labels: { ...ledger.labels, service: 'mailer' } }]);
    await untilActive(1);

    await lookAfter(0);

    expect(await statuses()).toEqual(['mailer investigating']);
  });

  it('sees the end of an alert that resolved under its silence', async () => {
    await alertmanager.post([ledger]);
    await untilActive(1);
    await lookAfter(0);
    await alertmanager.silence({ service: 'ledger' });
    await untilActive(0);
    await lookAfter(5);
    await alertmanager.post([{ ...ledger, endsAt: new Date().toISOString() }]);
    await until('the end', async () => {
      const firing = await flow.alertSource?.firing(AbortSignal.timeout(5_000));
      return firing?.length === 0;
    });

    await lookAfter(1);
    await lookAfter(2);

    expect(await statuses()).toEqual(['ledger resolved']);
  });

  it('resolves nothing while Alertmanager gives no answer', async () => {
    await alertmanager.post([ledger]);
    await untilActive(1);
    await lookAfter(0);
    await alertmanager.stop();

    for (const minutes of [1, 3, 3]) await lookAfter(minutes);

    expect(await statuses()).toEqual(['ledger investigating']);
  });
});

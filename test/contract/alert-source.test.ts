import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Alertmanager, createAlertmanager } from '../../src/adapters/alertmanager/alertmanager.ts';
import { SourceUnreachable } from '../../src/platform/errors.ts';
import { type AlertmanagerProcess, startAlertmanager } from '../support/alertmanager.ts';
import { freePort, until } from '../support/server-process.ts';

let server: AlertmanagerProcess;
let source: Alertmanager;
const never = new AbortController().signal;

beforeAll(async () => {
  const nowhere = `http://127.0.0.1:${await freePort()}/`;
  server = await startAlertmanager([
    { name: 'all', url: nowhere },
    { name: 'room', url: nowhere },
  ]);
  source = createAlertmanager({ url: `${server.url}/`, auth: null });
});

afterAll(async () => {
  await server?.stop();
});

async function activeNames(): Promise<string[]> {
  return (await source.active(never)).map((alert) => alert.labels['alertname'] ?? '').sort();
}

describe('a real Alertmanager as alert source', () => {
  it('lists what fires now, in our words', async () => {
    const startsAt = '2026-11-22T08:15:58.417Z';
    await server.post([
      {
        labels: { alertname: 'QueueLong', service: 'billing', severity: 'critical' },
        annotations: { summary: 'the queue of billing is long' },
        startsAt,
        generatorURL: 'http://prometheus.example/graph?g0.expr=queue',
      },
    ]);

    const [alert] = await until('the alert', async () => {
      const alerts = await source.active(never);
      return alerts.length > 0 && alerts;
    });

    expect(alert).toEqual({
      fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/),
      status: 'firing',
      startsAt: new Date(startsAt),
      labels: { alertname: 'QueueLong', service: 'billing', severity: 'critical' },
      annotations: { summary: 'the queue of billing is long' },
      generatorUrl: 'http://prometheus.example/graph?g0.expr=queue',
    });
  });

  it('leaves out what is silenced and what has ended', async () => {
    await server.silence({ alertname: 'Muted' });
    const past = (secondsAgo: number): string => new Date(Date.now() - secondsAgo * 1000).toISOString();
    await server.post([
      { labels: { alertname: 'Muted' } },
      { labels: { alertname: 'Over' }, startsAt: past(60), endsAt: past(30) },
      { labels: { alertname: 'Loud' } },
    ]);

    await until('the loud alert', async () => (await activeNames()).includes('Loud'));

    expect(await activeNames()).not.toContain('Muted');
    expect(await activeNames()).not.toContain('Over');
  });

  it('still lists the silenced among all that fires, and not what has ended', async () => {
    const names = (await source.firing(never)).map((alert) => alert.labels['alertname']);

    expect(names).toEqual(expect.arrayContaining(['Muted', 'Loud']));
    expect(names).not.toContain('Over');
  });

  it('lists one group of one receiver, whatever its labels hold', async () => {
    const odd = 'a "quoted" \\ name\nin two lines';
    await server.post([
      ...[1, 2, 3].map((i) => ({ labels: { alertname: odd, to: 'room', i: String(i) } })),
      { labels: { alertname: odd, i: '4' } },
      { labels: { alertname: 'Other', to: 'room' } },
    ]);
    await until('all of them', async () => (await source.active(never)).length >= 5);

    const group = await source.ofGroup({ receiver: 'room', labels: { alertname: odd } }, never);

    expect(new Set(group.map((alert) => alert.labels['i']))).toEqual(new Set(['1', '2', '3']));
  });

  it('says that Alertmanager is away', async () => {
    const away = createAlertmanager({ url: `http://127.0.0.1:${await freePort()}`, auth: null });

    await expect(away.active(never)).rejects.toThrow(SourceUnreachable);
    await expect(away.active(never)).rejects.toMatchObject({
      hint: expect.stringContaining('ALERTMANAGER_URL'),
    });
  });

  it('takes an address that is no Alertmanager for a wrong setting', async () => {
    const wrong = createAlertmanager({ url: `${server.url}/wrong`, auth: null });

    await expect(wrong.active(never)).rejects.toMatchObject({ code: 'source_refused' });
  });

  it('stops when the caller aborts', async () => {
    await expect(source.active(AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
  });
});

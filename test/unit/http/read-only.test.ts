import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { planCanonical } from '../../../src/domain/plan.ts';
import { sampleEvidence, sampleIncidentFile } from '../../support/incident-file.ts';
import { apiToken, hookToken, startWarroomHttp, type WarroomHttp } from '../../support/warroom-http.ts';

let warroom: WarroomHttp;
const sample = sampleIncidentFile();
const { id } = sample.incident;

beforeAll(async () => {
  warroom = await startWarroomHttp();
  const { record } = warroom;
  await record.incidents.insert(sample.incident);
  for (const investigation of sample.investigations) await record.investigations.ensure(investigation);
  for (const { number, kind, service, title, summary, query, data, empty } of sampleEvidence())
    await record.evidence.keep(id, 'inv1', `sample-${number}`, {
      kind,
      service,
      title,
      summary,
      query,
      data,
      empty,
    });
  for (const plan of sample.plans)
    await record.plans.insert({ ...plan, ...planCanonical(plan.body), nonce: 'the-secret-of-the-button' });
  await record.timeline.append(id, { kind: 'incident.opened', actor: 'warroom', text: 'Opened.', data: {} });
}, 120_000);

afterAll(async () => {
  await warroom?.close();
});

describe('the API', () => {
  it('lists incidents and gives one whole, without the secret of its button', async () => {
    const list = (await (await warroom.call('/api/incidents', { token: apiToken })).json()) as {
      incidents: object[];
    };
    expect(list.incidents).toMatchObject([{ id, title: sample.incident.title }]);

    const response = await warroom.call(`/api/incidents/${id}`, { token: apiToken });
    const text = await response.text();
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(JSON.parse(text)).toMatchObject({
      incident: { id, status: 'resolved' },
      investigations: [{ service: 'ledger' }, { service: 'leases' }],
      evidence: sampleEvidence().map(({ number, title }) => ({ number, title })),
      plans: [{ id: 'plan-1', state: 'verified', digest: expect.stringMatching(/^[0-9a-f]{64}$/) }],
      timeline: [{ seq: 1, kind: 'incident.opened' }],
      rootCause: null,
    });
    expect(text).not.toContain('the-secret-of-the-button');
  });

  it.each([
    ['that never was', 'nobody'],
    ['with a NUL in its name', 'no%00body'],
    ['that climbs out', '..%2f'],
    ['with a quote in its name', "x'--"],
    ['with an endless name', 'a'.repeat(5_000)],
  ])('knows no incident %s', async (_what, unknown) => {
    expect((await warroom.call(`/api/incidents/${unknown}`, { token: apiToken })).status).toBe(404);
  });

  it('is closed to other tokens', async () => {
    for (const address of ['/api/incidents', `/api/incidents/${id}`]) {
      expect((await warroom.call(address)).status).toBe(401);
      expect((await warroom.call(address, { token: hookToken })).status).toBe(401);
    }
  });
});

describe('the pages', () => {
  it('open by their signed links and by nothing else', async () => {
    const incident = await warroom.call(warroom.links.incident(id));
    expect(incident.status).toBe(200);
    expect(await incident.text()).toContain(sample.incident.title);
    const evidence = await warroom.call(warroom.links.evidence(id, 1));
    expect(evidence.status).toBe(200);
    expect(await evidence.text()).toContain('<svg class="chart"');

    const signature = warroom.links.evidence(id, 1).split('?')[1];
    expect((await warroom.call(`/incidents/${id}/evidence/2?${signature}`)).status).toBe(401);
    expect((await warroom.call(`/incidents/${id}`)).status).toBe(401);
    expect((await warroom.call(`/incidents/${id}`, { token: apiToken })).status).toBe(401);
  });

  it('that lead nowhere say so', async () => {
    expect((await warroom.call(warroom.links.incident('gone'))).status).toBe(404);
    for (const number of [0, 99, -1, 1.5, Number.NaN, 1e12])
      expect((await warroom.call(warroom.links.evidence(id, number))).status).toBe(404);
  });
});

describe('operations', () => {
  it('say that the process lives, that the record answers, and how it does', async () => {
    expect(await (await warroom.call('/healthz')).text()).toBe('ok\n');
    expect(await (await warroom.call('/readyz')).json()).toEqual({ ready: true, record: 'answers' });

    await warroom.call('/hooks/alertmanager', { method: 'POST', token: hookToken, body: 'broken' });
    const response = await warroom.call('/metrics');
    const text = await response.text();
    expect(response.headers.get('content-type')).toContain('version=0.0.4');
    expect(text).toContain('warroom_alert_deliveries_total{outcome="quarantined"} 1');
    expect(text).toMatch(/warroom_http_requests_total\{route="\/healthz",status="200"\} \d+/);
    expect(await warroom.record.deliveries.countQuarantined()).toBe(1);
  });
});

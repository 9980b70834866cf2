import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createKubernetesWorkloads } from '../../src/adapters/kubernetes/kubernetes-workloads.ts';
import { createSecrets } from '../../src/adapters/secrets/secrets.ts';
import type { Service } from '../../src/domain/service.ts';
import type { Applied, Remedy } from '../../src/ports/remedy.ts';
import { createRestartService } from '../../src/remedies/restart-service/restart-service.ts';
import type { Tools } from '../../src/remedies/tools.ts';
import { aService } from '../support/builders.ts';
import { type KubernetesApi, startKubernetesApi } from '../support/kubernetes-api.ts';
import { describeRemedy, remedyContext } from './remedy-contract.ts';

const token = 'sa-token-3fd1c0ffee';
const service: Service = aService({
  name: 'orders',
  workloads: [{ name: 'api', kubernetes: { cluster: 'main', namespace: 'shop', deployment: 'orders' } }],
});
const params = { workload: 'api' };

function remedyOn(server: string, given: string | undefined = token): Remedy {
  const clusters = [{ name: 'main', server, token: { env: 'K8S_TOKEN' }, caFile: null }];
  const secrets = createSecrets({ K8S_TOKEN: given });
  const workloads = createKubernetesWorkloads(clusters, secrets, { pollMs: 10, readyTimeoutMs: 5_000 });
  return createRestartService({ workloads } as Tools);
}

describeRemedy('restart-service against a strict stand-in for the Kubernetes API', async () => {
  const api = await startKubernetesApi(token);
  return {
    remedy: remedyOn(api.url),
    service,
    params,
    look: async () => api.deployment(),
    effects: async () => api.restarts(),
    moveWorld: async () =>
      api.change((row) => {
        row.image = 'registry.example/orders:1.4.3';
      }),
    async loseReply() {
      api.faults.losePatch = true;
    },
    nothingToUndo: true,
    secrets: [token],
    nonsense: ['orders', 'shop/orders', 'api ', 7, null, ['api']].map((workload) => ({ workload })),
    async close() {
      expect(api.violations).toEqual([]);
      await api.stop();
    },
  };
});

describe('restarting a deployment', () => {
  let api: KubernetesApi;
  let remedy: Remedy;
  let signal: AbortSignal;

  beforeEach(async () => {
    api = await startKubernetesApi(token);
    remedy = remedyOn(api.url);
    signal = AbortSignal.timeout(20_000);
  });
  afterEach(async () => {
    expect(api.violations).toEqual([]);
    await api.stop();
  });

  async function plan() {
    const seen = await remedy.preview(service, params, signal);
    if (!seen.possible) throw new Error(seen.reason);
    return seen;
  }
  async function run(again = false): Promise<Applied> {
    return remedy.apply(service, (await plan()).planned, remedyContext('own', 'apply', again), signal);
  }

  it('shows replicas, what happens to requests in flight, the disruption budget and the rehearsal', async () => {
    const { planned, facts } = await plan();

    expect(planned.preview.summary).toBe(
      'Restart deployment shop/orders on cluster main of orders: 3 of 3 replicas ready now, replaced one after another.',
    );
    expect(planned.preview.diff).toBe(
      'kubectl --cluster main --namespace shop rollout restart deployment/orders',
    );
    const notes = planned.preview.notes.join('\n');
    expect(notes).toContain('none is taken away before its successor is ready; requests in flight have 30 s');
    expect(notes).toContain('orders-budget allows 1 now (3 healthy, 2 demanded)');
    expect(notes).not.toContain('others-budget');
    expect(notes).toContain('accepted a dry run');
    expect(facts).toEqual({
      base: 'low',
      reasons: ['restarts 3 replicas one after another'],
      reversible: 'exact',
    });
    expect(api.log).toContain('PATCH deployment dry-run');
    expect(api.log).not.toContain('PATCH deployment');
  });

  it.each([
    ['a single replica', { replicas: 1 }, /with no second one/],
    [
      'all pods at once',
      { strategy: { type: 'Recreate' } },
      /3 of 3 ready replicas with nobody left to serve, or few/,
    ],
  ])('is of medium risk for %s', async (_what, change, reason) => {
    api.change((row) => void Object.assign(row, change));

    const { facts } = await plan();

    expect(facts.base).toBe('medium');
    expect(facts.reasons[0]).toMatch(reason);
  });

  it.each([
    [3, '25%', 'at most 1 are away at once', 'low'],
    [1, '25%', 'The only pod stops before a new one is ready', 'medium'],
    [3, 5, 'All 3 pods may stop before a new one is ready', 'medium'],
  ])(
    'tells that %i pods are not replaced before they go where none may be added (%s)',
    async (replicas, most, effect, base) => {
      const rollingUpdate = { maxSurge: 0, maxUnavailable: most };
      api.change(
        (row) => void Object.assign(row, { replicas, strategy: { type: 'RollingUpdate', rollingUpdate } }),
      );

      const { planned, facts } = await plan();

      expect(planned.preview.notes.join('\n')).toContain(effect);
      expect(facts.base).toBe(base);
    },
  );

  it('rehearses right before it acts, sends one patch, and waits for the rollout', async () => {
    const applied = await run();

    expect(applied).toMatchObject({
      applied: true,
      receipt: {
        summary: 'Restarted deployment shop/orders on cluster main: 3 of 3 replicas are ready.',
      },
    });
    const patches = api.log.filter((line) => line.startsWith('PATCH'));
    expect(patches.slice(-2)).toEqual(['PATCH deployment dry-run', 'PATCH deployment']);
    expect(api.deployment()).toMatchObject({
      rolling: 0,
      annotations: { 'warroom/restart-key': 'execution-own/0/apply' },
    });
  });

  it('reads again when somebody changed the status in the same moment', async () => {
    const { planned } = await plan();
    api.faults.race = true;

    const applied = await remedy.apply(service, planned, remedyContext('own', 'apply'), signal);

    expect(applied.applied).toBe(true);
    expect(api.restarts()).toBe(1);
  });

  it('does not take a restart by somebody else for its own', async () => {
    const { planned } = await plan();
    api.change((row) => {
      row.templateAnnotations['kubectl.kubernetes.io/restartedAt'] = '2026-01-01T00:00:00Z';
    });

    expect(await remedy.apply(service, planned, remedyContext('own', 'apply', true), signal)).toMatchObject({
      applied: false,
      reason: expect.stringContaining('restarted or released since'),
    });
    expect(api.restarts()).toBe(0);
  });

  it('says that pods did not become ready', async () => {
    const { planned } = await plan();
    api.faults.stuck = true;

    const applied = await remedy.apply(service, planned, remedyContext('own', 'apply'), signal);

    if (!applied.applied) throw new Error(applied.reason);
    expect(applied.receipt.summary).toContain('0 of 3 replicas are ready');
    expect(await remedy.verify(service, planned, applied.receipt, signal)).toMatchObject({ state: 'broken' });
  });

  it('offers nothing where the cluster forbids it, the rollout is paused, or nothing runs', async () => {
    api.faults.deny = 'admission webhook "freeze" denied the request: change freeze';
    const denied = await remedy.preview(service, params, signal);
    api.faults.deny = null;
    api.change((row) => void Object.assign(row, { paused: true }));
    const paused = await remedy.preview(service, params, signal);
    api.change((row) => void Object.assign(row, { paused: false, replicas: 0 }));
    const empty = await remedy.preview(service, params, signal);

    expect(denied).toMatchObject({ possible: false, reason: expect.stringContaining('change freeze') });
    expect(paused).toMatchObject({ possible: false, reason: expect.stringContaining('paused') });
    expect(empty).toMatchObject({ possible: false, reason: expect.stringContaining('scaled to nothing') });
  });

  it('previews without the budgets when it may not read them', async () => {
    api.faults.denyBudgets = true;

    expect((await plan()).planned.preview.notes.join()).toContain('Disruption budgets could not be read.');
  });

  it('tells a wrong token, a wrong name and a silent server apart, without the token', async () => {
    const wrong = remedyOn(api.url, 'wrong-token');
    const elsewhere = {
      ...service,
      workloads: [{ name: 'api', kubernetes: { cluster: 'main', namespace: 'shop', deployment: 'nowhere' } }],
    };
    const refused = await wrong.preview(service, params, signal);
    const missing = await remedy.preview(elsewhere, params, signal);
    const away = await remedyOn('http://127.0.0.1:1')
      .preview(service, params, signal)
      .catch((error: unknown) => error);
    api.faults.status = 503;
    const busy = await remedy.preview(service, params, signal).catch((error: unknown) => error);

    expect(refused).toMatchObject({ possible: false, reason: expect.stringContaining('token') });
    expect(missing).toMatchObject({ possible: false, reason: expect.stringContaining('shop/nowhere') });
    expect(away).toMatchObject({ code: 'source_unreachable', retryable: true });
    expect(busy).toMatchObject({ code: 'source_unreachable', retryable: true });
    expect(JSON.stringify([refused, missing, String(away), String(busy)])).not.toContain('wrong-token');
  });

  it('sends no token in the clear', async () => {
    const open = remedyOn('http://kubernetes.example:8080');

    expect(await open.preview(service, params, signal)).toMatchObject({
      possible: false,
      reason: expect.stringContaining('in the clear'),
    });
  });
});

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import Docker from 'dockerode';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sandboxImage } from '../../setup/sandbox-image.mjs';
import { createContainerCommands } from '../../src/adapters/docker/container-command.ts';
import { createDockerSandboxes } from '../../src/adapters/docker/docker-sandboxes.ts';
import { createDockerWorkloads } from '../../src/adapters/docker/workloads.ts';
import { createKubernetesWorkloads } from '../../src/adapters/kubernetes/kubernetes-workloads.ts';
import { createLocalCommands } from '../../src/adapters/local-command/local-commands.ts';
import { createSecrets } from '../../src/adapters/secrets/secrets.ts';
import type { Plan, ProposedRemedy } from '../../src/domain/plan.ts';
import type { Service } from '../../src/domain/service.ts';
import type { FlowContext } from '../../src/flow/context.ts';
import { acceptAlerts, decidePlan, proposePlan, requestUndo } from '../../src/flow/index.ts';
import type { WorkloadRuntime } from '../../src/ports/runtime.ts';
import type { SandboxProvider } from '../../src/ports/sandbox.ts';
import { createRemedies } from '../../src/remedies/registry.ts';
import { type GitHouse, openGitHouse } from '../contract/git-remedy-house.ts';
import { scratchService, scratchToken } from '../contract/github-scratch.ts';
import {
  databaseTools,
  openPostgresHouse,
  type PostgresHouse,
  password,
} from '../contract/postgres-house.ts';
import { anAlert, aService } from '../support/builders.ts';
import { type CacheHouse, cachePassword, fillCache, startCacheHouse } from '../support/cache-scene.ts';
import { type FlowFixture, openFlow } from '../support/flow-fixture.ts';
import { type KubernetesApi, startKubernetesApi } from '../support/kubernetes-api.ts';

const clusterToken = 'sa-token-of-this-test';
const docker = new Docker();
const folder = mkdtempSync(path.join(os.tmpdir(), 'warroom-fixes-'));
const level = path.join(folder, 'level');

/**
 * Every kind of fix through the whole story, on its real target (Kubernetes and GitHub are stand-ins): a person asks for
 * it, two others approve the card, it is carried out, verified by the alert and by its own check, and taken back by a click.
 */
describe('a fix on its real target', () => {
  let fixture: FlowFixture;
  let flow: FlowContext;
  let git: GitHouse;
  let cache: CacheHouse;
  let database: PostgresHouse;
  let cluster: KubernetesApi;
  let container: Docker.Container;
  let shas: readonly string[];
  let orders: Service;
  let sandbox: SandboxProvider | undefined;

  beforeAll(async () => {
    [git, cache, database, cluster] = await Promise.all([
      openGitHouse(),
      startCacheHouse(),
      openPostgresHouse(),
      startKubernetesApi(clusterToken),
    ]);
    shas = await git.scratch.makeRepository('orders', [
      {
        message: 'Start',
        files: {
          'package.json': '{ "type": "module" }\n',
          'config/limits.json': '{ "perMinute": 100 }\n',
          'src/price.js': 'export const total = (price, count) => price + count;\n',
          'test/price.test.js': [
            "import assert from 'node:assert';",
            "import { test } from 'node:test';",
            "import { total } from '../src/price.js';",
            "test('a price times how many', () => assert.equal(total(3, 5), 15));",
            '',
          ].join('\n'),
        },
      },
      { message: 'Fewer a minute', files: { 'config/limits.json': '{ "perMinute": 10 }\n' } },
      { message: 'A notice', files: { 'notice.txt': 'closed today\n' } },
    ]);
    container = await docker.createContainer({
      Image: process.env['SANDBOX_IMAGE'] || sandboxImage,
      Cmd: ['node', '-e', "process.on('SIGTERM', () => process.exit(0)); setInterval(() => {}, 1e6)"],
      StopTimeout: 1,
      HostConfig: { NetworkMode: 'none' },
    });
    await container.start();
    orders = serviceOfAll();
    fixture = await openFlow({ catalogue: { services: [orders], clusters: [] } });
    flow = { ...fixture.flow, remedies: realRemedies() };
    fixture.groups.set('U-APPROVER', ['U-APPROVER', 'U-SECOND']);
    // What a person's fix is to be judged by is quiet as soon as it is in place.
    fixture.metrics.set(0.01);
    fixture.metrics.values.set('error_ratio', [{ labels: { service: 'orders' }, value: 0.01 }]);
  });

  afterAll(async () => {
    await fixture?.close();
    await sandbox?.close();
    await container?.remove({ force: true, v: true });
    await Promise.all([git?.scratch.remove(), cache?.stop(), database?.close(), cluster?.stop()]);
    rmSync(folder, { recursive: true, force: true });
  });

  function serviceOfAll(): Service {
    const { repository } = scratchService(git.scratch, 'orders');
    return aService({
      name: 'orders',
      repository,
      language: 'node',
      testCommand: ['node', '--test'],
      configuration: ['config/limits.json'],
      databases: [database.target],
      caches: cache.service.caches,
      workloads: [
        { name: 'container', docker: { container: container.id } },
        { name: 'pods', kubernetes: { cluster: 'main', namespace: 'shop', deployment: 'orders' } },
      ],
      runbooks: [
        {
          name: 'set-level',
          description: 'Sets how much is logged',
          argv: [process.execPath, '-e', setter, level, '{level}'],
          parameters: { level: { type: 'choice', values: ['debug', 'quiet'] } },
          where: 'local',
          timeoutSeconds: 20,
          inverse: [process.execPath, '-e', setter, level, 'normal'],
          risk: 'medium',
        },
      ],
    });
  }

  function realRemedies(): FlowContext['remedies'] {
    sandbox = createDockerSandboxes({ images: { node: process.env['SANDBOX_IMAGE'] || sandboxImage } });
    const inDocker = createDockerWorkloads({ settleMs: 200, readyTimeoutMs: 5_000 });
    const inCluster = createKubernetesWorkloads(
      [{ name: 'main', server: cluster.url, token: { env: 'TOKEN' }, caFile: null }],
      createSecrets({ TOKEN: clusterToken }),
      { pollMs: 10, readyTimeoutMs: 5_000 },
    );
    const of = (workload: Parameters<WorkloadRuntime['state']>[0]) =>
      'docker' in workload ? inDocker : inCluster;
    const [local, inContainer] = [createLocalCommands(), createContainerCommands()];
    return createRemedies({
      ...databaseTools(database),
      source: git.source,
      codeHost: git.codeHost,
      sandbox,
      caches: cache.caches,
      workloads: {
        state: (workload, signal) => of(workload).state(workload, signal),
        rehearse: (workload, signal) => of(workload).rehearse(workload, signal),
        restart: (workload, expected, signal) => of(workload).restart(workload, expected, signal),
      },
      commands: {
        run: (command, signal) => (command.container === null ? local : inContainer).run(command, signal),
      },
    });
  }

  /** From a person's wish to a fix that is in place and verified. */
  async function carryOut(kind: ProposedRemedy['kind'], params: ProposedRemedy['params']): Promise<Plan> {
    await acceptAlerts(flow, [
      anAlert({ service: 'orders', fingerprint: `f-${kind}-${Date.now()}`, startsAt: new Date() }),
    ]);
    await fixture.queue.drain(flow);
    const [incident] = await flow.record.incidents.recent(1);
    if (incident === undefined) throw new Error('no incident');
    const remedies = [{ kind, service: 'orders', params }];
    expect(await proposePlan(flow, { incidentId: incident.id, userId: 'U-OTHER', remedies })).toEqual({
      accepted: true,
      note: null,
    });
    await fixture.queue.drain(flow);
    const [plan] = await flow.record.plans.ofIncident(incident.id);
    if (plan === undefined) throw new Error('no plan');
    for (const userId of ['U-APPROVER', 'U-SECOND']) {
      const now = await flow.record.plans.get(plan.id);
      if (now?.state === 'pending')
        expect(await decidePlan(flow, { ...buttonOf(plan), userId, decision: 'approve' })).toMatchObject({
          accepted: true,
        });
    }
    await fixture.queue.drain(flow);
    const done = await flow.record.plans.get(plan.id);
    expect(done?.state).toBe('verified');
    return plan;
  }

  const buttonOf = ({ id: planId, digest, nonce }: Plan) => ({ planId, digest, nonce });

  async function takeBack(plan: Plan): Promise<void> {
    const button = { ...buttonOf(plan), userId: 'U-APPROVER', reason: 'it was only a trial' };
    expect(await requestUndo(flow, button)).toEqual({ accepted: true, note: null });
    await fixture.queue.drain(flow);
    expect((await flow.record.plans.get(plan.id))?.state).toBe('rolled-back');
  }

  async function checksOf(plan: Plan): Promise<(string | undefined)[]> {
    const execution = await flow.record.executions.ofPlan(plan.id);
    return execution?.steps.map((step) => step.check?.state) ?? [];
  }

  const keyBytes = () => cache.look();
  const sessions = async () => Object.keys(await cache.look()).filter((key) => key.startsWith('session:'));

  const scenes: readonly {
    kind: ProposedRemedy['kind'];
    on: string;
    params: () => ProposedRemedy['params'] | Promise<ProposedRemedy['params']>;
    look: () => Promise<unknown>;
    /** Null: it leaves nothing that could be brought back. */
    back: 'as before' | null;
  }[] = [
    {
      kind: 'config-rollback',
      on: 'a repository',
      params: () => ({ path: 'config/limits.json', to: 'previous' }),
      look: () => git.treeOf('orders'),
      back: 'as before',
    },
    {
      kind: 'revert-commit',
      on: 'a repository',
      params: () => ({ commit: shas[2] ?? '' }),
      look: () => git.treeOf('orders'),
      back: 'as before',
    },
    {
      kind: 'pull-request',
      on: 'a repository, tested in a container',
      params: () => ({ title: 'Multiply the price', patch: fix }),
      look: () => git.treeOf('orders'),
      back: 'as before',
    },
    {
      kind: 'create-index',
      on: 'PostgreSQL',
      params: () => ({ database: 'payments', table: 'payments', columns: [{ name: 'user_id' }] }),
      look: () => database.indexes(),
      back: 'as before',
    },
    {
      kind: 'drop-index',
      on: 'PostgreSQL',
      params: async () => {
        await database.query('create index spare on payments (user_id, state)');
        return { database: 'payments', index: 'spare' };
      },
      look: () => database.indexes(),
      back: 'as before',
    },
    {
      kind: 'flush-cache',
      on: 'Redis',
      params: async () => {
        await fillCache(cache);
        return { cache: 'sessions', pattern: 'session:*' };
      },
      look: keyBytes,
      back: 'as before',
    },
    {
      kind: 'restart-service',
      on: 'a container',
      params: () => ({ workload: 'container' }),
      look: async () => (await container.inspect()).State.StartedAt,
      back: null,
    },
    {
      kind: 'restart-service',
      on: 'a deployment behind a stand-in for the Kubernetes API',
      params: () => ({ workload: 'pods' }),
      look: async () => cluster.restarts(),
      back: null,
    },
    {
      kind: 'run-runbook',
      on: 'the machine',
      params: () => {
        writeFileSync(level, 'normal');
        return { runbook: 'set-level', arguments: { level: 'debug' } };
      },
      look: async () => readFileSync(level, 'utf8'),
      back: 'as before',
    },
  ];

  it.each(scenes)('$kind on $on is approved, done, checked and taken back', async (scene) => {
    const params = await scene.params();
    const before = await scene.look();
    const plan = await carryOut(scene.kind, params);

    expect(plan.body.remedies[0]?.preview.summary).not.toBe('');
    const during = await scene.look();
    expect(during).not.toEqual(before);
    expect(await checksOf(plan)).toEqual(['holds']);

    await takeBack(plan);
    expect(await scene.look()).toEqual(scene.back === null ? during : before);
  });

  it('warm-cache brings back what a flush removed, and goes again', async () => {
    await fillCache(cache);
    const flush = await carryOut('flush-cache', { cache: 'sessions', pattern: 'session:*' });
    const execution = await flow.record.executions.ofPlan(flush.id);
    const from = execution?.steps[0]?.receipt?.data['record'] ?? null;
    const warm = await carryOut('warm-cache', { cache: 'sessions', from });

    expect(await sessions()).toHaveLength(3);
    await takeBack(warm);
    expect(await sessions()).toEqual([]);
  });

  it('nobody was handed a credential: not the record, not the room', async () => {
    const incidents = await flow.record.incidents.recent(50);
    const said = await Promise.all(
      incidents.map(async ({ id }) => [
        await flow.record.plans.ofIncident(id),
        await flow.record.executions.ofIncident(id),
        await flow.record.timeline.ofIncident(id),
        await flow.record.outbox.ofIncident(id),
      ]),
    );
    const text = JSON.stringify(said);
    expect(incidents.length).toBeGreaterThan(0);
    for (const secret of [clusterToken, password, cachePassword, scratchToken]) {
      expect(text).not.toContain(secret);
    }
  });
});

const setter = "require('node:fs').writeFileSync(process.argv[1], process.argv[2])";

const fix = [
  '--- a/src/price.js',
  '+++ b/src/price.js',
  '@@ -1 +1 @@',
  '-export const total = (price, count) => price + count;',
  '+export const total = (price, count) => price * count;',
  '',
].join('\n');

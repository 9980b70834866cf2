import Docker from 'dockerode';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sandboxImage } from '../../setup/sandbox-image.mjs';
import { createDockerWorkloads } from '../../src/adapters/docker/workloads.ts';
import type { Service } from '../../src/domain/service.ts';
import type { Remedy } from '../../src/ports/remedy.ts';
import { createRestartService } from '../../src/remedies/restart-service/restart-service.ts';
import type { Tools } from '../../src/remedies/tools.ts';
import { aService } from '../support/builders.ts';
import { type CuttingProxy, startCuttingProxy } from '../support/cutting-proxy.ts';
import { describeRemedy, remedyContext } from './remedy-contract.ts';

const image = process.env['SANDBOX_IMAGE'] || sandboxImage;
const docker = new Docker();
const containers: Docker.Container[] = [];
let proxy: CuttingProxy;
let remedy: Remedy;

/** A program that ends at once when it is told to, and says so when it is up. */
const program = `process.on('SIGTERM', () => process.exit(0)); setInterval(() => {}, 1e6); console.log('up');`;

async function startContainer(more: Docker.ContainerCreateOptions = {}): Promise<Docker.Container> {
  const container = await docker.createContainer({
    Image: image,
    Cmd: ['node', '-e', program],
    Labels: { 'warroom-test': 'restart' },
    StopTimeout: 1,
    HostConfig: { NetworkMode: 'none', AutoRemove: false },
    ...more,
  });
  containers.push(container);
  await container.start();
  return container;
}

const serviceOf = (container: Docker.Container): Service =>
  aService({ name: 'orders', workloads: [{ name: 'api', docker: { container: container.id } }] });

/** Starts of the container, by what the engine remembers. */
async function startsOf(container: Docker.Container): Promise<number> {
  const stream = await docker.getEvents({
    since: 0,
    until: Date.now() / 1000,
    filters: { container: [container.id], event: ['start'] },
  });
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  return text.split('\n').filter((line) => line.includes('"start"')).length;
}

let shared: Docker.Container;

beforeAll(async () => {
  proxy = await startCuttingProxy({ path: '/var/run/docker.sock' });
  const engine = { protocol: 'http' as const, host: '127.0.0.1', port: proxy.port };
  const workloads = createDockerWorkloads({ engine, settleMs: 200, readyTimeoutMs: 3_000 });
  remedy = createRestartService({ workloads } as Tools);
  shared = await startContainer();
});
afterAll(async () => {
  for (const container of containers) await container.remove({ force: true, v: true });
  await proxy?.stop();
});

describeRemedy('restart-service on a real container', async () => {
  if (!(await shared.inspect()).State.Running) await shared.start();
  return {
    remedy,
    service: serviceOf(shared),
    params: { workload: 'api' },
    look: async () => {
      const { State, Image } = await shared.inspect();
      return { startedAt: State.StartedAt, running: State.Running, Image };
    },
    effects: () => startsOf(shared),
    moveWorld: () => shared.restart(),
    async loseReply() {
      proxy.loseAnswerTo('/restart');
    },
    nothingToUndo: true,
    secrets: [],
    nonsense: ['orders', '/api', 7, null, ['api']].map((workload) => ({ workload })),
    async close() {},
  };
});

describe('restarting a container', () => {
  const calm = AbortSignal.timeout(110_000);

  async function plan(service: Service) {
    const seen = await remedy.preview(service, { workload: 'api' }, calm);
    if (!seen.possible) throw new Error(seen.reason);
    return seen;
  }
  const context = remedyContext('own', 'apply');

  it('shows that nobody answers meanwhile, and that Docker cannot rehearse', async () => {
    const { planned, facts } = await plan(serviceOf(shared));

    expect(planned.preview.summary).toMatch(/1 of 1 replica ready now, and it stops first\.$/);
    expect(planned.preview.diff).toBe(`docker restart ${shared.id}`);
    expect(planned.preview.notes.join('\n')).toMatch(/have 1 s to end.*nobody answers until it is up/s);
    expect(planned.preview.notes.join('\n')).toContain('no dry run');
    expect(facts).toMatchObject({ base: 'medium', reversible: 'partial' });
  });

  it('starts one that is down, once', async () => {
    const container = await startContainer();
    await container.stop();
    const { planned } = await plan(serviceOf(container));

    const applied = await remedy.apply(serviceOf(container), planned, context, calm);

    expect(applied).toMatchObject({ applied: true, receipt: { data: { ready: 1, wanted: 1 } } });
    expect(await startsOf(container)).toBe(2);
  });

  it('waits for the health check, and says when it never passes', async () => {
    const health = { Interval: 200_000_000, Timeout: 1_000_000_000, Retries: 1, StartPeriod: 0 };
    const healthy = await startContainer({ Healthcheck: { ...health, Test: ['CMD', 'true'] } });
    const sick = await startContainer({ Healthcheck: { ...health, Test: ['CMD', 'false'] } });
    const outcomes: unknown[] = [];

    for (const container of [healthy, sick]) {
      const service = serviceOf(container);
      const { planned } = await plan(service);
      const applied = await remedy.apply(service, planned, context, calm);
      if (!applied.applied) throw new Error(applied.reason);
      outcomes.push((await remedy.verify(service, planned, applied.receipt, calm)).state);
    }

    expect(outcomes).toEqual(['holds', 'broken']);
  });

  it('says that one which ends by itself does not serve', async () => {
    const container = await startContainer({ Cmd: ['sh', '-c', 'exit 1'] });
    await container.wait();
    const { planned } = await plan(serviceOf(container));

    const patient = createRestartService({
      workloads: createDockerWorkloads({ settleMs: 1_500, readyTimeoutMs: 3_000 }),
    } as Tools);

    const applied = await patient.apply(serviceOf(container), planned, context, calm);

    expect(applied).toMatchObject({ applied: true, receipt: { data: { ready: 0, wanted: 1 } } });
  });

  it('offers nothing for a container that is paused or not there', async () => {
    const container = await startContainer();
    await container.pause();
    const paused = await remedy.preview(serviceOf(container), { workload: 'api' }, calm);
    await container.unpause();
    const gone = aService({
      name: 'orders',
      workloads: [{ name: 'api', docker: { container: 'no-such-one' } }],
    });

    expect(paused).toMatchObject({ possible: false, reason: expect.stringContaining('paused') });
    expect(await remedy.preview(gone, { workload: 'api' }, calm)).toMatchObject({
      possible: false,
      reason: expect.stringContaining('no container no-such-one'),
    });
  });
});

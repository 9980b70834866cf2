import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import Docker from 'dockerode';
import { afterEach, describe, expect, it } from 'vitest';
import type { DockerSandboxOptions } from '../../src/adapters/docker/docker-sandboxes.ts';
import { createEngine } from '../../src/adapters/docker/sandbox/provider/engine.ts';
import { ownOwner } from '../../src/adapters/docker/sandbox/provider/owner.ts';
import { sweepEngine } from '../../src/adapters/docker/sandbox/provider/sweep-engine.ts';
import { trialPrefix } from '../../src/adapters/docker/sandbox/workspace/choose-backend.ts';
import { createTarBackend } from '../../src/adapters/docker/sandbox/workspace/tar-backend.ts';
import type { DockerHost } from '../../src/config/docker-hosts.ts';
import type { Sandbox, SandboxProvider, SandboxSpec } from '../../src/ports/sandbox.ts';
import { docker, houseImages, leftoversOf, openDockerHouse } from '../support/docker-house.ts';
import { type EngineProxy, startEngineProxy } from '../support/engine-proxy.ts';
import { startRefusingEngine } from '../support/refusing-engine.ts';

const calm = AbortSignal.timeout(250_000);
const usual = { timeoutMs: 20_000, outputBytes: 4_096 };
const here: DockerHost = { kind: 'unix', name: 'unix:///var/run/docker.sock', path: '/var/run/docker.sock' };
const quick = { calmMs: 1, lookMs: 50 };

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

function open(options: Partial<DockerSandboxOptions> = {}): SandboxProvider {
  const { provider } = openDockerHouse({ chooseBackend: async () => createTarBackend(), ...options });
  closing.push(() => provider.close());
  return provider;
}

function spec(incidentId = 'i1'): SandboxSpec {
  const workspace = mkdtempSync(path.join(os.tmpdir(), 'warroom-workspace-'));
  closing.push(async () => rmSync(workspace, { recursive: true, force: true }));
  return { incidentId, service: 'billing', language: 'node', workspace };
}

async function openOne(provider: SandboxProvider, incidentId?: string): Promise<Sandbox> {
  const sandbox = await provider.open(spec(incidentId), calm);
  closing.push(() => sandbox.close());
  return sandbox;
}

/** Containers of this process, as `running` and `paused`. */
async function waiting(): Promise<string> {
  const found = await docker.listContainers({
    all: true,
    filters: { label: [`dev.warroom.sandbox.owner-pid=${process.pid}`] },
  });
  return found
    .map(({ State }) => State)
    .sort()
    .join(' ');
}
const until = (state: string) => expect.poll(waiting, { timeout: 20_000, interval: 50 }).toBe(state);
const nothingIsLeft = () =>
  expect.poll(() => leftoversOf(process.pid, ownOwner().startedAt), { timeout: 20_000 }).toEqual([]);

describe('a warm pool', () => {
  it('keeps one running and one paused after the first sandbox, hands out each once, and gives them back', async () => {
    const provider = open({ warm: quick });
    expect(await waiting()).toBe('');
    const first = await openOne(provider);
    await until('paused running running');

    const second = await openOne(provider);
    await first.run(['/bin/sh', '-c', 'echo left > /tmp/left'], usual, calm);
    const ids = [first.id, second.id];
    await first.close();
    await second.close();
    await until('paused running');
    const third = await openOne(provider);
    const { output } = await third.run(['ls', '/tmp'], usual, calm);

    expect([...ids, third.id]).toHaveLength(new Set([...ids, third.id]).size);
    expect(output).toBe('');
    await third.close();
    await provider.close();
    await nothingIsLeft();
  });

  it('replaces what died while it waited', async () => {
    const provider = open({ warm: { ...quick, lookMs: 3_600_000 } });
    await (await openOne(provider)).close();
    await until('paused running');
    for (const { Id } of await docker.listContainers({
      filters: { label: [`dev.warroom.sandbox.owner-pid=${process.pid}`] },
    })) {
      await docker.getContainer(Id).remove({ force: true });
    }

    const sandbox = await openOne(provider);

    expect(await sandbox.run(['echo', 'alive'], usual, calm)).toMatchObject({ output: 'alive\n' });
    await until('paused running running');
  });

  it('gives back by itself what nobody has needed for long, and replaces what is old', async () => {
    const provider = open({ warm: { ...quick, idleMs: 1_500, mostAgeMs: 60_000 } });
    await (await openOne(provider)).close();
    await until('paused running');

    await nothingIsLeft();
    const again = await openOne(provider);
    expect((await again.run(['true'], usual, calm)).exitCode).toBe(0);
  });
});

describe('several engines (the second is another address of the first)', () => {
  async function two(
    more: Partial<DockerSandboxOptions> = {},
  ): Promise<{ provider: SandboxProvider; second: EngineProxy }> {
    const second = await startEngineProxy();
    closing.push(() => second.stop());
    return { provider: open({ hosts: [here, second.host], warm: { ...quick, paused: 0 }, ...more }), second };
  }

  it('get sandboxes in turn, the least loaded first', async () => {
    const { provider, second } = await two({ mostOpen: 1 });
    const one = await openOne(provider);
    const before = second.requests;

    const other = await openOne(provider);

    expect(second.requests).toBeGreaterThan(before);
    expect((await one.run(['true'], usual, calm)).exitCode).toBe(0);
    expect((await other.run(['true'], usual, calm)).exitCode).toBe(0);
  });

  it('are left out while they give no answer, and are back afterwards', async () => {
    const { provider, second } = await two({ mostOpen: 1 });
    await second.leave();
    expect(await provider.unavailable(calm)).toBeNull();
    const only = await openOne(provider);
    const waits = provider.open(spec('i2'), calm);
    let isOpen = false;
    void waits.then(() => {
      isOpen = true;
    });
    expect((await only.run(['sleep', '0.5'], usual, calm)).exitCode).toBe(0);
    expect(isOpen).toBe(false);

    await second.comeBack();
    // Whoever asks next finds it again.
    const askAgain = async (): Promise<boolean> => {
      await provider.unavailable(calm);
      return isOpen;
    };
    await expect.poll(askAgain, { timeout: 20_000, interval: 100 }).toBe(true);
    await (await waits).close();
  });

  it('say so when none answers, and open again when one does', async () => {
    const proxy = await startEngineProxy();
    closing.push(() => proxy.stop());
    const provider = open({ hosts: [proxy.host] });
    await proxy.leave();

    expect(await provider.unavailable(calm)).toMatch(/no answer at tcp:.*ECONNREFUSED.*docker info/);
    await expect(provider.open(spec(), calm)).rejects.toMatchObject({ code: 'sandbox_unavailable' });
    await expect(provider.sweep(calm)).rejects.toMatchObject({ code: 'sandbox_unavailable' });

    await proxy.comeBack();
    await expect.poll(() => provider.unavailable(calm), { timeout: 20_000 }).toBeNull();
    expect((await (await openOne(provider)).run(['true'], usual, calm)).exitCode).toBe(0);
  });
});

describe('an engine of several that lacks something', () => {
  async function refusing(refuse: (method: string, url: string) => number | null): Promise<DockerHost> {
    const engine = await startRefusingEngine(refuse);
    closing.push(() => engine.stop());
    return engine.host;
  }
  const slotsTaken = (method: string, url: string): number | null =>
    method === 'POST' && url.includes('/containers/create') ? 409 : null;
  const withRedis: SandboxSpec['sideCars'] = [{ kind: 'redis' }];

  it('is passed over when others have all of its slots, and says so when it is alone', async () => {
    const host = await refusing(slotsTaken);
    const alone = open({ hosts: [host], warm: { paused: 0 } });
    await expect(alone.open(spec(), calm)).rejects.toMatchObject({
      code: 'sandbox_unavailable',
      message: 'All 64 places for sandboxes of this Docker engine are taken.',
      hint: expect.stringContaining('more engines'),
    });

    const both = open({ hosts: [host, here], warm: { paused: 0 } });
    expect((await (await openOne(both)).run(['true'], usual, calm)).exitCode).toBe(0);
    expect((await (await openOne(both)).run(['true'], usual, calm)).exitCode).toBe(0);
  });

  it('is passed over when it lacks the image of a side-car, which is said before anything is opened', async () => {
    const lacking = await refusing((_method, url) => (url.includes('sandbox-redis') ? 404 : null));
    const both = open({ hosts: [lacking, here], warm: { paused: 0 } });
    const sandbox = await both.open({ ...spec(), sideCars: withRedis }, calm);
    closing.push(() => sandbox.close());
    const ask = `require('net').connect(6379, '127.0.0.1').on('connect', () => { console.log('there'); process.exit(); })`;
    expect((await sandbox.run(['node', '-e', ask], usual, calm)).output).toBe('there\n');

    const alone = open({ hosts: [lacking] });
    await expect(alone.open({ ...spec(), sideCars: withRedis }, calm)).rejects.toMatchObject({
      name: 'SideCarUnavailable',
      kind: 'redis',
      message: expect.stringContaining('sandbox-redis'),
    });
    const none = open({ sideCarImages: {} });
    await expect(none.open({ ...spec(), sideCars: withRedis }, calm)).rejects.toMatchObject({
      kind: 'redis',
    });
    expect(await alone.unavailable(calm)).toBeNull();
  });
});

describe('places for sandboxes', () => {
  it('are given to incidents in turn when all are taken', async () => {
    const provider = open({ mostOpen: 1 });
    const first = await openOne(provider, 'a');
    const order: string[] = [];
    const opening = ['a', 'a', 'b', 'b'].map(async (incidentId) => {
      const sandbox = await provider.open(spec(incidentId), calm);
      order.push(incidentId);
      await sandbox.close();
    });
    await first.close();
    await Promise.all(opening);

    expect(order.join('')).toMatch(/^(abab|baba)$/);
  });

  it('are refused to the incident that asks too much, which says so, and to no other', async () => {
    const provider = open({ mostOpen: 1, mostWaitingPerIncident: 1 });
    const only = await openOne(provider, 'greedy');
    const opening = ['greedy', 'greedy'].map((incidentId) => openOne(provider, incidentId));

    // Which of the two comes first is not said.
    await expect(Promise.race(opening)).rejects.toMatchObject({
      code: 'sandbox_unavailable',
      message: 'All 1 places for sandboxes are taken, and too many wait for one already.',
    });
    const quiet = openOne(provider, 'quiet');
    await only.close();
    await (await Promise.any(opening)).close();
    expect((await (await quiet).run(['true'], usual, calm)).exitCode).toBe(0);
  });

  it('are waited for only so long, and given up without a trace', async () => {
    const provider = open({ mostOpen: 1, mostWaitMs: 300 });
    const only = await openOne(provider);

    await expect(provider.open(spec('i2'), calm)).rejects.toMatchObject({
      code: 'sandbox_unavailable',
      message: expect.stringContaining('places'),
    });
    await only.close();
    expect((await (await openOne(provider)).run(['true'], usual, calm)).exitCode).toBe(0);
  });
});

it('sweeps trials of a workspace that carry no owner, once they are old', async () => {
  const names = ['old', 'young'].map((age) => `${trialPrefix}${age}-${randomBytes(6).toString('hex')}`);
  const [old = '', young = ''] = names;
  for (const name of names) {
    const container = await docker.createContainer({ name, Image: houseImages.node, Cmd: ['true'] });
    closing.push(() => container.remove({ force: true }).catch(() => undefined));
  }
  // The age of a container cannot be chosen, only what is said of it.
  const aged = Object.assign(new Docker(), {
    listContainers: async (options: Docker.ContainerListOptions) =>
      (await docker.listContainers(options)).map((one) =>
        one.Names.includes(`/${old}`) ? { ...one, Created: one.Created - 11 * 60 } : one,
      ),
  });
  const engine = createEngine({ name: 'here', isLocal: true, connect: () => aged }, { images: {} });

  await sweepEngine({ engine, removeLeftovers: async () => 0, backend: async () => null }, calm);

  const left = await docker.listContainers({ all: true, filters: { name: names } });
  expect(left.map(({ Names }) => Names[0])).toEqual([`/${young}`]);
});

describe('where no sandbox can be had', () => {
  const refusal = async (provider: SandboxProvider): Promise<string> => {
    const said = await provider.unavailable(calm);
    const error = await provider.open(spec(), calm).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'sandbox_unavailable', retryable: true });
    expect(said).toBe(`${(error as Error).message} ${(error as { hint: string }).hint}`);
    return said ?? '';
  };

  it('says what to do when the disk or the memory of the machine is nearly full', async () => {
    const none = { diskBytes: 0, memoryBytes: 0 };
    const huge = Number.MAX_SAFE_INTEGER;

    expect(await refusal(open({ watermarks: { ...none, diskBytes: huge } }))).toMatch(
      /disk of Docker \(\/.*nearly full/,
    );
    expect(await refusal(open({ watermarks: { ...none, memoryBytes: huge } }))).toMatch(/short of memory/);
    const watch = { 'the work folder': os.tmpdir() };
    expect(await refusal(open({ watermarks: { ...none, diskBytes: huge }, watch }))).toContain(
      'the work folder',
    );
  });

  it('says what to do without the image, the runtime, the memory or any image at all', async () => {
    expect(await refusal(open({ images: { node: 'warroom/none:1' } }))).toMatch(
      /warroom\/none:1.*npm run images/,
    );
    expect(await refusal(open({ runtime: 'no-such-runtime' }))).toMatch(/no runtime no-such-runtime.*runc/);
    expect(await refusal(open({ limits: { memoryBytes: 2 ** 50 } }))).toMatch(/more than the machine/);
    expect(await open({ images: {} }).unavailable(calm)).toContain('npm run images');
  });
});

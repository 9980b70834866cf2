import Docker from 'dockerode';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeOwner } from '../../src/adapters/kubernetes/sandbox/pod-labels.ts';
import type { Sandbox, SandboxProvider } from '../../src/ports/sandbox.ts';
import type { SandboxJob } from '../support/kubernetes-job-schema.ts';
import { clusterLabel } from '../support/kubernetes-pods.ts';
import { type KubernetesSandboxApi, startKubernetesSandboxApi } from '../support/kubernetes-sandbox-api.ts';
import {
  makeWorkspace,
  removeWorkspace,
  sandboxesOn,
  sideCarImages,
  specOf,
  token,
} from './kubernetes-sandbox-house.ts';

const docker = new Docker();
const options = { timeoutMs: 20_000, outputBytes: 64 * 1024 };
const mib = 1024 * 1024;

describe('sandboxes on a cluster', () => {
  let api: KubernetesSandboxApi;
  let sandboxes: SandboxProvider;
  let workspace: string;
  let signal: AbortSignal;

  beforeEach(async () => {
    api = await startKubernetesSandboxApi(token);
    sandboxes = sandboxesOn(api);
    workspace = makeWorkspace();
    signal = AbortSignal.timeout(60_000);
  });
  afterEach(async () => {
    await sandboxes.close();
    await api.stop();
    expect(await containers()).toBe(0);
    removeWorkspace(workspace);
    expect(api.violations).toEqual([]);
  });

  const open = (provider = sandboxes): Promise<Sandbox> => provider.open(specOf(workspace), signal);
  const containers = async (): Promise<number> => {
    const filters = { label: [`${clusterLabel}=${api.id}`] };
    return (await docker.listContainers({ all: true, filters })).length;
  };

  it('are rehearsed with the API server before anybody relies on them', async () => {
    expect(await sandboxes.unavailable(signal)).toBeNull();
    expect(api.log).toEqual(['POST jobs dry-run']);
    expect(api.jobs.size).toBe(0);
  });

  it.each([
    [
      'no policy denies anything',
      (one: KubernetesSandboxApi) => one.policies.splice(0),
      'no network policy that denies all ingress',
    ],
    [
      'a policy denies what comes in alone',
      (one: KubernetesSandboxApi) =>
        one.policies.splice(0, 1, {
          metadata: { name: 'in' },
          spec: { podSelector: {}, policyTypes: ['Ingress'] },
        }),
      'no network policy that denies all egress',
    ],
    [
      'another policy allows what one denies',
      (one: KubernetesSandboxApi) =>
        one.policies.push({
          metadata: { name: 'allow-dns' },
          spec: { podSelector: {}, policyTypes: ['Egress'], egress: [{}] },
        }),
      'network policy allow-dns of namespace warroom-sandboxes allows egress',
    ],
    [
      'the policy is for other pods',
      (one: KubernetesSandboxApi) =>
        one.policies.splice(0, 1, {
          metadata: { name: 'web' },
          spec: { podSelector: { matchLabels: { app: 'web' } }, policyTypes: ['Ingress', 'Egress'] },
        }),
      'no network policy that denies all ingress',
    ],
    [
      'pods are not held to pod security',
      (one: KubernetesSandboxApi) => {
        one.namespaceLabels['pod-security.kubernetes.io/enforce'] = 'baseline';
      },
      'does not enforce pod security "restricted" (it has "baseline")',
    ],
  ])('are refused where %s', async (_case, change, reason) => {
    change(api);

    expect(await sandboxes.unavailable(signal)).toContain(reason);
    await expect(open()).rejects.toMatchObject({
      code: 'sandbox_unavailable',
      message: expect.stringContaining(reason),
    });
    expect(api.jobs.size).toBe(0);
  });

  it('are refused where policies are there and nobody heeds them, and the pod goes', async () => {
    api.faults.ignorePolicies = true;

    await expect(open()).rejects.toMatchObject({
      code: 'sandbox_unavailable',
      message: expect.stringContaining('does not enforce network policies'),
    });
    expect(api.jobs.size).toBe(0);
    expect(await containers()).toBe(0);
  });

  it('run as users that no other pod has, also of another process, until there is none left', async () => {
    const few = { uids: { first: 10_100, count: 3 } };
    const [one, other] = [sandboxesOn(api, few), sandboxesOn(api, few)];
    const first = await open(one);
    const opened = [first, ...(await Promise.all([open(one), open(one)]))];
    const uidOf = async (sandbox: Sandbox): Promise<string> =>
      (await sandbox.run(['id', '-u'], options, signal)).output.trim();

    expect((await Promise.all(opened.map(uidOf))).sort()).toEqual(['10100', '10101', '10102']);
    await expect(open(other)).rejects.toMatchObject({
      code: 'sandbox_unavailable',
      message: expect.stringContaining('are taken'),
    });

    const freed = await uidOf(first);
    await first.close();
    const next = await open(other);
    expect(await uidOf(next)).toBe(freed);
    await Promise.all([one.close(), other.close()]);
  });

  it('tell why no node takes the pod, why a pod is refused, and which image is missing', async () => {
    api.faults.unschedulable = '0/3 nodes are available: 3 Insufficient memory.';
    const hasty = sandboxesOn(api, { startTimeoutMs: 300 });
    await expect(open(hasty)).rejects.toMatchObject({
      code: 'sandbox_unavailable',
      message: expect.stringContaining('3 Insufficient memory'),
    });

    api.faults.unschedulable = null;
    api.faults.refusePods = 'exceeded quota: sandboxes, requested: pods=1, used: pods=20, limited: pods=20';
    await expect(open()).rejects.toMatchObject({ message: expect.stringContaining('exceeded quota') });

    api.faults.refusePods = null;
    const missing = sandboxesOn(api, { images: { node: 'warroom/none:1' } });
    await expect(open(missing)).rejects.toMatchObject({
      message: expect.stringMatching(/ImagePullBackOff, image warroom\/none:1/),
    });
    await expect(sandboxes.open(specOf(workspace, { language: 'cobol' }), signal)).rejects.toMatchObject({
      code: 'sandbox_unavailable',
      message: expect.stringContaining('cobol'),
    });
    expect(api.jobs.size).toBe(0);
  });

  it('say what to do where the cluster does not answer or does not know the token', async () => {
    api.faults.status = 503;
    expect(await sandboxes.unavailable(signal)).toContain('cannot answer now (HTTP 503)');
    api.faults.status = 401;
    expect(await sandboxes.unavailable(signal)).toContain('does not accept our token');
    await expect(open()).rejects.toMatchObject({ code: 'sandbox_unavailable' });
  });

  it('leave no job when the answer to its making is lost, or opening is given up', async () => {
    api.faults.loseCreate = true;
    await expect(open()).rejects.toMatchObject({ code: 'sandbox_unavailable' });
    expect(api.jobs.size).toBe(0);

    api.faults.unschedulable = 'none';
    const caller = new AbortController();
    const opening = sandboxes.open(specOf(workspace), caller.signal);
    await expect.poll(() => api.jobs.size).toBe(1);
    caller.abort(new Error('never mind'));

    await expect(opening).rejects.toThrow('never mind');
    expect(api.jobs.size).toBe(0);
  });

  it('refuse a workspace that is too large before a job is made', async () => {
    const small = sandboxesOn(api, { limits: { workFiles: 0 } });

    await expect(open(small)).rejects.toMatchObject({ code: 'workspace_too_large' });
    expect(api.log).toEqual([]);
  });

  it('are lost with their pod, whatever took it', async () => {
    const sandbox = await open();
    const running = sandbox.run(['sleep', '600'], options, signal);
    running.catch(() => undefined);
    await expect.poll(() => api.log.filter((line) => line === 'exec cell').length).toBeGreaterThan(2);

    await api.evict(sandbox.id);

    await expect(running).rejects.toMatchObject({ code: 'sandbox_lost' });
    await expect(sandbox.run(['true'], options, signal)).rejects.toMatchObject({ code: 'sandbox_lost' });
    await sandbox.close();
    await expect(sandbox.run(['true'], options, signal)).rejects.toMatchObject({ code: 'sandbox_lost' });
    expect(api.jobs.size).toBe(0);
  });

  it('end a command whose connection was cut, and can be used again', async () => {
    const sandbox = await open();
    const running = sandbox.run(['sleep', '4242'], options, signal);
    running.catch(() => undefined);
    await expect.poll(() => api.log.filter((line) => line === 'exec cell').length).toBeGreaterThan(2);

    api.cut();

    await expect(running).rejects.toMatchObject({ code: 'sandbox_unavailable' });
    const { output } = await sandbox.run(['ps'], options, signal);
    expect(output).not.toContain('4242');
  }, 30_000);

  it('name memory as the reason when all of the container dies of it', async () => {
    api.faults.groupOom = true;
    const sandbox = await open();

    const result = await sandbox.run(['tail', '/dev/zero'], options, signal);

    expect(result).toMatchObject({ reason: 'out-of-memory', exitCode: 137 });
    await expect(sandbox.run(['true'], options, signal)).rejects.toMatchObject({ code: 'sandbox_lost' });
  });

  it('need a server that can end the input of a command', async () => {
    api.faults.protocol = 'v4.channel.k8s.io';

    await expect(open()).rejects.toMatchObject({
      code: 'sandbox_unavailable',
      hint: expect.stringContaining('1.30'),
    });
    expect(api.jobs.size).toBe(0);
  });

  it('wait for their turn where all places are taken', async () => {
    const one = sandboxesOn(api, { mostOpen: 1, mostWaitMs: 400 });
    const first = await open(one);

    await expect(open(one)).rejects.toMatchObject({ code: 'sandbox_unavailable' });
    const waiting = open(sandboxesOn(api, { mostOpen: 1 }));
    await (await waiting).close();
    await first.close();
    const next = await open(one);
    await next.close();
  });

  it('have beside them what they declare, on their loopback alone', async () => {
    const provider = sandboxesOn(api, { sideCarImages });
    const sideCars = [
      { kind: 'postgres', seed: 'create table item (id int); insert into item values (41), (42);' },
      { kind: 'redis' },
    ] as const;
    const sandbox = await provider.open(specOf(workspace, { sideCars }), signal);
    const script = `
      const net = require('node:net'), os = require('node:os');
      console.log(Object.keys(os.networkInterfaces()).join());
      const redis = net.connect(6379, '127.0.0.1', () => redis.write('PING\\r\\n'));
      redis.on('data', (data) => { console.log(String(data).trim()); redis.end(); });
      const postgres = net.connect(5432, '127.0.0.1', () => { console.log('postgres'); postgres.end(); });`;

    const { output } = await sandbox.run(['node', '-e', script], options, signal);

    expect(output.split('\n').filter(Boolean).sort()).toEqual(['+PONG', 'lo', 'postgres']);
    await sandbox.run(['/bin/sh', '-c', 'kill -9 -1'], options, signal);
    expect((await sandbox.run(['node', '-e', script], options, signal)).output).toContain('PONG');
    await expect(
      provider.open(
        specOf(workspace, { sideCars: [{ kind: 'postgres', seed: 'select no_such()' }] }),
        signal,
      ),
    ).rejects.toMatchObject({ code: 'sandbox_unavailable', message: expect.stringContaining('seed') });
    await sandbox.close();
    expect(api.jobs.size).toBe(0);
  }, 60_000);

  it('are swept when their owner is dead or their time is over; all others stay', async () => {
    const own = await open();
    const [made] = [...api.jobs.values()];
    if (made === undefined) throw new Error('no job');
    const leave = (name: string, host: string, pid: number, startedAt: string, inMs: number): SandboxJob => {
      const expires = new Date(Date.now() + inMs);
      const described = describeOwner({ host, pid, startedAt }, specOf(workspace), expires);
      return { ...made, metadata: { ...made.metadata, ...described, name } };
    };
    const here = made.metadata.annotations['sandbox.warroom.dev/owner-host-name'] ?? '';
    api.plant(leave('dead', here, 1, 'another boot', 60_000));
    api.plant(leave('over', 'another-machine', 1, 'x', -5_000));
    api.plant(leave('alive-elsewhere', 'another-machine', 1, 'x', 60_000));

    const swept = await sandboxes.sweep(signal);

    expect(swept).toBeGreaterThanOrEqual(2);
    expect([...api.jobs.keys()].sort()).toEqual(['alive-elsewhere', own.id].sort());
  });

  it('hold to the limits of the job', async () => {
    const sandbox = await open();
    const [pod] = api.pods;

    expect(pod?.spec.containers[0]?.resources.limits).toMatchObject({
      memory: String(320 * mib),
      cpu: '1000m',
    });
    const full = await sandbox.run(
      [
        '/bin/sh',
        '-c',
        'head -c 90000000 /dev/zero > /tmp/big; head -c 90000000 /dev/zero > big; cat /tmp/big | wc -c; cat big | wc -c',
      ],
      options,
      signal,
    );
    const [inTmp, inWork] = (full.output.match(/^\d+$/gm) ?? []).map(Number);
    expect(inTmp).toBe(32 * mib);
    expect(inWork).toBe(48 * mib);
  });
});

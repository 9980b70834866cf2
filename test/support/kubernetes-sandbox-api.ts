import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { V1NetworkPolicy, V1PodSpec } from '@kubernetes/client-node';
import Docker from 'dockerode';
import { z } from 'zod';
import { createExecServer } from './kubernetes-exec.ts';
import { type SandboxJob, sandboxJobSchema } from './kubernetes-job-schema.ts';
import { createKubelet, StandInPod } from './kubernetes-pods.ts';
import { breachesOfRestricted } from './pod-security.ts';
import { isAllowed, readSandboxManifest } from './sandbox-manifest.ts';

/**
 * A stand-in for the Kubernetes API, for want of a cluster on a test machine: its word is weaker than a cluster's. Real are
 * the containers of its pods (of the Docker engine, with the limits and the security context that a job asks for) and the
 * commands in them, over a real websocket. Played are scheduling, admission (the rules of pod security `restricted`, as the
 * documentation has them), garbage collection, RBAC (the token may do what the role of manifests/kubernetes/sandboxes.yaml
 * says) and network policies: pods have no network at all, or, when told so, one that no policy closes. Quotas are not. It
 * is strict where a server is lenient: paths, queries, content types and every field of a job must be what a sandbox sends;
 * all else is in `violations`.
 */
export interface KubernetesSandboxApi {
  readonly url: string;
  /** In the label of its containers and volumes. */
  readonly id: string;
  /** Requests that no sandbox should send. */
  readonly violations: readonly string[];
  /** `POST jobs`, `GET pods`, `exec cell`, in order. */
  readonly log: readonly string[];
  readonly jobs: ReadonlyMap<string, SandboxJob>;
  readonly pods: readonly StandInPod[];
  /** What an administrator changes. */
  readonly namespaceLabels: Record<string, string>;
  readonly policies: V1NetworkPolicy[];
  readonly faults: {
    /** Answered to everything. */
    status: number | null;
    /** The next job is made, and its answer is lost. */
    loseCreate: boolean;
    /** No node takes pods, for this reason. */
    unschedulable: string | null;
    /** The job's pod is refused, for this reason. */
    refusePods: string | null;
    /** The network plugin knows no policies. */
    ignorePolicies: boolean;
    /** A container dies as a whole when one of its processes is out of memory: kubelets on cgroup v2. */
    groupOom: boolean;
    protocol: string;
  };
  /** Adds a job that somebody else made, without a pod. */
  plant(job: SandboxJob): void;
  /** The node takes the pod away. */
  evict(job: string): Promise<void>;
  /** Cuts the connections of all commands. */
  cut(): void;
  stop(): Promise<void>;
}

export async function startKubernetesSandboxApi(
  token: string,
  namespace = 'warroom-sandboxes',
): Promise<KubernetesSandboxApi> {
  const docker = new Docker();
  const violations: string[] = [];
  const log: string[] = [];
  const jobs = new Map<string, SandboxJob>();
  const pods: StandInPod[] = [];
  const events: { job: string; reason: string; message: string }[] = [];
  const manifest = readSandboxManifest();
  const namespaceLabels: Record<string, string> = { ...manifest.namespace.metadata?.labels };
  const policies = [...manifest.policies];
  const faults: KubernetesSandboxApi['faults'] = {
    status: null,
    loseCreate: false,
    unschedulable: null,
    refusePods: null,
    ignorePolicies: false,
    groupOom: false,
    protocol: 'v5.channel.k8s.io',
  };
  const id = randomUUID();
  const kubelet = createKubelet({
    cluster: id,
    docker,
    podPidsLimit: 400,
    ignoresPolicies: () => faults.ignorePolicies,
  });
  const execs = createExecServer(() => faults.protocol);
  const working = new Set<Promise<void>>();
  const core = `/api/v1/namespaces/${namespace}`;
  const batch = `/apis/batch/v1/namespaces/${namespace}/jobs`;

  /** What the job controller and the scheduler do. */
  function makePod({ metadata, spec }: SandboxJob): void {
    const { metadata: meta, spec: podSpec } = spec.template;
    const breaches = breachesOfRestricted(podSpec as V1PodSpec);
    const refusal =
      breaches.length > 0
        ? `violates PodSecurity "restricted:latest": ${breaches.join(', ')}`
        : faults.refusePods;
    if (refusal !== null) {
      const message = `Error creating: pods "${metadata.name}" is forbidden: ${refusal}`;
      events.push({ job: metadata.name, reason: 'FailedCreate', message });
      return;
    }
    const pod = new StandInPod(metadata.name, podSpec, meta.labels);
    pods.push(pod);
    if (faults.unschedulable !== null) return;
    const start: Promise<void> = kubelet
      .start(pod)
      .catch((error: unknown) => violations.push(`a pod did not start: ${String(error)}`))
      .then(() => void working.delete(start));
    working.add(start);
  }

  async function removePods(job: string): Promise<void> {
    for (const pod of pods.filter((one) => one.job === job)) {
      await kubelet.kill(pod);
      pods.splice(pods.indexOf(pod), 1);
    }
  }

  function create(url: URL, text: string, refuse: Refuse, response: ServerResponse) {
    const rehearsal = url.searchParams.get('dryRun');
    const query = {
      fieldManager: 'warroom',
      fieldValidation: 'Strict',
      ...(rehearsal === null ? {} : { dryRun: 'All' }),
    };
    if (!sameQuery(url, query)) return refuse(400, `query ${url.search}`, true);
    const parsed = sandboxJobSchema.safeParse(JSON.parse(text));
    if (!parsed.success) return refuse(422, z.prettifyError(parsed.error), true);
    const job = parsed.data;
    if (job.metadata.namespace !== namespace)
      return refuse(400, 'the namespace of the object does not match', true);
    if (jobs.has(job.metadata.name)) return refuse(409, `jobs.batch "${job.metadata.name}" already exists`);
    log.push(rehearsal === null ? 'POST jobs' : 'POST jobs dry-run');
    if (rehearsal === null) {
      jobs.set(job.metadata.name, job);
      makePod(job);
      if (faults.loseCreate) {
        faults.loseCreate = false;
        response.destroy();
        return;
      }
    }
    answer(response, 201, job);
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '', 'http://stand-in');
    const text = await readBody(request);
    const refuse: Refuse = (status, message, isViolation = false) => {
      if (isViolation) violations.push(`${request.method} ${request.url}: ${message}`);
      answer(response, status, {
        kind: 'Status',
        apiVersion: 'v1',
        status: 'Failure',
        message,
        code: status,
      });
    };
    if (request.headers.authorization !== `Bearer ${token}`) return refuse(401, 'Unauthorized');
    if (faults.status !== null) return refuse(faults.status, 'the server says so');
    const { pathname } = url;
    if (!isAllowed(manifest.role, request.method ?? '', pathname))
      return refuse(403, 'forbidden by the role', true);
    const route = `${request.method} ${pathname}`;
    const list = (kind: string, items: readonly object[]): void =>
      answer(response, 200, { kind: `${kind}List`, apiVersion: 'v1', metadata: {}, items });

    if (route === `POST ${batch}`) {
      if (request.headers['content-type'] !== 'application/json') return refuse(415, 'content type', true);
      return create(url, text, refuse, response);
    }
    if (route === `GET ${batch}`) {
      const [key = '', value] = (url.searchParams.get('labelSelector') ?? '').split('=');
      if (value === undefined || url.searchParams.size !== 1) return refuse(400, `query ${url.search}`, true);
      log.push('GET jobs');
      return list(
        'Job',
        [...jobs.values()].filter(({ metadata }) => metadata.labels[key] === value),
      );
    }
    if (request.method === 'DELETE' && pathname.startsWith(`${batch}/`)) {
      if (!sameQuery(url, { propagationPolicy: 'Background' }))
        return refuse(400, `query ${url.search}`, true);
      const name = pathname.slice(batch.length + 1);
      log.push('DELETE job');
      if (!jobs.delete(name)) return refuse(404, `jobs.batch "${name}" not found`);
      await removePods(name);
      return answer(response, 200, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success' });
    }
    if (route === `GET ${core}/pods`) {
      const [key = '', value] = (url.searchParams.get('labelSelector') ?? '').split('=');
      if (value === undefined || url.searchParams.size !== 1) return refuse(400, `query ${url.search}`, true);
      log.push('GET pods');
      return list(
        'Pod',
        pods.filter(({ labels }) => labels[key] === value).map((pod) => podOf(pod, faults)),
      );
    }
    if (request.method === 'GET' && pathname.startsWith(`${core}/pods/`) && url.search === '') {
      const pod = pods.find(({ name }) => name === pathname.slice(`${core}/pods/`.length));
      return pod === undefined ? refuse(404, 'pods not found') : answer(response, 200, podOf(pod, faults));
    }
    if (route === `GET ${core}/events`) {
      const job = /^involvedObject\.kind=Job,involvedObject\.name=(.+)$/.exec(
        url.searchParams.get('fieldSelector') ?? '',
      )?.[1];
      if (job === undefined) return refuse(400, `query ${url.search}`, true);
      return list(
        'Event',
        events.filter((event) => event.job === job),
      );
    }
    if (route === `GET ${core}` && url.search === '') {
      return answer(response, 200, {
        kind: 'Namespace',
        apiVersion: 'v1',
        metadata: { name: namespace, labels: namespaceLabels },
      });
    }
    if (
      route === `GET /apis/networking.k8s.io/v1/namespaces/${namespace}/networkpolicies` &&
      url.search === ''
    ) {
      return list('NetworkPolicy', policies);
    }
    refuse(404, 'the server could not find the requested resource', true);
  }

  function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer) {
    const url = new URL(request.url ?? '', 'http://stand-in');
    const refuse = (status: number, isViolation: boolean): void => {
      if (isViolation) violations.push(`exec ${request.url}`);
      socket.end(`HTTP/1.1 ${status} Refused\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
    };
    const name = /^([a-z0-9-]+)\/exec$/.exec(
      url.pathname.startsWith(`${core}/pods/`) ? url.pathname.slice(`${core}/pods/`.length) : '',
    )?.[1];
    if (request.headers.authorization !== `Bearer ${token}`) return refuse(401, false);
    if (faults.status !== null) return refuse(faults.status, false);
    if (name === undefined) return refuse(404, true);
    for (const method of ['GET', 'POST']) {
      if (!isAllowed(manifest.role, method, url.pathname)) return refuse(403, true);
    }
    const { container: wanted, stdin, stdout, stderr, tty, ...more } = Object.fromEntries(url.searchParams);
    const argv = url.searchParams.getAll('command');
    const isWellFormed =
      stdout === 'true' &&
      stderr === 'true' &&
      tty === 'false' &&
      (stdin === 'true' || stdin === 'false') &&
      Object.keys(more).join() === 'command' &&
      argv.length > 0;
    if (!isWellFormed || wanted === undefined) return refuse(400, true);
    const pod = pods.find((one) => one.name === name);
    const container = pod?.containers.get(wanted);
    const state = pod?.states.get(wanted);
    if (pod === undefined) return refuse(404, false);
    if (container === undefined || state === undefined || !('running' in state)) return refuse(400, false);
    log.push(`exec ${wanted}`);
    execs.serve({ request, socket, head }, container, { argv, stdin: stdin === 'true' }, async (exitCode) => {
      if (!faults.groupOom || exitCode !== 137) return;
      pod.reason = 'OOMKilled';
      await container.kill().catch(() => undefined);
    });
  }

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      violations.push(`${request.method} ${request.url}: ${String(error)}`);
      response.destroy();
    });
  });
  server.on('upgrade', upgrade);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    id,
    violations,
    log,
    jobs,
    pods,
    namespaceLabels,
    policies,
    faults,
    plant: (job) => void jobs.set(job.metadata.name, job),
    async evict(job) {
      for (const pod of pods.filter((one) => one.job === job)) {
        pod.reason = 'Evicted';
        for (const container of pod.containers.values()) await container.kill().catch(() => undefined);
        pod.phase = 'Failed';
      }
    },
    cut: () => execs.cut(),
    async stop() {
      execs.cut();
      server.closeAllConnections();
      server.close();
      await Promise.all(working);
      await kubelet.close();
    },
  };
}

type Refuse = (status: number, message: string, isViolation?: boolean) => void;

function podOf(pod: StandInPod, faults: KubernetesSandboxApi['faults']): object {
  const isStuck = faults.unschedulable !== null && pod.phase === 'Pending';
  const scheduled = isStuck
    ? { status: 'False', reason: 'Unschedulable', message: faults.unschedulable }
    : { status: 'True' };
  return {
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: { name: pod.name, uid: pod.uid, labels: pod.labels },
    spec: { ...pod.spec, ...(isStuck ? {} : { nodeName: 'node-1' }) },
    status: {
      phase: pod.phase,
      ...(pod.reason === undefined ? {} : { reason: pod.reason }),
      conditions: [{ type: 'PodScheduled', ...scheduled }],
      containerStatuses: isStuck
        ? []
        : pod.spec.containers.map(({ name, image }) => ({ name, image, state: pod.states.get(name) })),
    },
  };
}

function sameQuery(url: URL, wanted: Readonly<Record<string, string>>): boolean {
  const found = Object.fromEntries(url.searchParams);
  return (
    Object.keys(found).length === Object.keys(wanted).length &&
    Object.entries(wanted).every(([name, value]) => found[name] === value)
  );
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

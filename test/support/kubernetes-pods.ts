import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import type Docker from 'dockerode';
import { amountOf, type PodContainer, type PodSpec } from './kubernetes-job-schema.ts';

/** What a pod's container is, as its status tells. */
export type ContainerState =
  | { readonly waiting: { readonly reason: string; readonly message?: string } }
  | { readonly running: { readonly startedAt: string } }
  | { readonly terminated: { readonly reason: string; readonly exitCode: number } };

/** A pod whose containers are real ones of the Docker engine. */
export class StandInPod {
  readonly name: string;
  readonly job: string;
  readonly uid = randomUUID();
  readonly spec: PodSpec;
  readonly labels: Readonly<Record<string, string>>;
  readonly states = new Map<string, ContainerState>();
  readonly containers = new Map<string, Docker.Container>();
  phase: 'Pending' | 'Running' | 'Failed' = 'Pending';
  reason: string | undefined;
  isDeleted = false;

  constructor(job: string, spec: PodSpec, labels: Readonly<Record<string, string>>) {
    this.name = `${job}-${randomUUID().slice(0, 5)}`;
    this.job = job;
    this.spec = spec;
    this.labels = { ...labels, 'batch.kubernetes.io/job-name': job, 'job-name': job };
    for (const { name } of spec.containers) {
      this.states.set(name, { waiting: { reason: 'ContainerCreating' } });
    }
  }
}

export interface Kubelet {
  /** Creates and starts the pod's containers. What goes wrong is in its state. */
  start(pod: StandInPod): Promise<void>;
  kill(pod: StandInPod): Promise<void>;
  close(): Promise<void>;
}

/** On all that is of one stand-in. */
export const clusterLabel = 'dev.warroom.test.cluster';

export interface KubeletOptions {
  readonly cluster: string;
  readonly docker: Docker;
  readonly podPidsLimit: number;
  /** Whether pods have a network although a policy denies it: a plugin that does not know policies. */
  readonly ignoresPolicies: () => boolean;
}

/** Runs pods with the limits and the security context that they ask for, and with nothing that they did not ask for. */
export function createKubelet({ cluster, docker, podPidsLimit, ignoresPolicies }: KubeletOptions): Kubelet {
  const pods = new Set<StandInPod>();
  /** Something to reach where a pod should reach nothing. */
  const outside = createServer((socket) => socket.end())
    .listen(0, '0.0.0.0')
    .unref();

  async function serviceAddress(): Promise<string[]> {
    if (!ignoresPolicies()) return ['KUBERNETES_SERVICE_HOST=10.96.0.1', 'KUBERNETES_SERVICE_PORT=443'];
    const { IPAM } = await docker.getNetwork('bridge').inspect();
    const { port } = outside.address() as AddressInfo;
    return [
      `KUBERNETES_SERVICE_HOST=${IPAM?.Config?.[0]?.['Gateway'] ?? ''}`,
      `KUBERNETES_SERVICE_PORT=${port}`,
    ];
  }

  /** As the kubelet mounts a memory volume for a pod with a group of its own: everybody may write. */
  async function createVolume({ name, spec }: StandInPod, volume: PodSpec['volumes'][number]): Promise<void> {
    const size = amountOf(volume.emptyDir.sizeLimit);
    await docker.createVolume({
      Name: `${name}-${volume.name}`,
      Driver: 'local',
      Labels: { [clusterLabel]: cluster },
      DriverOpts: {
        type: 'tmpfs',
        device: 'tmpfs',
        o: `size=${size},mode=2777,gid=${spec.securityContext.fsGroup}`,
      },
    });
  }

  async function create(
    pod: StandInPod,
    container: PodContainer,
    network: string,
  ): Promise<Docker.Container> {
    const { spec } = pod;
    const { limits } = container.resources;
    const { securityContext: security } = container;
    return docker.createContainer({
      Image: container.image,
      Entrypoint: container.command,
      Cmd: [],
      User: `${security.runAsUser ?? spec.securityContext.runAsUser}:${spec.securityContext.runAsGroup}`,
      Env: [
        ...container.env.map(({ name, value }) => `${name}=${value}`),
        ...(await serviceAddress()),
        'KUBERNETES_PORT=tcp://10.96.0.1:443',
      ],
      WorkingDir: container.workingDir,
      ...(network.startsWith('container:') ? {} : { Hostname: spec.hostname }),
      Labels: { [clusterLabel]: cluster },
      HostConfig: {
        NetworkMode: network,
        ...(network.startsWith('container:') ? {} : { Dns: spec.dnsConfig.nameservers }),
        ReadonlyRootfs: security.readOnlyRootFilesystem,
        CapDrop: security.capabilities.drop,
        SecurityOpt: security.allowPrivilegeEscalation ? [] : ['no-new-privileges'],
        Memory: amountOf(limits.memory),
        MemorySwap: amountOf(limits.memory),
        NanoCpus: Math.round(amountOf(limits.cpu) * 1e9),
        PidsLimit: podPidsLimit,
        Mounts: container.volumeMounts.map(({ name, mountPath, readOnly = false }) => ({
          Type: 'volume',
          Source: `${pod.name}-${name}`,
          Target: mountPath,
          ReadOnly: readOnly,
          // What the image has at this place is not copied, as in a real volume of the kubelet.
          VolumeOptions: { NoCopy: true, Labels: {}, DriverConfig: { Name: 'local', Options: {} } },
        })),
        IpcMode: 'private',
        Init: false,
        AutoRemove: false,
        LogConfig: { Type: 'none', Config: {} },
        RestartPolicy: { Name: 'no' },
      },
    });
  }

  async function kill(pod: StandInPod): Promise<void> {
    pod.isDeleted = true;
    await Promise.all(
      [...pod.containers.values()].map((container) =>
        container.remove({ force: true, v: true }).catch(() => undefined),
      ),
    );
    pod.containers.clear();
    await Promise.all(
      pod.spec.volumes.map(({ name }) =>
        docker
          .getVolume(`${pod.name}-${name}`)
          .remove()
          .catch(() => undefined),
      ),
    );
    pods.delete(pod);
  }

  return {
    async start(pod) {
      pods.add(pod);
      await Promise.all(pod.spec.volumes.map((volume) => createVolume(pod, volume)));
      let network = ignoresPolicies() ? 'bridge' : 'none';
      for (const container of pod.spec.containers) {
        if (pod.isDeleted) return;
        const made = await create(pod, container, network).catch((error: unknown) => {
          const isMissing = error instanceof Error && 'statusCode' in error && error.statusCode === 404;
          const reason = isMissing ? 'ImagePullBackOff' : 'CreateContainerError';
          pod.states.set(container.name, { waiting: { reason, message: String(error) } });
          return null;
        });
        if (made === null) return;
        pod.containers.set(container.name, made);
        if (pod.isDeleted) return kill(pod);
        await made.start();
        // Containers of a pod share its network, and nothing else.
        if (network === 'none' || network === 'bridge') network = `container:${made.id}`;
        pod.states.set(container.name, { running: { startedAt: new Date().toISOString() } });
        void watch(pod, container.name, made);
      }
      pod.phase = 'Running';
    },
    kill,
    async close() {
      outside.close();
      await Promise.all([...pods].map(kill));
    },
  };

  async function watch(pod: StandInPod, name: string, container: Docker.Container): Promise<void> {
    const { StatusCode } = (await container.wait().catch(() => ({ StatusCode: 137 }))) as {
      StatusCode: number;
    };
    const reason = pod.reason ?? (StatusCode === 0 ? 'Completed' : 'Error');
    pod.states.set(name, { terminated: { reason, exitCode: StatusCode } });
    const isOver = [...pod.states.values()].every((state) => 'terminated' in state);
    if (isOver) pod.phase = 'Failed';
  }
}

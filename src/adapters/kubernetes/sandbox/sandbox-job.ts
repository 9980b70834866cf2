import type { V1Container, V1Job, V1PodSpec } from '@kubernetes/client-node';
import type { SideCar } from '../../../ports/sandbox.ts';
import { containerSecurity, equalResources, memoryVolume } from './container-parts.ts';
import { commandEnvironment, keeperCommand, workFolder } from './keeper.ts';
import type { PodLimits } from './pod-limits.ts';
import { type SideCarImages, sideCarContainer } from './side-cars.ts';

/** The container that commands run in. */
export const cellName = 'cell';
/** The container that looks at what is in the other, and can change nothing of it. */
export const eyeName = 'eye';
export const sandboxGroup = 10001;
/** Of no sandbox's commands; images have a name for it. */
const eyeUser = 10000;
const eyeMemoryBytes = 96 * 1024 * 1024;

export interface PodSettings {
  readonly limits: PodLimits;
  /** RuntimeClass (`gvisor`); undefined: the cluster's default. A cluster that does not have it refuses the pod. */
  readonly runtimeClass: string | undefined;
  /** Path below the kubelet's seccomp folder of a profile of ours; undefined: the runtime's default. */
  readonly seccompProfile: string | undefined;
  /** Needs nodes that can: then no user of the pod is a user of the node. */
  readonly userNamespaces: boolean;
  readonly sideCarImages: SideCarImages;
}

export interface JobRequest {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly image: string;
  readonly uid: number;
  readonly sideCars: readonly SideCar[];
}

/** Passes pod security `restricted`, and asks for less than it allows. */
export function sandboxJob(request: JobRequest, settings: PodSettings): V1Job {
  const { name, namespace, labels, annotations } = request;
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, namespace, labels: { ...labels }, annotations: { ...annotations } },
    spec: {
      backoffLimit: 0,
      completions: 1,
      parallelism: 1,
      activeDeadlineSeconds: Math.ceil(settings.limits.lifetimeMs / 1000),
      ttlSecondsAfterFinished: 60,
      template: {
        metadata: {
          labels: { ...labels },
          annotations: { ...annotations, 'cluster-autoscaler.kubernetes.io/safe-to-evict': 'false' },
        },
        spec: podSpec(request, settings),
      },
    },
  };
}

function podSpec(request: JobRequest, settings: PodSettings): V1PodSpec {
  const { limits, runtimeClass, seccompProfile, userNamespaces, sideCarImages } = settings;
  const sideCars = request.sideCars.map(({ kind }) => sideCarContainer(kind, sideCarImages));
  return {
    restartPolicy: 'Never',
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    hostNetwork: false,
    hostPID: false,
    hostIPC: false,
    ...(userNamespaces ? { hostUsers: false } : {}),
    // Each container has its own first process, or the side-cars would die with a command.
    shareProcessNamespace: false,
    hostname: 'sandbox',
    // The keeper does not listen to SIGTERM.
    terminationGracePeriodSeconds: 1,
    dnsPolicy: 'None',
    dnsConfig: {
      nameservers: ['127.0.0.1'],
      options: [
        { name: 'attempts', value: '1' },
        { name: 'timeout', value: '1' },
      ],
    },
    ...(runtimeClass === undefined ? {} : { runtimeClassName: runtimeClass }),
    securityContext: {
      runAsNonRoot: true,
      runAsUser: request.uid,
      runAsGroup: sandboxGroup,
      fsGroup: sandboxGroup,
      supplementalGroups: [],
      seccompProfile:
        seccompProfile === undefined
          ? { type: 'RuntimeDefault' }
          : { type: 'Localhost', localhostProfile: seccompProfile },
    },
    containers: [
      cell(request.image, limits),
      eye(request.image),
      ...sideCars.map(({ container }) => container),
    ],
    volumes: [
      memoryVolume('work', limits.workBytes),
      memoryVolume('tmp', limits.tmpBytes),
      memoryVolume('no-shm', 4096),
      ...sideCars.flatMap(({ volumes }) => volumes),
    ],
  };
}

function cell(image: string, limits: PodLimits): V1Container {
  return {
    name: cellName,
    resources: equalResources(limits.memoryBytes, limits.cpus),
    securityContext: containerSecurity(),
    volumeMounts: [{ name: 'work', mountPath: workFolder }, { name: 'tmp', mountPath: '/tmp' }, noShm],
    ...keeper(image),
  };
}

function eye(image: string): V1Container {
  return {
    name: eyeName,
    resources: equalResources(eyeMemoryBytes, 0.2),
    securityContext: containerSecurity(eyeUser),
    volumeMounts: [
      { name: 'work', mountPath: workFolder, readOnly: true },
      { name: 'tmp', mountPath: '/tmp', readOnly: true },
      noShm,
    ],
    ...keeper(image),
  };
}

/** The runtime would give every pod a /dev/shm that anybody can write to. */
const noShm = { name: 'no-shm', mountPath: '/dev/shm', readOnly: true };

function keeper(image: string) {
  return {
    image,
    imagePullPolicy: 'IfNotPresent',
    command: [...keeperCommand],
    workingDir: workFolder,
    env: Object.entries(commandEnvironment).map(([name, value]) => ({ name, value })),
  };
}

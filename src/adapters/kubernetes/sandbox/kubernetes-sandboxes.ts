import { mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Cluster } from '../../../domain/service.ts';
import { type Clock, systemClock } from '../../../platform/clock.ts';
import { explainError, SourceRefused, SourceUnreachable } from '../../../platform/errors.ts';
import { createFairGate, WaitedInVain } from '../../../platform/fair-queue.ts';
import { newId } from '../../../platform/ids.ts';
import { deadProcessFolders, makeProcessRoot, ownProcessFolder } from '../../../platform/process-folder.ts';
import { ownProcess } from '../../../platform/process-identity.ts';
import { listFolder } from '../../../platform/workspace/pack-folder.ts';
import { AccessRefused, NotFound } from '../../../ports/runtime.ts';
import type { Sandbox, SandboxProvider, SandboxSpec } from '../../../ports/sandbox.ts';
import { SandboxUnavailable, SideCarUnavailable } from '../../../ports/sandbox-errors.ts';
import type { Secrets } from '../../../ports/secrets.ts';
import { askCluster, given } from '../cluster-api.ts';
import { createUids } from './choose-uid.ts';
import { KubernetesSandbox } from './kubernetes-sandbox.ts';
import { egressFindings, egressProbe, whyUnsafe } from './namespace-guard.ts';
import { control } from './pod-command.ts';
import { describeOwner, isOrphan, sandboxMark, sandboxSelector } from './pod-labels.ts';
import { defaultPodLimits, type PodLimits, replicaPodLimits } from './pod-limits.ts';
import { type JobRequest, type PodSettings, sandboxJob } from './sandbox-job.ts';
import { reach, removeJob, type SandboxPlace, SandboxPod } from './sandbox-pod.ts';
import type { SideCarImages } from './side-cars.ts';
import { createJob, waitForPod } from './start-pod.ts';
import { startSideCars } from './start-side-cars.ts';

export interface KubernetesSandboxOptions {
  readonly cluster: Cluster;
  readonly secrets: Secrets;
  /** For sandboxes alone, as manifests/kubernetes/sandboxes.yaml makes it. */
  readonly namespace: string;
  /** Image by language of the service. */
  readonly images: Readonly<Record<string, string>>;
  readonly sideCarImages?: SideCarImages;
  /** Of every sandbox but a database's, which has its own. */
  readonly limits?: Partial<PodLimits>;
  /** RuntimeClass to ask for; a cluster that does not have it refuses the pod. */
  readonly runtimeClass?: string;
  /** Seccomp profile of ours below the kubelet's folder (`profiles/warroom.json`); without it the runtime's own. */
  readonly seccompProfile?: string;
  /** Users of the pod are no users of the node. Needs nodes that can. */
  readonly userNamespaces?: boolean;
  /** Each pod runs as one of these that no other has; images have names for the default ones. */
  readonly uids?: { readonly first: number; readonly count: number };
  /** Pods at once. Default 10. */
  readonly mostOpen?: number;
  readonly mostWaiting?: number;
  readonly mostWaitingPerIncident?: number;
  /** Default 10 min. */
  readonly mostWaitMs?: number;
  /** Default 2 min. */
  readonly startTimeoutMs?: number;
  readonly pollMs?: number;
  readonly clock?: Clock;
  /** Folder for snapshots. */
  readonly snapshotRoot?: string;
}

/** How long a node counts as one that heeds network policies. */
const egressTrustMs = 10 * 60_000;
const fillTimeoutMs = 120_000;
const probeTimeoutMs = 15_000;
const stopping = 'Warroom is stopping, so no code is run any more.';

/**
 * Sandboxes as jobs of a Kubernetes cluster: one job with one pod each, made when it is asked for.
 *
 * What Kubernetes does not give, compared with our own engine: no limit of inodes in the memory volumes (their size and the
 * pod's memory bound them), no exec as another user (a command that traces the keeper, which is of its own user, may
 * outlive being ended, until the sandbox is closed), no freezing (commands are stopped by a signal), no limit of
 * processes that a pod could set for itself (a shell sets RLIMIT_NPROC, the kubelet's `podPidsLimit` is behind it), and no
 * pod without a network interface: policies deny all traffic, which is believed only after it was tried from inside.
 */
export function createKubernetesSandboxes(options: KubernetesSandboxOptions): SandboxProvider {
  const { cluster, secrets, namespace, images, clock = systemClock } = options;
  const { mostOpen = 10, mostWaiting = 100, mostWaitingPerIncident = 30, mostWaitMs = 600_000 } = options;
  const { startTimeoutMs = 120_000, pollMs = 250, uids: users = { first: 10_100, count: 64 } } = options;
  const place: SandboxPlace = { cluster, secrets, namespace };
  const uids = createUids(place, users);
  const owner = { host: os.hostname(), ...ownProcess() };
  const gate = createFairGate(mostOpen, {
    mostWaitingPerKey: mostWaitingPerIncident,
    mostWaiting,
    mostWaitMs,
  });
  const open = new Set<KubernetesSandbox>();
  let isStopping = false;
  const root =
    options.snapshotRoot ?? path.join(os.tmpdir(), `warroom-pod-snapshots-${process.getuid?.() ?? 'us'}`);
  /** Node by name, until when it is believed. */
  const closedNodes = new Map<string, number>();

  const limitsOf = (language: string): PodLimits =>
    language === 'postgres' ? replicaPodLimits : { ...defaultPodLimits, ...options.limits };
  const settingsOf = (language: string): PodSettings => ({
    limits: limitsOf(language),
    runtimeClass: options.runtimeClass,
    seccompProfile: options.seccompProfile,
    userNamespaces: options.userNamespaces ?? false,
    sideCarImages: options.sideCarImages ?? {},
  });

  function requestOf(spec: SandboxSpec, image: string, uid: number): JobRequest {
    const expires = new Date(clock.now().getTime() + limitsOf(spec.language).lifetimeMs);
    return {
      name: `warroom-sandbox-${newId(clock.now().getTime())}`,
      namespace,
      ...describeOwner(owner, spec, expires),
      image,
      uid,
      sideCars: spec.sideCars ?? [],
    };
  }

  async function requireSafe(signal: AbortSignal): Promise<void> {
    const { core, networking } = await reach(place, signal);
    const reading = core.readNamespace({ name: namespace });
    const found = given(
      cluster,
      `namespace ${namespace}`,
      await askCluster(cluster, `namespace ${namespace}`, reading, signal),
    );
    const listing = networking.listNamespacedNetworkPolicy({ namespace });
    const policies = given(
      cluster,
      `network policies of ${namespace}`,
      await askCluster(cluster, `network policies of ${namespace}`, listing, signal),
    );
    const why = whyUnsafe(found, policies.items, sandboxMark);
    if (why !== null) throw unsafe(why);
  }

  function unsafe(why: string): SandboxUnavailable {
    return new SandboxUnavailable(
      `No code is run on cluster ${cluster.name}: ${why}.`,
      'Apply manifests/kubernetes/sandboxes.yaml on a cluster whose network plugin enforces network policies.',
    );
  }

  async function requireNoWayOut(pod: SandboxPod, node: string, signal: AbortSignal): Promise<void> {
    const now = clock.now().getTime();
    if ((closedNodes.get(node) ?? 0) > now) return;
    const limit = AbortSignal.any([signal, AbortSignal.timeout(probeTimeoutMs)]);
    const { exitCode } = await control(pod, { argv: egressProbe }, limit);
    if (exitCode !== 0)
      throw unsafe(egressFindings[exitCode] ?? `the way out could not be tried (${exitCode})`);
    closedNodes.set(node, now + egressTrustMs);
  }

  function imageOf({ language, sideCars = [] }: SandboxSpec): string {
    const image = images[language];
    if (image === undefined) {
      throw new SandboxUnavailable(
        `There is no sandbox image for ${language}.`,
        `Known languages: ${Object.keys(images).join(', ') || 'none'}.`,
      );
    }
    const missing = sideCars.find(({ kind }) => options.sideCarImages?.[kind] === undefined);
    if (missing === undefined) return image;
    throw new SideCarUnavailable(
      { kind: missing.kind },
      `There is no image for a ${missing.kind} beside the sandbox.`,
      'Name one in the settings of the sandboxes.',
    );
  }

  async function start(spec: SandboxSpec, image: string, giveBack: () => void, signal: AbortSignal) {
    await requireSafe(signal);
    const uid = await uids.claim(signal);
    const request = requestOf(spec, image, uid);
    const limits = limitsOf(spec.language);
    const folder = path.join(ownProcessFolder(root), request.name);
    let sandbox: KubernetesSandbox | null = null;
    try {
      await createJob(place, sandboxJob(request, settingsOf(spec.language)), false, signal);
      const { pod: name, node } = await waitForPod(place, request.name, { startTimeoutMs, pollMs }, signal);
      const pod = new SandboxPod(place, request.name, name);
      await requireNoWayOut(pod, node, signal);
      await startSideCars(pod, request.sideCars, signal);
      const snapshots = { path: folder, make: () => makeFolder(root, folder) };
      sandbox = new KubernetesSandbox(pod, limits, snapshots, () => {
        if (sandbox !== null) open.delete(sandbox);
        uids.giveBack(uid);
        giveBack();
      });
      await sandbox.fill(spec.workspace, AbortSignal.any([signal, AbortSignal.timeout(fillTimeoutMs)]));
      open.add(sandbox);
      return sandbox;
    } catch (error) {
      // Also when nothing is known of it: the answer to its making may have been lost.
      await (sandbox === null ? removeJob(place, request.name) : sandbox.close()).catch(() => undefined);
      uids.giveBack(uid);
      throw error;
    }
  }

  return {
    async unavailable(signal) {
      if (isStopping) return stopping;
      const [language] = Object.keys(images);
      const image = language === undefined ? undefined : images[language];
      if (language === undefined || image === undefined) {
        return 'No sandbox image is configured, so no code can be run.';
      }
      try {
        await requireSafe(signal);
        const spec = { incidentId: 'rehearsal', service: 'rehearsal', language, workspace: '' };
        await createJob(
          place,
          sandboxJob(requestOf(spec, image, users.first), settingsOf(language)),
          true,
          signal,
        );
        return null;
      } catch (error) {
        signal.throwIfAborted();
        return explainError(asUnavailable(error));
      }
    },

    async open(spec, signal): Promise<Sandbox> {
      try {
        if (isStopping) throw new SandboxUnavailable(stopping, 'Start it again.');
        const image = imageOf(spec);
        const { workFiles, workBytes } = limitsOf(spec.language);
        await listFolder(spec.workspace, { files: workFiles, bytes: workBytes }, signal);
        const giveBack = await gate.enter(spec.incidentId, signal);
        return await start(spec, image, giveBack, signal).catch((error: unknown) => {
          giveBack();
          throw error;
        });
      } catch (error) {
        signal.throwIfAborted();
        throw asUnavailable(error);
      }
    },

    async sweep(signal) {
      let removed = 0;
      for (const folder of deadProcessFolders(root)) {
        signal.throwIfAborted();
        await rm(folder, { recursive: true, force: true });
        removed += 1;
      }
      const { batch } = await reach(place, signal);
      const listing = batch.listNamespacedJob({ namespace, labelSelector: sandboxSelector });
      const jobs = given(cluster, 'its jobs', await askCluster(cluster, 'its jobs', listing, signal));
      for (const { metadata = {} } of jobs.items) {
        signal.throwIfAborted();
        if (metadata.deletionTimestamp !== undefined || metadata.name === undefined) continue;
        if (!isOrphan(metadata, owner.host, clock.now())) continue;
        await removeJob(place, metadata.name);
        removed += 1;
      }
      return removed;
    },

    /** Nothing waits warm here; what is still open goes. */
    async close() {
      isStopping = true;
      await Promise.all([...open].map((sandbox) => sandbox.close()));
    },
  };
}

function makeFolder(root: string, folder: string): void {
  makeProcessRoot(root);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
}

/** What the cluster says no to, or does not say, is told as what it means for a sandbox. */
function asUnavailable(error: unknown): unknown {
  const isOfCluster =
    error instanceof SourceUnreachable ||
    error instanceof SourceRefused ||
    error instanceof AccessRefused ||
    error instanceof NotFound;
  if (isOfCluster || error instanceof WaitedInVain) {
    return new SandboxUnavailable(error.message, error.hint, { cause: error });
  }
  return error;
}

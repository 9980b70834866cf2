import type { V1Pod } from '@kubernetes/client-node';
import type { Cluster } from '../../../domain/service.ts';
import { NotFound } from '../../../ports/runtime.ts';
import { SandboxLost, SandboxUnavailable } from '../../../ports/sandbox-errors.ts';
import type { Secrets } from '../../../ports/secrets.ts';
import { askCluster, type ClusterApi, openCluster } from '../cluster-api.ts';
import { type ExecEnd, ExecNotStarted, type ExecRequest, type PodExec, startExec } from './pod-exec.ts';
import { endOf } from './pod-start.ts';
import { cellName } from './sandbox-job.ts';

/** The cluster and namespace that sandboxes are in. */
export interface SandboxPlace {
  readonly cluster: Cluster;
  readonly secrets: Secrets;
  readonly namespace: string;
}

const requestTimeoutMs = 15_000;

/** A client whose requests end with `signal`, or by themselves after 15 s. */
export function reach({ cluster, secrets }: SandboxPlace, signal?: AbortSignal): Promise<ClusterApi> {
  return openCluster(cluster, secrets, signal ?? AbortSignal.timeout(requestTimeoutMs));
}

/** One running pod of a job, and the commands in it. */
export class SandboxPod {
  readonly #place: SandboxPlace;
  readonly #job: string;
  readonly #pod: string;

  constructor(place: SandboxPlace, job: string, pod: string) {
    this.#place = place;
    this.#job = job;
    this.#pod = pod;
  }

  get job(): string {
    return this.#job;
  }

  /** @throws SandboxLost, SandboxUnavailable */
  async start(request: ExecRequest, signal: AbortSignal, container: string = cellName): Promise<PodExec> {
    const { config } = await reach(this.#place, signal);
    const target = { namespace: this.#place.namespace, pod: this.#pod, container };
    try {
      return await startExec(config, target, request, signal);
    } catch (error) {
      if (!(error instanceof ExecNotStarted)) throw error;
      throw await this.explain(error, container);
    }
  }

  /** Why the pod runs no longer; null while it does. */
  async end(container: string = cellName): Promise<{ outOfMemory: boolean; why: string } | null> {
    const signal = AbortSignal.timeout(requestTimeoutMs);
    const { core } = await reach(this.#place, signal);
    const reading = core.readNamespacedPod({ namespace: this.#place.namespace, name: this.#pod });
    try {
      const answer = await askCluster<V1Pod>(this.#place.cluster, `pod ${this.#pod}`, reading, signal);
      return answer.kind === 'given' ? endOf(answer.value, container) : null;
    } catch (error) {
      if (error instanceof NotFound) return { outOfMemory: false, why: 'its pod was removed' };
      throw error;
    }
  }

  /** What to throw when a command could not be run, or was not heard of again. */
  async explain(
    cause: Error | ExecEnd,
    container: string = cellName,
  ): Promise<SandboxLost | SandboxUnavailable> {
    const options = { cause };
    const end = await this.end(container).catch(() => null);
    if (end !== null) {
      return new SandboxLost(
        `The sandbox is gone: ${end.why}.`,
        'The investigation opens a new one when it runs again.',
        options,
      );
    }
    return new SandboxUnavailable(
      `Cluster ${this.#place.cluster.name} did not run a command in the sandbox to its end.`,
      'Check: the API server is 1.30 or later, proxies between us and it pass websockets on, and the role has get and create on pods/exec.',
      options,
    );
  }

  /** The job, and the pod with it. Fine when it is gone already. */
  remove(): Promise<void> {
    return removeJob(this.#place, this.#job);
  }
}

/** The cluster removes its pod in the background. Fine when it is gone already. */
export async function removeJob(place: SandboxPlace, name: string): Promise<void> {
  const signal = AbortSignal.timeout(requestTimeoutMs);
  const { batch } = await reach(place, signal);
  const removing = batch.deleteNamespacedJob({
    namespace: place.namespace,
    name,
    propagationPolicy: 'Background',
  });
  try {
    const answer = await askCluster(place.cluster, `job ${place.namespace}/${name}`, removing, signal);
    if (answer.kind === 'denied') throw refused(place, `to remove job ${name}`, answer.reason);
  } catch (error) {
    if (!(error instanceof NotFound)) throw error;
  }
}

export function refused(
  { cluster, namespace }: SandboxPlace,
  what: string,
  reason: string,
): SandboxUnavailable {
  return new SandboxUnavailable(
    `Cluster ${cluster.name} refuses us ${what} in namespace ${namespace} (${reason}).`,
    'Apply manifests/kubernetes/sandboxes.yaml, and let the token be of its service account.',
  );
}

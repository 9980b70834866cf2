import { setTimeout as sleep } from 'node:timers/promises';
import { PatchStrategy, setHeaderOptions, type V1Deployment } from '@kubernetes/client-node';
import type { Cluster, Workload } from '../../domain/service.ts';
import { type Clock, systemClock } from '../../platform/clock.ts';
import { SourceUnreachable } from '../../platform/errors.ts';
import { AccessRefused, NotFound, type WorkloadRuntime, type WorkloadState } from '../../ports/runtime.ts';
import type { Secrets } from '../../ports/secrets.ts';
import { type Answer, askCluster, type ClusterApi, given, openCluster } from './cluster-api.ts';
import { incarnationOf, isRolledOut, isStuck, keyAnnotation, stateOf } from './deployment-state.ts';

export interface KubernetesOptions {
  readonly clock?: Clock;
  /** How long a rollout may take. Default 5 min. */
  readonly readyTimeoutMs?: number;
  readonly pollMs?: number;
}

/** The status of a deployment changes its version, too, so a patch may lose the race a few times. */
const patchTries = 5;
const fieldManager = 'warroom';

interface Deployment {
  readonly cluster: Cluster;
  readonly api: ClusterApi;
  readonly namespace: string;
  readonly name: string;
  /** For messages. */
  readonly what: string;
}

/** Deployments on the clusters of the catalogue. */
export function createKubernetesWorkloads(
  clusters: readonly Cluster[],
  secrets: Secrets,
  options: KubernetesOptions = {},
): WorkloadRuntime {
  const { clock = systemClock, readyTimeoutMs = 300_000, pollMs = 1_000 } = options;

  async function open(workload: Workload, signal: AbortSignal): Promise<Deployment> {
    if (!('kubernetes' in workload)) throw new TypeError(`workload ${workload.name} is not a deployment`);
    const { cluster: wanted, namespace, deployment: name } = workload.kubernetes;
    const cluster = clusters.find((one) => one.name === wanted);
    if (cluster === undefined) throw new NotFound(`There is no cluster ${wanted}.`, 'Check the catalogue.');
    const api = await openCluster(cluster, secrets, signal);
    return { cluster, api, namespace, name, what: `deployment ${namespace}/${name}` };
  }

  async function read({ cluster, api, namespace, name, what }: Deployment, signal: AbortSignal) {
    const reading = api.apps.readNamespacedDeployment({ namespace, name });
    return given(cluster, what, await askCluster(cluster, what, reading, signal));
  }

  async function patch(
    { cluster, api, namespace, name, what }: Deployment,
    body: object,
    rehearsal: boolean,
    signal: AbortSignal,
  ): Promise<Answer<V1Deployment>> {
    const patching = api.apps.patchNamespacedDeployment(
      {
        namespace,
        name,
        body,
        fieldManager,
        fieldValidation: 'Strict',
        ...(rehearsal ? { dryRun: 'All' } : {}),
      },
      setHeaderOptions('Content-Type', PatchStrategy.StrategicMergePatch),
    );
    return askCluster(cluster, what, patching, signal);
  }

  /** What `kubectl rollout restart` sends, our key, and the version that it is meant for. */
  function restartOf(deployment: V1Deployment, key: string): object {
    return {
      metadata: {
        resourceVersion: deployment.metadata?.resourceVersion,
        annotations: { [keyAnnotation]: key },
      },
      spec: {
        template: {
          metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': clock.now().toISOString() } },
        },
      },
    };
  }

  async function budgets({ cluster, api, namespace, what }: Deployment, signal: AbortSignal) {
    try {
      const listing = api.policy.listNamespacedPodDisruptionBudget({ namespace });
      const answer = await askCluster(cluster, `disruption budgets of ${what}`, listing, signal);
      return answer.kind === 'given' ? answer.value.items : null;
    } catch (error) {
      signal.throwIfAborted();
      // they are told of, and nothing depends on them
      if (error instanceof NotFound || error instanceof AccessRefused || error instanceof SourceUnreachable)
        return null;
      throw error;
    }
  }

  async function waitForRollout(target: Deployment, signal: AbortSignal): Promise<WorkloadState> {
    const until = Date.now() + readyTimeoutMs;
    for (;;) {
      const deployment = await read(target, signal);
      if (isRolledOut(deployment) || isStuck(deployment) || Date.now() > until) {
        return stateOf(deployment, await budgets(target, signal));
      }
      await sleep(pollMs, undefined, { signal });
    }
  }

  return {
    async state(workload, signal) {
      const target = await open(workload, signal);
      return stateOf(await read(target, signal), await budgets(target, signal));
    },

    async rehearse(workload, signal) {
      const target = await open(workload, signal);
      const deployment = await read(target, signal);
      if (deployment.spec?.paused === true) return 'the deployment is paused: new pods would not come.';
      const answer = await patch(target, restartOf(deployment, 'rehearsal'), true, signal);
      switch (answer.kind) {
        case 'given':
          return null;
        case 'conflict':
          return 'the deployment is being changed by somebody else right now.';
        case 'denied':
          return `the API server would refuse it (${answer.reason}).`;
        default:
          return answer satisfies never;
      }
    },

    async restart(workload, { from, key }, signal) {
      const target = await open(workload, signal);
      for (let tries = 1; ; tries += 1) {
        const deployment = await read(target, signal);
        const done = deployment.metadata?.annotations?.[keyAnnotation] === key;
        if (done || incarnationOf(deployment) !== from) return waitForRollout(target, signal);
        const body = restartOf(deployment, key);
        let answer = await patch(target, body, true, signal);
        if (answer.kind === 'given') answer = await patch(target, body, false, signal);
        if (answer.kind === 'given') return waitForRollout(target, signal);
        if (answer.kind === 'denied') given(target.cluster, target.what, answer);
        if (tries === patchTries) {
          throw new SourceUnreachable(`The ${target.what} changes all the time.`, 'It is tried again.');
        }
      }
    },
  };
}

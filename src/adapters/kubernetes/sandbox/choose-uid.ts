import { randomInt } from 'node:crypto';
import type { V1PodSpec } from '@kubernetes/client-node';
import { SandboxUnavailable } from '../../../ports/sandbox-errors.ts';
import { askCluster, given } from '../cluster-api.ts';
import { sandboxSelector } from './pod-labels.ts';
import { reach, type SandboxPlace } from './sandbox-pod.ts';

export interface Uids {
  /**
   * One that no sandbox of the namespace has: limits of processes count by user, on a whole node, and what is one user's
   * is the other's. Two processes that choose at the same moment may still choose the same by chance.
   * @throws SandboxUnavailable when all are taken
   */
  claim(signal: AbortSignal): Promise<number>;
  /** Once the job that ran as it is removed; its pod keeps it until that is gone. */
  giveBack(uid: number): void;
}

export function createUids(
  place: SandboxPlace,
  { first, count }: { readonly first: number; readonly count: number },
): Uids {
  const { cluster, namespace } = place;
  /** Also those whose job the cluster does not show yet. */
  const ours = new Set<number>();

  /** A job has no pod at first, and a pod may outlive its job. */
  async function listTaken(signal: AbortSignal): Promise<Set<number | undefined>> {
    const { batch, core } = await reach(place, signal);
    const query = { namespace, labelSelector: sandboxSelector };
    const [jobs, pods] = await Promise.all([
      askCluster(cluster, 'its jobs', batch.listNamespacedJob(query), signal),
      askCluster(cluster, 'its pods', core.listNamespacedPod(query), signal),
    ]);
    return new Set([
      ...given(cluster, 'its jobs', jobs).items.map(({ spec }) => uidOf(spec?.template.spec)),
      ...given(cluster, 'its pods', pods)
        .items.filter(({ status }) => status?.phase !== 'Succeeded' && status?.phase !== 'Failed')
        .map(({ spec }) => uidOf(spec)),
    ]);
  }

  return {
    async claim(signal) {
      const taken = await listTaken(signal);
      const all = Array.from({ length: count }, (_, place) => first + place);
      const free = all.filter((uid) => !taken.has(uid) && !ours.has(uid));
      const uid = free[randomInt(Math.max(free.length, 1))];
      if (uid === undefined) {
        throw new SandboxUnavailable(
          `All ${count} users that sandboxes of namespace ${namespace} run as are taken.`,
          'Try again when some of its pods are gone.',
        );
      }
      ours.add(uid);
      return uid;
    },
    giveBack: (uid) => void ours.delete(uid),
  };
}

function uidOf(pod: V1PodSpec | undefined): number | undefined {
  return pod?.securityContext?.runAsUser;
}

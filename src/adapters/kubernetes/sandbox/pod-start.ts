import type { CoreV1Event, V1Pod } from '@kubernetes/client-node';

/** What a pod tells about its start. */
export type PodStart =
  | { readonly kind: 'running'; readonly pod: string }
  /** `why` is null when there is nothing wrong but that it takes its time. */
  | { readonly kind: 'waiting'; readonly why: string | null }
  /** Waiting longer does not help. */
  | { readonly kind: 'hopeless'; readonly why: string };

const hopelessReasons: ReadonlySet<string> = new Set([
  'ImagePullBackOff',
  'ErrImagePull',
  'ErrImageNeverPull',
  'InvalidImageName',
  'ImageInspectError',
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
  'CrashLoopBackOff',
]);

export function startOf(pod: V1Pod): PodStart {
  const { phase, containerStatuses = [], conditions = [], message, reason } = pod.status ?? {};
  const name = pod.metadata?.name ?? '';
  for (const { name: container, image, state } of containerStatuses) {
    const waiting = state?.waiting;
    if (waiting?.reason !== undefined && hopelessReasons.has(waiting.reason)) {
      return {
        kind: 'hopeless',
        why: `container ${container} does not start (${waiting.reason}, image ${image}: ${short(waiting.message)})`,
      };
    }
    const ended = state?.terminated;
    if (ended !== undefined) {
      return {
        kind: 'hopeless',
        why: `container ${container} ended at once (${ended.reason ?? 'no reason given'}, exit code ${ended.exitCode})`,
      };
    }
  }
  if (phase === 'Failed' || phase === 'Succeeded') {
    return { kind: 'hopeless', why: `the pod ended at once (${reason ?? phase}: ${short(message)})` };
  }
  if (pod.metadata?.deletionTimestamp !== undefined) {
    return { kind: 'hopeless', why: 'the pod is being deleted' };
  }
  const count = pod.spec?.containers.length ?? 0;
  const running = containerStatuses.filter(({ state }) => state?.running !== undefined).length;
  if (phase === 'Running' && count > 0 && running === count) return { kind: 'running', pod: name };
  const unscheduled = conditions.find(({ type, status }) => type === 'PodScheduled' && status === 'False');
  return {
    kind: 'waiting',
    why:
      unscheduled === undefined
        ? null
        : `no node takes the pod (${unscheduled.reason ?? ''}: ${short(unscheduled.message)})`,
  };
}

/** A job whose pods are refused has none; only its events tell. */
export function whyNoPod(events: readonly CoreV1Event[]): string | null {
  const refusal = events.findLast(({ reason }) => reason === 'FailedCreate');
  return refusal === undefined ? null : `the cluster refuses the pod (${short(refusal.message)})`;
}

/** Why a pod that ran does so no longer. */
export function endOf(pod: V1Pod, container: string): { outOfMemory: boolean; why: string } | null {
  const { phase, containerStatuses = [], reason, message } = pod.status ?? {};
  const ended = containerStatuses.find(({ name }) => name === container)?.state?.terminated;
  if (ended !== undefined) {
    return {
      outOfMemory: ended.reason === 'OOMKilled',
      why: `its container ${container} ended (${ended.reason ?? 'no reason given'}, exit code ${ended.exitCode})`,
    };
  }
  if (phase === 'Failed' || phase === 'Succeeded') {
    return { outOfMemory: false, why: `its pod ended (${reason ?? phase}: ${short(message)})` };
  }
  return pod.metadata?.deletionTimestamp === undefined
    ? null
    : { outOfMemory: false, why: 'its pod is being deleted' };
}

function short(message: string | undefined): string {
  return (message ?? 'no reason given').replace(/\s+/g, ' ').trim().slice(0, 240);
}

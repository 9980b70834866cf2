import { setTimeout as sleep } from 'node:timers/promises';
import type { V1Job } from '@kubernetes/client-node';
import { SandboxUnavailable } from '../../../ports/sandbox-errors.ts';
import { askCluster } from '../cluster-api.ts';
import { startOf, whyNoPod } from './pod-start.ts';
import { reach, refused, type SandboxPlace } from './sandbox-pod.ts';

export interface StartTimes {
  /** An image may have to be pulled, and a node to be found. */
  readonly startTimeoutMs: number;
  readonly pollMs: number;
}

/** @param rehearsal the API server checks everything and makes nothing */
export async function createJob(
  place: SandboxPlace,
  body: V1Job,
  rehearsal: boolean,
  signal: AbortSignal,
): Promise<void> {
  const { batch } = await reach(place, signal);
  const creating = batch.createNamespacedJob({
    namespace: place.namespace,
    body,
    fieldManager: 'warroom',
    fieldValidation: 'Strict',
    ...(rehearsal ? { dryRun: 'All' } : {}),
  });
  const answer = await askCluster(place.cluster, `namespace ${place.namespace}`, creating, signal);
  if (answer.kind === 'given') return;
  throw refused(place, 'a job', answer.kind === 'denied' ? answer.reason : 'there is one of this name');
}

/**
 * Waits until every container of the job's pod runs.
 * @throws SandboxUnavailable with the reason of the cluster, as soon as waiting does not help
 */
export async function waitForPod(
  place: SandboxPlace,
  job: string,
  times: StartTimes,
  signal: AbortSignal,
): Promise<{ pod: string; node: string }> {
  const untilMs = performance.now() + times.startTimeoutMs;
  for (;;) {
    const { core } = await reach(place, signal);
    const listing = core.listNamespacedPod({
      namespace: place.namespace,
      labelSelector: `batch.kubernetes.io/job-name=${job}`,
    });
    const answer = await askCluster(place.cluster, `pods of ${place.namespace}`, listing, signal);
    if (answer.kind !== 'given') throw refused(place, 'its pods', reasonOf(answer));
    const [pod] = answer.value.items;
    const start = pod === undefined ? null : startOf(pod);
    if (start?.kind === 'running') return { pod: start.pod, node: pod?.spec?.nodeName ?? '' };
    const isOver = performance.now() > untilMs;
    if (start?.kind === 'hopeless') throw notStarted(place, start.why);
    const why = start === null ? await refusalOf(place, job, signal) : start.why;
    if (start === null && why !== null) throw notStarted(place, why);
    if (isOver) throw notStarted(place, why ?? `it took more than ${times.startTimeoutMs / 1000} s`);
    await sleep(times.pollMs, undefined, { signal });
  }
}

async function refusalOf(place: SandboxPlace, job: string, signal: AbortSignal): Promise<string | null> {
  const { core } = await reach(place, signal);
  const listing = core.listNamespacedEvent({
    namespace: place.namespace,
    fieldSelector: `involvedObject.kind=Job,involvedObject.name=${job}`,
  });
  const answer = await askCluster(place.cluster, `events of ${place.namespace}`, listing, signal);
  // They only explain.
  return answer.kind === 'given' ? whyNoPod(answer.value.items) : null;
}

function reasonOf(answer: { kind: 'conflict' } | { kind: 'denied'; reason: string }): string {
  return answer.kind === 'denied' ? answer.reason : 'conflict';
}

function notStarted({ cluster, namespace }: SandboxPlace, why: string): SandboxUnavailable {
  return new SandboxUnavailable(
    `No sandbox starts on cluster ${cluster.name}: ${why}.`,
    `Look at: kubectl --namespace ${namespace} get events`,
  );
}

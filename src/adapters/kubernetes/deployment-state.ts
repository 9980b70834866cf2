import type { V1Deployment, V1PodDisruptionBudget } from '@kubernetes/client-node';
import { canonicalJson, type Json, sha256 } from '../../platform/canonical-json.ts';
import type { WorkloadState } from '../../ports/runtime.ts';

/** On the deployment itself: a roll-back of its template by somebody else must not make us forget. */
export const keyAnnotation = 'warroom/restart-key';

/** @param budgets null when they could not be read */
export function stateOf(
  deployment: V1Deployment,
  budgets: readonly V1PodDisruptionBudget[] | null,
): WorkloadState {
  const wanted = deployment.spec?.replicas ?? 1;
  return {
    incarnation: incarnationOf(deployment),
    image: (deployment.spec?.template.spec?.containers ?? []).map(({ image }) => image ?? '').join(' '),
    replicas: { wanted, ready: isRolledOut(deployment) ? wanted : readyOf(deployment, wanted) },
    effect: `${strategyText(deployment, wanted)} ${budgetText(deployment, budgets)}`,
    rolling: isRolling(deployment, wanted),
    mark: deployment.metadata?.annotations?.[keyAnnotation] ?? null,
  };
}

/** What the pods are made from. A restart changes the template, and so does a release, which replaces the pods as well. */
export function incarnationOf({ metadata, spec }: V1Deployment): string {
  const template = JSON.parse(JSON.stringify(spec?.template ?? null)) as Json;
  return `${metadata?.uid ?? ''} ${sha256(canonicalJson(template)).slice(0, 16)}`;
}

/** All pods are of the newest template and available, and the controller has seen it. */
export function isRolledOut({ metadata, spec, status }: V1Deployment): boolean {
  const wanted = spec?.replicas ?? 1;
  return (
    (status?.observedGeneration ?? 0) >= (metadata?.generation ?? 0) &&
    (status?.updatedReplicas ?? 0) === wanted &&
    (status?.replicas ?? 0) === wanted &&
    (status?.availableReplicas ?? 0) === wanted &&
    (status?.unavailableReplicas ?? 0) === 0
  );
}

/** The controller has given up. */
export function isStuck({ metadata, status }: V1Deployment): boolean {
  return (
    (status?.observedGeneration ?? 0) >= (metadata?.generation ?? 0) &&
    (status?.conditions ?? []).some(
      (one) =>
        one.type === 'Progressing' && one.status === 'False' && one.reason === 'ProgressDeadlineExceeded',
    )
  );
}

/** While it rolls, pods of the template before count for nothing. */
function readyOf({ metadata, status }: V1Deployment, wanted: number): number {
  if ((status?.observedGeneration ?? 0) < (metadata?.generation ?? 0)) return 0;
  const old = (status?.replicas ?? 0) - (status?.updatedReplicas ?? 0);
  return Math.max(0, Math.min(wanted, (status?.readyReplicas ?? 0) - old));
}

function isRolling({ spec }: V1Deployment, wanted: number): boolean {
  if (spec?.strategy?.type === 'Recreate') return false;
  // Fewer than half of them cannot be counted on to carry the load.
  return wanted > 0 && unavailableOf(spec, wanted) * 2 <= wanted;
}

/** How many may be away at once, as the controller works it out: where nothing may be added, one has to go first. */
function unavailableOf(spec: V1Deployment['spec'], wanted: number): number {
  const { maxUnavailable = '25%', maxSurge = '25%' } = spec?.strategy?.rollingUpdate ?? {};
  const away = shareOf(maxUnavailable, wanted, Math.floor);
  return away === 0 && shareOf(maxSurge, wanted, Math.ceil) === 0 ? 1 : Math.min(away, wanted);
}

function shareOf(most: number | string, wanted: number, round: (share: number) => number): number {
  return typeof most === 'number' ? most : round((Number.parseInt(most, 10) / 100) * wanted);
}

function strategyText({ spec }: V1Deployment, wanted: number): string {
  const grace = spec?.template.spec?.terminationGracePeriodSeconds ?? 30;
  const end = `requests in flight have ${grace} s to end in a pod that goes`;
  if (spec?.strategy?.type === 'Recreate') {
    return `All ${wanted} pods stop before new ones start, so nobody answers in between; ${end}.`;
  }
  const away = unavailableOf(spec, wanted);
  const kept =
    away === 0 ? 'none is taken away before its successor is ready' : `at most ${away} are away at once`;
  if (away >= wanted) {
    const which = wanted === 1 ? 'The only pod stops' : `All ${wanted} pods may stop`;
    return `${which} before a new one is ready, so nobody may answer in between; ${end}.`;
  }
  return `The ${wanted} pods are replaced one after another, ${kept}; ${end}.`;
}

function budgetText(deployment: V1Deployment, budgets: readonly V1PodDisruptionBudget[] | null): string {
  if (budgets === null) return 'Disruption budgets could not be read.';
  const labels = deployment.spec?.template.metadata?.labels ?? {};
  const ours = budgets.filter((budget) => selects(budget, labels));
  if (ours.length === 0) return 'No disruption budget covers them.';
  const each = ours.map(({ metadata, status }) => {
    const { disruptionsAllowed = 0, currentHealthy = 0, desiredHealthy = 0 } = status ?? {};
    return `${metadata?.name ?? ''} allows ${disruptionsAllowed} now (${currentHealthy} healthy, ${desiredHealthy} demanded)`;
  });
  return `Disruption budget ${each.join('; ')}; a restart is bound by the deployment's strategy, not by the budget.`;
}

function selects({ spec }: V1PodDisruptionBudget, labels: Readonly<Record<string, string>>): boolean {
  const { matchLabels = {}, matchExpressions = [] } = spec?.selector ?? {};
  return (
    spec?.selector !== undefined &&
    Object.entries(matchLabels).every(([name, value]) => labels[name] === value) &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      const value = labels[key];
      switch (operator) {
        case 'In':
          return value !== undefined && values.includes(value);
        case 'NotIn':
          return value === undefined || !values.includes(value);
        case 'Exists':
          return value !== undefined;
        default:
          return value === undefined;
      }
    })
  );
}

import type { RiskFacts } from '../../domain/risk.ts';
import type { Service, Workload } from '../../domain/service.ts';
import { WarroomError } from '../../platform/errors.ts';
import type { Preview } from '../../ports/remedy.ts';
import type { WorkloadState } from '../../ports/runtime.ts';
import type { Tools } from '../tools.ts';
import { findWorkload, paramsSchema, unknownWorkload } from './schema.ts';

/** What a restart does to those who are being served. Reads, and rehearses where the runtime can. */
export async function previewRestart(
  { workloads }: Tools,
  service: Service,
  params: unknown,
  signal: AbortSignal,
): Promise<Preview> {
  const parsed = paramsSchema.safeParse(params);
  if (!parsed.success) return impossible('the plan does not name a workload.');
  const workload = findWorkload(service, parsed.data.workload);
  if (workload === undefined) return impossible(unknownWorkload(service));
  let state: WorkloadState;
  let refusal: string | null;
  try {
    state = await workloads.state(workload, signal);
    refusal = await workloads.rehearse(workload, signal);
  } catch (error) {
    if (error instanceof WarroomError && !error.retryable)
      return impossible(`${error.message} ${error.hint}`);
    throw error;
  }
  if (refusal !== null) return impossible(refusal);
  const { wanted, ready } = state.replicas;
  if (wanted === 0)
    return impossible(`${nameOf(workload)} is scaled to nothing: there is nothing to restart.`);
  return {
    possible: true,
    facts: factsOf(state),
    planned: {
      kind: 'restart-service',
      service: service.name,
      params: { workload: workload.name },
      pins: { incarnation: state.incarnation, image: state.image },
      preview: {
        summary: `Restart ${nameOf(workload)} of ${service.name}: ${ready} of ${wanted} ${wanted === 1 ? 'replica' : 'replicas'} ready now, ${state.rolling ? 'replaced one after another' : wanted === 1 ? 'and it stops first' : 'most or all at once'}.`,
        diff: commandOf(workload),
        measured: null,
        notes: [
          state.effect,
          'docker' in workload
            ? 'Docker knows no dry run: it was checked that the container is there and may be restarted.'
            : 'The API server accepted a dry run of exactly this change.',
          `It starts again from the same image and configuration: ${state.image}.`,
        ],
        undo: 'Nothing to undo: the same image and configuration start again. What a replica had in memory or in flight is not brought back.',
      },
    },
  };
}

function factsOf({ rolling, replicas }: WorkloadState): RiskFacts {
  const kept = rolling && replicas.ready >= 2;
  return {
    base: kept ? 'low' : 'medium',
    reasons: [
      kept
        ? `restarts ${replicas.wanted} replicas one after another`
        : `restarts ${replicas.ready} of ${replicas.wanted} ready replicas ${rolling ? 'with no second one to serve' : 'with nobody left to serve, or few'}`,
    ],
    // The same program runs again. What it held in memory is gone, which matters where no other replica held it too.
    reversible: kept ? 'exact' : 'partial',
  };
}

export function nameOf(workload: Workload): string {
  if ('docker' in workload) return `container ${workload.docker.container}`;
  const { cluster, namespace, deployment } = workload.kubernetes;
  return `deployment ${namespace}/${deployment} on cluster ${cluster}`;
}

function commandOf(workload: Workload): string {
  if ('docker' in workload) return `docker restart ${workload.docker.container}`;
  const { cluster, namespace, deployment } = workload.kubernetes;
  return `kubectl --cluster ${cluster} --namespace ${namespace} rollout restart deployment/${deployment}`;
}

function impossible(reason: string): Preview {
  return { possible: false, reason };
}

import type { Check } from '../../domain/execution.ts';
import type { PlannedRemedy } from '../../domain/plan.ts';
import type { Service } from '../../domain/service.ts';
import type { Applied, RemedyContext } from '../../ports/remedy.ts';
import type { WorkloadState } from '../../ports/runtime.ts';
import type { Tools } from '../tools.ts';
import { nameOf } from './preview.ts';
import { findWorkload, readParams, readPins, unknownWorkload } from './schema.ts';

export async function whyRestartStale(
  { workloads }: Tools,
  service: Service,
  planned: PlannedRemedy,
  signal: AbortSignal,
): Promise<string | null> {
  const pins = readPins(planned.pins);
  const workload = findWorkload(service, readParams(planned.params).workload);
  if (workload === undefined) return unknownWorkload(service);
  const { incarnation, image } = await workloads.state(workload, signal);
  if (image !== pins.image) return `${nameOf(workload)} has another image than when the plan was made.`;
  if (incarnation === pins.incarnation) return null;
  return `${nameOf(workload)} was restarted or released since the plan was made.`;
}

/** Told again, a workload that has changed since is one that was restarted; where it keeps our mark, that must be ours. */
export async function applyRestart(
  tools: Tools,
  service: Service,
  planned: PlannedRemedy,
  { key, again }: RemedyContext,
  signal: AbortSignal,
): Promise<Applied> {
  const { workloads } = tools;
  const pins = readPins(planned.pins);
  const workload = findWorkload(service, readParams(planned.params).workload);
  if (workload === undefined) return { applied: false, reason: unknownWorkload(service) };
  const before = await workloads.state(workload, signal);
  const mayBeOurs = again && ('docker' in workload || before.mark === key);
  if (!mayBeOurs) {
    const stale = await whyRestartStale(tools, service, planned, signal);
    if (stale !== null) return { applied: false, reason: stale };
  }
  const state = await workloads.restart(workload, { from: pins.incarnation, key }, signal);
  if ('kubernetes' in workload && state.mark !== key) {
    return { applied: false, reason: `${nameOf(workload)} was changed by somebody else in the same moment.` };
  }
  return {
    applied: true,
    receipt: {
      summary: `Restarted ${nameOf(workload)}: ${readyText(state)}.`,
      url: null,
      data: { version: 1, incarnation: state.incarnation, ...state.replicas },
    },
  };
}

export async function verifyRestart(
  { workloads }: Tools,
  service: Service,
  planned: PlannedRemedy,
  signal: AbortSignal,
): Promise<Check> {
  const pins = readPins(planned.pins);
  const workload = findWorkload(service, readParams(planned.params).workload);
  if (workload === undefined) return { state: 'unknown', text: unknownWorkload(service) };
  const state = await workloads.state(workload, signal);
  if (state.incarnation === pins.incarnation) {
    return { state: 'broken', text: `${nameOf(workload)} still runs as before: it was not restarted.` };
  }
  const { wanted, ready } = state.replicas;
  return {
    state: ready === wanted ? 'holds' : 'broken',
    text: `${nameOf(workload)} was restarted: ${readyText(state)}.`,
  };
}

function readyText({ replicas: { wanted, ready } }: WorkloadState): string {
  return `${ready} of ${wanted} ${wanted === 1 ? 'replica is' : 'replicas are'} ready`;
}

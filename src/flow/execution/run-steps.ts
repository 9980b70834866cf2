import { type Execution, type ExecutionStep, standingSteps } from '../../domain/execution.ts';
import type { Plan, PlannedRemedy } from '../../domain/plan.ts';
import { findService, type Service } from '../../domain/service.ts';
import { explainError, WarroomError } from '../../platform/errors.ts';
import type { Rows } from '../../ports/record.ts';
import type { Applied, Remedy } from '../../ports/remedy.ts';
import type { FlowContext } from '../context.ts';
import { Halted } from '../incident/hold-targets.ts';
import { remedyContext } from '../incident/remedy-context.ts';
import { showPlan } from '../incident/show.ts';
import { isTooOld, lookYourself, tooOld } from './why-not-run.ts';

/** How carrying out the steps ended. */
export type RunOutcome =
  | { readonly kind: 'applied' }
  /** Nothing stands: a pin no longer held, or the step could not be had. */
  | { readonly kind: 'stale'; readonly reason: string }
  /** The step certainly did nothing, and earlier ones stand. */
  | { readonly kind: 'undo'; readonly reason: string }
  /** Whether the step took effect is not known, or it cannot go on: a person looks. */
  | { readonly kind: 'failed'; readonly reason: string };

/**
 * Carries out the plan's remedies in order and stops at the first that does not succeed. Every step is a row before it is
 * an effect, with its inverse; a run that finds an intent goes on from there, and the remedy acts once.
 */
export async function runSteps(
  flow: FlowContext,
  plan: Plan,
  executionId: string,
  signal: AbortSignal,
): Promise<RunOutcome> {
  for (const [index, planned] of plan.body.remedies.entries()) {
    signal.throwIfAborted();
    const execution = await flow.record.executions.get(executionId);
    const step = execution?.steps[index];
    if (execution === undefined || step === undefined)
      return { kind: 'failed', reason: 'its row is gone from the record.' };
    if (step.receipt !== null) continue;
    const ended = await runStep(flow, plan, { planned, index, step, execution }, signal);
    if (ended !== null) return ended;
  }
  return { kind: 'applied' };
}

interface Turn {
  readonly planned: PlannedRemedy;
  readonly index: number;
  readonly step: ExecutionStep;
  readonly execution: Execution;
}

/** Null when the step stands and the next one may follow. */
async function runStep(
  flow: FlowContext,
  plan: Plan,
  turn: Turn,
  signal: AbortSignal,
): Promise<RunOutcome | null> {
  const { planned, index, step, execution } = turn;
  const name = plan.body.remedies.length > 1 ? `step ${index + 1} of ${plan.body.remedies.length}: ` : '';
  const earlier = standingSteps(execution).length > 0;
  const without = (reason: string): RunOutcome => ({
    kind: earlier ? 'undo' : 'stale',
    reason: `${name}${reason}`,
  });

  const service = findService(flow.catalogue, planned.service);
  if (service === undefined) return without(`the catalogue no longer has ${planned.service}.`);
  const remedy = flow.remedies[planned.kind];
  const again = step.state === 'intent';
  if (!again) {
    // Others may have been waited for; a fix that has not begun by then is for nothing.
    const incident = await flow.record.incidents.get(plan.incidentId);
    if (!earlier && incident?.status === 'resolved') return without('the incident is resolved.');
    const stale = await remedy.whyStale(service, planned, signal);
    if (stale !== null) return without(stale);
    const inverse = await remedy.inverse(service, planned, signal);
    const expired = await intend(flow, plan, execution.id, index, inverse);
    if (expired !== null) return without(expired);
  }
  const applied = await apply(flow, plan, { ...turn, service, remedy, again }, signal);
  if ('failure' in applied) {
    await fail(flow, plan, execution.id, index, applied.failure);
    return { kind: 'failed', reason: `${name}${applied.failure}` };
  }
  if (!applied.applied) {
    await fail(flow, plan, execution.id, index, applied.reason);
    return without(applied.reason);
  }
  const { receipt } = applied;
  await changeStep(flow, plan, execution.id, index, { state: 'applied', receipt }, async (rows) => {
    await rows.timeline.append(plan.incidentId, {
      kind: 'execution.step',
      actor: 'warroom',
      text: receipt.summary,
      data: { planId: plan.id, digest: plan.digest, step: index + 1, url: receipt.url },
    });
    await showPlan(flow, rows, plan.id);
  });
  return null;
}

/**
 * The inverse is on record, no halt is in force, and what begins is still covered by its approval, before anything happens
 * outside: others may have been waited for, or the process may have stood still.
 * @returns why it may not begin; null when it is on record
 */
async function intend(
  flow: FlowContext,
  plan: Plan,
  executionId: string,
  index: number,
  inverse: ExecutionStep['inverse'],
): Promise<string | null> {
  return await flow.record.transaction(async (rows) => {
    await rows.incidents.lock(plan.incidentId);
    const halt = await rows.halts.holdOff();
    if (halt !== undefined) {
      throw new Halted(
        `Execution is halted by ${halt.by}: ${halt.reason}`,
        'It goes on once the halt is lifted.',
      );
    }
    const execution = await rows.executions.get(executionId);
    const last = (await rows.plans.approvals(plan.id)).findLast((one) => one.decision !== 'reject');
    const begun = execution?.steps.some((step) => step.state !== 'waiting') ?? false;
    if (!begun && (last === undefined || (await isTooOld(flow, last.at)))) return tooOld;
    await changeStep(flow, plan, executionId, index, { state: 'intent', inverse });
    return null;
  });
}

/**
 * A reply that got lost says nothing about the effect: the job is tried again, and the remedy looks whether it is there.
 * Only when that goes on for longer than an approval lasts do people have to look.
 */
async function apply(
  flow: FlowContext,
  plan: Plan,
  turn: Turn & { readonly service: Service; readonly remedy: Remedy; readonly again: boolean },
  signal: AbortSignal,
): Promise<Applied | { readonly failure: string }> {
  const { planned, index, execution, service, remedy, again } = turn;
  const context = await remedyContext(flow, plan, {
    what: 'apply',
    step: index,
    again,
    approvedBy: execution.approvedBy,
  });
  try {
    return await remedy.apply(service, planned, context, signal);
  } catch (error) {
    if (signal.aborted) throw error;
    const retryable = error instanceof WarroomError && error.retryable;
    if (retryable && !(await isTooOld(flow, execution.startedAt))) throw error;
    return { failure: retryable ? `${explainError(error)} ${lookYourself(planned)}` : explainError(error) };
  }
}

async function fail(
  flow: FlowContext,
  plan: Plan,
  executionId: string,
  index: number,
  error: string,
): Promise<void> {
  await changeStep(flow, plan, executionId, index, { state: 'failed', error });
}

async function changeStep(
  flow: FlowContext,
  plan: Plan,
  executionId: string,
  index: number,
  change: Partial<ExecutionStep>,
  also: (rows: Rows) => Promise<void> = async () => undefined,
): Promise<void> {
  await flow.record.transaction(async (rows) => {
    await rows.incidents.lock(plan.incidentId);
    const execution = await rows.executions.get(executionId);
    if (execution === undefined) return;
    const steps = execution.steps.map((step, at) => (at === index ? { ...step, ...change } : step));
    await rows.executions.update(executionId, { steps });
    await also(rows);
  });
}

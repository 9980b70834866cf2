import { setTimeout as sleep } from 'node:timers/promises';
import type { Execution } from '../../domain/execution.ts';
import type { Plan } from '../../domain/plan.ts';
import { findService } from '../../domain/service.ts';
import { WarroomError } from '../../platform/errors.ts';
import { newId } from '../../platform/ids.ts';
import type { FlowContext } from '../context.ts';

/** A process that dies frees its targets for the next try of the same execution after this. */
const leaseMs = 10_000;
const renewEveryMs = 1_000;
/** Without a renewal for this long the work stops: another process may soon take the targets. */
const blindMs = 7_000;
const askEveryMs = 500;

/** All execution was halted while this one ran: it stops where it is and goes on once the halt is lifted. */
export class Halted extends WarroomError {
  readonly code = 'halted';
  override readonly retryable = true;
}

export class TargetsTaken extends WarroomError {
  readonly code = 'targets_taken';
  override readonly retryable = true;
}

/**
 * Runs `work` while this execution, in this process alone, has everything that its plan acts on. A halt and a lost lease
 * abort it within about a second. Afterwards the execution keeps its targets, until `targetLocks.release`.
 * @param patienceMs how long to wait for others; `TargetsTaken` afterwards
 * @throws Halted when execution is halted, before or during the work
 */
export async function holdTargets<T>(
  flow: FlowContext,
  plan: Plan,
  execution: Execution,
  patienceMs: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const owner = newId();
  await acquire(flow, plan, execution, owner, patienceMs, signal);
  const stopping = new AbortController();
  let renewedMs = performance.now();
  const watch = setInterval(() => {
    const askedMs = performance.now();
    void whyStop(flow, execution, owner).then((reason) => {
      if (reason === null) renewedMs = askedMs;
      else if (reason !== 'unknown') stopping.abort(reason);
    });
    if (askedMs - renewedMs > blindMs) stopping.abort(recordAway());
  }, renewEveryMs);
  try {
    return await work(AbortSignal.any([signal, stopping.signal]));
  } catch (error) {
    // What was interrupted reports its own interruption; the reason for it is what matters.
    if (stopping.signal.aborted && !signal.aborted) throw stopping.signal.reason;
    throw error;
  } finally {
    clearInterval(watch);
    // A record that is away lets the lease run out by itself; how the work ended matters more.
    await flow.record.targetLocks.yield(execution.id, owner).catch(() => undefined);
  }
}

function recordAway(): TargetsTaken {
  return new TargetsTaken(
    'The record could not be reached, so the targets may be taken by another process.',
    'It goes on once the record is back.',
  );
}

async function acquire(
  flow: FlowContext,
  plan: Plan,
  execution: Execution,
  owner: string,
  patienceMs: number,
  signal: AbortSignal,
): Promise<void> {
  const targets = targetsOf(flow, plan);
  const lease = { executionId: execution.id, incidentId: plan.incidentId, owner, leaseMs };
  const endMs = Date.now() + patienceMs;
  for (;;) {
    signal.throwIfAborted();
    await refuseWhenHalted(flow);
    const taken = await flow.record.targetLocks.acquire(targets, lease);
    if (taken === null) return;
    if (Date.now() >= endMs) {
      throw new TargetsTaken(
        `Another fix acts on ${targets.join(', ')} (incident ${taken.heldBy}).`,
        'It is tried again once that one is verified.',
      );
    }
    await sleep(askEveryMs, undefined, { signal });
  }
}

/** Never thrown from a timer. `unknown`: the record gave no answer, which for a moment is no reason to stop. */
async function whyStop(
  flow: FlowContext,
  execution: Execution,
  owner: string,
): Promise<Error | 'unknown' | null> {
  try {
    await refuseWhenHalted(flow);
    if (await flow.record.targetLocks.renew(execution.id, owner, leaseMs)) return null;
    return new TargetsTaken(
      'Another process took this execution over.',
      'Nothing to do: that one goes on with it.',
    );
  } catch (error) {
    return error instanceof Halted ? error : 'unknown';
  }
}

export async function refuseWhenHalted(flow: FlowContext): Promise<void> {
  const halt = await flow.record.halts.active();
  if (halt === undefined) return;
  throw new Halted(
    `Execution is halted by ${halt.by}: ${halt.reason}`,
    'It goes on once the halt is lifted.',
  );
}

function targetsOf(flow: FlowContext, plan: Plan): string[] {
  const targets = plan.body.remedies.flatMap(({ kind, service, params }) => {
    const found = findService(flow.catalogue, service);
    return found === undefined ? [`service ${service}`] : flow.remedies[kind].targets(found, params);
  });
  return [...new Set(targets)].sort();
}

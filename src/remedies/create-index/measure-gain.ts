import type { Measurement } from '../../domain/plan.ts';
import type { DatabaseTarget } from '../../domain/service.ts';
import { SourceRefused } from '../../platform/errors.ts';
import type { IndexOrder } from '../../ports/database-admin.ts';
import { sayPlan } from '../shared-postgres/say-plan.ts';
import { sayCount, sayMs } from '../shared-postgres/say-size.ts';
import type { Tools } from '../tools.ts';

export type Gain =
  | { readonly useful: true; readonly measured: Measurement | null; readonly notes: readonly string[] }
  /** A sentence. */
  | { readonly useful: false; readonly reason: string };

/** What the statement does now, and what it does with the index on a synthetic replica. */
export async function measureGain(
  { inspector, indexTrial }: Pick<Tools, 'inspector' | 'indexTrial'>,
  target: DatabaseTarget,
  order: IndexOrder,
  statement: string,
  signal: AbortSignal,
): Promise<Gain> {
  let now: string;
  try {
    now = sayPlan(await inspector.explain(target, statement, signal), order.table);
  } catch (error) {
    if (!(error instanceof SourceRefused)) throw error;
    return { useful: true, measured: null, notes: [`What it gains is not known. ${error.message}`] };
  }
  const answer = await indexTrial.try(target, order, statement, signal);
  if (!answer.tried) {
    const notes = [`Now: ${now} (plan on the target).`, `Not tried on a replica: ${answer.reason}`];
    return { useful: true, measured: null, notes };
  }
  const { before, after, used, rows } = answer.outcome;
  if (!used) {
    return {
      useful: false,
      reason: `on a synthetic replica with ${sayCount(rows.replica)} rows the statement does not use the index: ${sayPlan(after.plan, order.table)}.`,
    };
  }
  return {
    useful: true,
    measured: {
      what: `the slow statement, on a synthetic replica in the sandbox (${sayCount(rows.replica)} made-up rows like the target's ${sayCount(rows.target)}, median of ${before.runs} runs)`,
      before: `${sayPlan(before.plan, order.table)}, ${sayMs(before.ms)}`,
      after: `${sayPlan(after.plan, order.table)}, ${sayMs(after.ms)}`,
    },
    notes: [`Plan on the target now: ${now}.`],
  };
}

import type { Check, Receipt } from '../../domain/execution.ts';
import type { PlannedRemedy } from '../../domain/plan.ts';
import type { Service } from '../../domain/service.ts';
import type { Json } from '../../platform/canonical-json.ts';
import type { Applied, RemedyContext } from '../../ports/remedy.ts';
import { count } from '../flush-cache/preview.ts';
import { markName } from '../flush-cache/record-name.ts';
import { findCache, unknownCache } from '../flush-cache/schema.ts';
import type { Tools } from '../tools.ts';
import { pinOf, recordOf } from './record-of.ts';
import { readInverse, readParams, readPins, readReceipt } from './schema.ts';

export async function whyWarmUpStale(
  tools: Tools,
  service: Service,
  planned: PlannedRemedy,
  signal: AbortSignal,
): Promise<string | null> {
  const pins = readPins(planned.pins);
  const found = await recordOf(tools, service, readParams(planned.params), signal);
  if (typeof found === 'string') return found;
  if (found.record.server !== pins.server)
    return 'the Redis was restarted or replaced since the plan was made.';
  return pinOf(found.record) === pins.record ? null : 'the record has changed since the plan was made.';
}

export async function applyWarmUp(
  tools: Tools,
  service: Service,
  planned: PlannedRemedy,
  context: RemedyContext,
  signal: AbortSignal,
): Promise<Applied> {
  const { cache, from } = readParams(planned.params);
  const target = findCache(service, cache);
  if (target === undefined) return refuse(unknownCache(service));
  const mark = markName(context.key);
  // what has begun goes on: the mark says which keys are done
  if ((await tools.caches.readMark(target, mark, signal)) === null) {
    const stale = await whyWarmUpStale(tools, service, planned, signal);
    if (stale !== null) return refuse(stale);
  }
  const back = await tools.caches.restore(target, { record: from, mark }, signal);
  if (back === null) return refuse(`the record ${from} is gone: it is kept for an hour after its flush.`);
  const { restored, present, expired } = back;
  return {
    applied: true,
    receipt: {
      summary: `Brought back ${count(restored)} keys of cache ${cache}; ${count(present)} held a fresher value, ${count(expired)} had expired.`,
      url: null,
      data: { version: 1, mark, restored, present, expired },
    },
  };
}

export async function verifyWarmUp(
  { caches }: Tools,
  service: Service,
  planned: PlannedRemedy,
  receipt: Receipt,
  signal: AbortSignal,
): Promise<Check> {
  const { cache } = readParams(planned.params);
  const { mark } = readReceipt(receipt.data);
  const target = findCache(service, cache);
  if (target === undefined) return { state: 'unknown', text: unknownCache(service) };
  const marked = await caches.readMark(target, mark, signal);
  if (marked === null) {
    return { state: 'unknown', text: 'It is no longer known which keys were brought back.' };
  }
  const text = `${count(marked.present)} of the ${count(marked.restored)} keys that were brought back are there.`;
  return { state: marked.restored === 0 || marked.present > 0 ? 'holds' : 'broken', text };
}

export async function undoWarmUp(
  { caches }: Tools,
  service: Service,
  inverse: Json,
  receipt: Receipt,
  signal: AbortSignal,
): Promise<Applied> {
  const { cache } = readInverse(inverse);
  const { mark } = readReceipt(receipt.data);
  const target = findCache(service, cache);
  if (target === undefined) return refuse(unknownCache(service));
  const emptied = await caches.removeRestored(target, mark, signal);
  if (emptied === null) {
    return refuse(
      'which keys were brought back is remembered for an hour only; flush the pattern by a new plan.',
    );
  }
  const { removed, changed } = emptied;
  const stayed = changed === 0 ? '' : `; ${count(changed)} that the service has written since stay`;
  return {
    applied: true,
    receipt: {
      summary: `Removed the ${count(removed)} keys that had been brought back into cache ${cache}${stayed}.`,
      url: null,
      data: { version: 1, removed, changed },
    },
  };
}

function refuse(reason: string): Applied {
  return { applied: false, reason };
}

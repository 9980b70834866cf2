import type { Check, Receipt } from '../../domain/execution.ts';
import type { PlannedRemedy } from '../../domain/plan.ts';
import type { Service } from '../../domain/service.ts';
import type { Json } from '../../platform/canonical-json.ts';
import type { Applied, RemedyContext } from '../../ports/remedy.ts';
import type { Tools } from '../tools.ts';
import { count, surveyBounds } from './preview.ts';
import { markName } from './record-name.ts';
import { findCache, readInverse, readParams, readReceipt, unknownCache } from './schema.ts';

export async function verifyFlush(
  { caches }: Tools,
  service: Service,
  planned: PlannedRemedy,
  receipt: Receipt,
  signal: AbortSignal,
): Promise<Check> {
  const { cache, pattern } = readParams(planned.params);
  const { server, removed, complete } = readReceipt(receipt.data);
  const target = findCache(service, cache);
  if (target === undefined) return { state: 'unknown', text: unknownCache(service) };
  const survey = await caches.survey(target, pattern, surveyBounds, signal);
  const text = `${count(removed)} keys matching ${pattern} were removed; ${count(survey.keys)} match now${survey.keys === 0 ? '' : ', filled since'}.`;
  if (survey.server !== server)
    return { state: 'unknown', text: `${text} The server was restarted in between.` };
  return complete ? { state: 'holds', text } : { state: 'broken', text: `${text} Some were never removed.` };
}

/** Brings back what was recorded and is not there; what the service has filled since is newer, and stays. */
export async function undoFlush(
  { caches }: Tools,
  service: Service,
  inverse: Json,
  receipt: Receipt,
  context: RemedyContext,
  signal: AbortSignal,
): Promise<Applied> {
  const { cache } = readInverse(inverse);
  const { record, removed, recorded } = readReceipt(receipt.data);
  const target = findCache(service, cache);
  if (target === undefined) return { applied: false, reason: unknownCache(service) };
  if (removed > 0 && recorded === 0) {
    return { applied: false, reason: 'none of the values could be recorded; the service fills them again.' };
  }
  const order = { record, mark: markName(context.key) };
  const back = await caches.restore(target, order, signal);
  if (back === null) {
    return {
      applied: false,
      reason: `the record ${record} is gone (it is kept for an hour); the service fills its cache again.`,
    };
  }
  const { restored, present, expired } = back;
  const lost = removed - recorded;
  const parts = [
    `Brought back ${count(restored)} of ${count(removed)} keys of cache ${cache}`,
    ...(present > 0 ? [`${count(present)} had been filled anew and were left alone`] : []),
    ...(expired > 0 ? [`${count(expired)} would have expired by now`] : []),
    ...(lost > 0 ? [`${count(lost)} were not recorded`] : []),
  ];
  return {
    applied: true,
    receipt: { summary: `${parts.join('; ')}.`, url: null, data: { version: 1, restored, present, expired } },
  };
}

import type { PlannedRemedy } from '../../domain/plan.ts';
import type { CacheTarget, Service } from '../../domain/service.ts';
import type { Applied, RemedyContext } from '../../ports/remedy.ts';
import type { Tools } from '../tools.ts';
import { whyNotAllowed } from './narrow-pattern.ts';
import { count, surveyBounds } from './preview.ts';
import { recordName } from './record-name.ts';
import { findCache, readParams, readPins, recordBounds, unknownCache } from './schema.ts';

/** A flush that has begun goes on, whatever the keys are by then; one that has not looks at the pins once more. */
export async function applyFlush(
  tools: Tools,
  service: Service,
  planned: PlannedRemedy,
  context: RemedyContext,
  signal: AbortSignal,
): Promise<Applied> {
  const { cache, pattern } = readParams(planned.params);
  const pins = readPins(planned.pins);
  const target = allowedCache(service, planned);
  if (typeof target === 'string') return { applied: false, reason: target };
  const record = recordName(context.key);
  if ((await tools.caches.readRecord(target, record, signal)) === null) {
    const stale = await whyFlushStale(tools, service, planned, signal);
    if (stale !== null) return { applied: false, reason: stale };
  }
  const order = { pattern, record, mostKeys: Number(pins.mostKeys), recordBounds };
  const { removed, recorded, complete } = await tools.caches.flush(target, order, signal);
  const stopped = complete ? '' : ' It stopped there, at the most that was approved; more keys match.';
  return {
    applied: true,
    receipt: {
      summary: `Removed ${count(removed)} keys matching ${pattern} from cache ${cache}; ${count(recorded)} values are kept for an hour as ${record}.${stopped}`,
      url: null,
      data: { version: 1, server: pins.server, record, removed, recorded, complete },
    },
  };
}

export async function whyFlushStale(
  { caches }: Tools,
  service: Service,
  planned: PlannedRemedy,
  signal: AbortSignal,
): Promise<string | null> {
  const { cache, pattern } = readParams(planned.params);
  const { server, mostKeys } = readPins(planned.pins);
  const target = allowedCache(service, planned);
  if (typeof target === 'string') return target;
  const bounds = { ...surveyBounds, keys: Number(mostKeys) };
  const survey = await caches.survey(target, pattern, bounds, signal);
  if (survey.server !== server)
    return `the Redis of cache ${cache} was restarted or replaced since the plan was made.`;
  if (survey.keys > Number(mostKeys) || !survey.complete)
    return `${count(survey.keys)} keys or more match ${pattern} by now, far more than when the plan was made.`;
  return null;
}

/** The catalogue may have changed since. */
function allowedCache(service: Service, { params }: PlannedRemedy): CacheTarget | string {
  const { cache, pattern } = readParams(params);
  const target = findCache(service, cache);
  return target === undefined ? unknownCache(service) : (whyNotAllowed(pattern, target.patterns) ?? target);
}

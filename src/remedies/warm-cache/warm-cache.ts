import type { Remedy } from '../../ports/remedy.ts';
import { cacheTargets } from '../flush-cache/schema.ts';
import type { Tools } from '../tools.ts';
import { applyWarmUp, undoWarmUp, verifyWarmUp, whyWarmUpStale } from './apply.ts';
import { previewWarmUp } from './preview.ts';
import { readParams } from './schema.ts';

/** Fill a cache again with what an earlier flush of ours removed and recorded. */
export function createWarmCache(tools: Tools): Remedy {
  return {
    kind: 'warm-cache',
    targets: cacheTargets,
    preview: (service, params, signal) => previewWarmUp(tools, service, params, signal),
    whyStale: (service, planned, signal) => whyWarmUpStale(tools, service, planned, signal),
    async inverse(_service, planned) {
      return { version: 1, how: 'remove-what-was-restored', cache: readParams(planned.params).cache };
    },
    apply: (service, planned, context, signal) => applyWarmUp(tools, service, planned, context, signal),
    verify: (service, planned, receipt, signal) => verifyWarmUp(tools, service, planned, receipt, signal),
    undo: (service, inverse, receipt, _context, signal) =>
      undoWarmUp(tools, service, inverse, receipt, signal),
  };
}

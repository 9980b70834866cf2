import type { Remedy } from '../../ports/remedy.ts';
import type { Tools } from '../tools.ts';
import { applyFlush, whyFlushStale } from './apply.ts';
import { previewFlush } from './preview.ts';
import { cacheTargets, readParams } from './schema.ts';
import { undoFlush, verifyFlush } from './undo.ts';

/** Remove the keys of one pattern from a cache; what is removed stays on its server for an hour. */
export function createFlushCache(tools: Tools): Remedy {
  return {
    kind: 'flush-cache',
    targets: cacheTargets,
    preview: (service, params, signal) => previewFlush(tools, service, params, signal),
    whyStale: (service, planned, signal) => whyFlushStale(tools, service, planned, signal),
    async inverse(_service, planned) {
      return { version: 1, how: 'restore-the-record', cache: readParams(planned.params).cache };
    },
    apply: (service, planned, context, signal) => applyFlush(tools, service, planned, context, signal),
    verify: (service, planned, receipt, signal) => verifyFlush(tools, service, planned, receipt, signal),
    undo: (service, inverse, receipt, context, signal) =>
      undoFlush(tools, service, inverse, receipt, context, signal),
  };
}

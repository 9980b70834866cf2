import type { Remedy } from '../../ports/remedy.ts';
import { databaseTargets } from '../shared-postgres/database-target.ts';
import type { Tools } from '../tools.ts';
import { applyIndex, verifyIndex, whyIndexStale } from './apply.ts';
import { previewIndex } from './preview.ts';
import { inverseOfIndex, undoIndex } from './undo.ts';

/** Build a plain index in a service's PostgreSQL while writes go on. */
export function createCreateIndex(tools: Tools): Remedy {
  return {
    kind: 'create-index',
    targets: databaseTargets,
    preview: (service, params, signal) => previewIndex(tools, service, params, signal),
    whyStale: (service, planned, signal) => whyIndexStale(tools, service, planned, signal),
    inverse: async (_service, planned) => inverseOfIndex(planned),
    apply: (service, planned, context, signal) => applyIndex(tools, service, planned, context, signal),
    verify: (service, planned, receipt, signal) => verifyIndex(tools, service, planned, receipt, signal),
    undo: (service, inverse, receipt, _context, signal) =>
      undoIndex(tools, service, inverse, receipt, signal),
  };
}

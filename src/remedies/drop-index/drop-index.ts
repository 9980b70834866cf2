import type { Remedy } from '../../ports/remedy.ts';
import { databaseTargets } from '../shared-postgres/database-target.ts';
import type { Tools } from '../tools.ts';
import { applyDrop, verifyDrop, whyDropStale } from './apply.ts';
import { previewDrop } from './preview.ts';
import { inverseOfDrop, undoDrop } from './undo.ts';

/** Remove an index from a service's PostgreSQL while reads and writes go on. */
export function createDropIndex(tools: Tools): Remedy {
  return {
    kind: 'drop-index',
    targets: databaseTargets,
    preview: (service, params, signal) => previewDrop(tools, service, params, signal),
    whyStale: (service, planned, signal) => whyDropStale(tools, service, planned, signal),
    inverse: (service, planned, signal) => inverseOfDrop(tools, service, planned, signal),
    apply: (service, planned, context, signal) => applyDrop(tools, service, planned, context, signal),
    verify: (service, planned, _receipt, signal) => verifyDrop(tools, service, planned, signal),
    undo: (service, inverse, _receipt, _context, signal) => undoDrop(tools, service, inverse, signal),
  };
}

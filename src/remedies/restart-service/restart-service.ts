import type { Remedy } from '../../ports/remedy.ts';
import type { Tools } from '../tools.ts';
import { applyRestart, verifyRestart, whyRestartStale } from './apply.ts';
import { previewRestart } from './preview.ts';
import { readInverse, workloadTargets } from './schema.ts';

/** Start the same program anew: a container, or the pods of a deployment one after another. */
export function createRestartService(tools: Tools): Remedy {
  return {
    kind: 'restart-service',
    targets: workloadTargets,
    preview: (service, params, signal) => previewRestart(tools, service, params, signal),
    whyStale: (service, planned, signal) => whyRestartStale(tools, service, planned, signal),
    async inverse() {
      return { version: 1, how: 'nothing-to-undo' };
    },
    apply: (service, planned, context, signal) => applyRestart(tools, service, planned, context, signal),
    verify: (service, planned, _receipt, signal) => verifyRestart(tools, service, planned, signal),
    async undo(service, inverse, _receipt, _context, signal) {
      signal.throwIfAborted();
      readInverse(inverse);
      const summary = `Nothing had to be undone in ${service.name}: a restart runs the same image and configuration.`;
      return { applied: true, receipt: { summary, url: null, data: { version: 1 } } };
    },
  };
}

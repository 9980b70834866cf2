import type { Remedy } from '../../ports/remedy.ts';
import type { Tools } from '../tools.ts';
import { approvedCommand, previewRunbook, whyAway } from './preview.ts';
import { RunOnce } from './run-once.ts';
import { readInverse, readParams, readReceipt, runbookTargets } from './schema.ts';

/** Run a command that operators wrote into the catalogue. */
export function createRunRunbook(tools: Tools): Remedy {
  const once = new RunOnce(tools.commands);
  return {
    kind: 'run-runbook',
    targets: runbookTargets,
    preview: (service, params, signal) => previewRunbook(tools, service, params, signal),

    async whyStale(service, planned, signal) {
      signal.throwIfAborted();
      const approved = approvedCommand(service, planned);
      if ('reason' in approved) return approved.reason;
      // before the effect is begun: afterwards nobody could say whether it was
      const { container } = approved.command;
      return container === null ? null : whyAway(tools, container, signal);
    },

    async inverse(service, planned) {
      const approved = approvedCommand(service, planned);
      if ('reason' in approved || approved.inverse === null) return { version: 1, how: 'none' };
      return { version: 1, how: 'run', command: approved.inverse };
    },

    async apply(service, planned, context, signal) {
      const approved = approvedCommand(service, planned);
      const what = `the runbook ${readParams(planned.params).runbook}`;
      if (!('reason' in approved)) return once.run(approved.command, context, what, signal);
      // what may have run already is no longer a question of the catalogue
      return context.again ? once.recall(context.key, what) : { applied: false, reason: approved.reason };
    },

    async verify(_service, _planned, receipt, signal) {
      signal.throwIfAborted();
      const { exitCode, durationMs } = readReceipt(receipt.data);
      return {
        state: 'holds',
        text: `It ended with exit code ${exitCode} after ${(durationMs / 1000).toFixed(1)} s; a runbook has no other check of its own.`,
      };
    },

    async undo(_service, inverse, _receipt, context, signal) {
      const stored = readInverse(inverse);
      if (stored.how === 'none') {
        return {
          applied: false,
          reason: 'the catalogue gives no inverse for this runbook; undo by hand what it did.',
        };
      }
      return once.run(stored.command, context, 'the inverse of the runbook', signal);
    },
  };
}

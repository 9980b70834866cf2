import type { Remedy } from '../../ports/remedy.ts';
import type { Tools } from '../tools.ts';
import { applyRevert } from './apply.ts';
import { previewRevert } from './preview.ts';
import { pinsSchema, readStored } from './schema.ts';
import { undoRevert } from './undo.ts';

/** Undo one commit through a pull request. */
export function createRevertCommit(tools: Tools): Remedy {
  return {
    kind: 'revert-commit',
    preview: (service, params, signal) => previewRevert(tools, service, params, signal),
    async inverse(_service, planned) {
      const { base } = readStored(pinsSchema, planned.pins, 'pins');
      return { version: 1, how: 'revert-the-merge', base };
    },
    apply: (service, planned, context, signal) => applyRevert(tools, service, planned, context, signal),
    undo: (service, inverse, receipt, context, signal) =>
      undoRevert(tools, service, inverse, receipt, context, signal),
  };
}

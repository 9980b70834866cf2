import type { Remedy } from '../../ports/remedy.ts';
import { applyChange } from '../shared-git/apply-change.ts';
import { branchName } from '../shared-git/branch-name.ts';
import { maskChange } from '../shared-git/mask-change.ts';
import { changeMessage } from '../shared-git/pull-request-text.ts';
import { quietLine } from '../shared-git/quiet-text.ts';
import { whyBaseMoved } from '../shared-git/read-base.ts';
import { pinsSchema, readStored } from '../shared-git/stored-state.ts';
import { targetBranch } from '../shared-git/target-branch.ts';
import { undoMerge } from '../shared-git/undo-merge.ts';
import { verifyMerge } from '../shared-git/verify-merge.ts';
import { type PatchTools, patchOrReason, previewPatch } from './preview.ts';
import { paramsSchema } from './schema.ts';

/** A patch that was tried in the sandbox, merged through a pull request. */
export function createPullRequest(tools: PatchTools): Remedy {
  return {
    kind: 'pull-request',
    targets: targetBranch,
    preview: (service, params, signal) => previewPatch(tools, service, params, signal),
    whyStale: async (service, planned, signal) =>
      whyBaseMoved(tools, service, readStored(pinsSchema, planned.pins, 'pins').base, signal),
    async inverse(_service, planned) {
      const { base } = readStored(pinsSchema, planned.pins, 'pins');
      return { version: 1, how: 'revert-the-merge', base };
    },
    async apply(service, planned, context, signal) {
      const params = readStored(paramsSchema, planned.params, 'parameters');
      const title = quietLine(params.title);
      const change = {
        branch: branchName('fix', context),
        did: `Merged “${title}” into ${service.name}.`,
        async compute(base: string, abort: AbortSignal) {
          const made = await patchOrReason(tools, service, base, params, abort);
          return typeof made === 'string' ? made : maskChange(tools.source, service, base, made, abort);
        },
        text: async () => ({ title, message: changeMessage(title, [], context) }),
      };
      return applyChange(tools, service, planned, context, change, signal);
    },
    verify: (service, _planned, receipt, signal) => verifyMerge(tools, service, receipt, signal),
    undo: (service, inverse, receipt, context, signal) =>
      undoMerge(tools, service, inverse, receipt, context, signal),
  };
}

import type { Remedy } from '../../ports/remedy.ts';
import { applyChange } from '../shared-git/apply-change.ts';
import { branchName } from '../shared-git/branch-name.ts';
import { type GitTools, short } from '../shared-git/git-tools.ts';
import { maskChange } from '../shared-git/mask-change.ts';
import { whyBaseMoved } from '../shared-git/read-base.ts';
import { pinsSchema, readStored } from '../shared-git/stored-state.ts';
import { targetBranch } from '../shared-git/target-branch.ts';
import { undoMerge } from '../shared-git/undo-merge.ts';
import { verifyMerge } from '../shared-git/verify-merge.ts';
import { previewRevert, revertOrReason } from './preview.ts';
import { revertMessage, revertTitle } from './revert-text.ts';
import { paramsSchema } from './schema.ts';

/** Undo one commit through a pull request. */
export function createRevertCommit(tools: GitTools): Remedy {
  const { source } = tools;
  return {
    kind: 'revert-commit',
    targets: targetBranch,
    preview: (service, params, signal) => previewRevert(tools, service, params, signal),
    whyStale: async (service, planned, signal) =>
      whyBaseMoved(tools, service, readStored(pinsSchema, planned.pins, 'pins').base, signal),
    async inverse(_service, planned) {
      const { base } = readStored(pinsSchema, planned.pins, 'pins');
      return { version: 1, how: 'revert-the-merge', base };
    },
    async apply(service, planned, context, signal) {
      const { commit } = readStored(paramsSchema, planned.params, 'parameters');
      const change = {
        branch: branchName('revert', context),
        did: `Reverted ${short(commit)} in ${service.name}.`,
        async compute(base: string, abort: AbortSignal) {
          const made = await revertOrReason(source, service, { base, sha: commit }, abort);
          return typeof made === 'string' ? made : maskChange(source, service, base, made, abort);
        },
        async text(abort: AbortSignal) {
          const [reverted] = await source.log(service, { at: commit, limit: 1 }, abort);
          const subject = reverted?.subject ?? short(commit);
          return { title: revertTitle(subject), message: revertMessage(subject, commit, context) };
        },
      };
      return applyChange(tools, service, planned, context, change, signal);
    },
    verify: (service, _planned, receipt, signal) => verifyMerge(tools, service, receipt, signal),
    undo: (service, inverse, receipt, context, signal) =>
      undoMerge(tools, service, inverse, receipt, context, signal),
  };
}

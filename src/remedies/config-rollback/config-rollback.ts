import type { Remedy } from '../../ports/remedy.ts';
import { applyChange } from '../shared-git/apply-change.ts';
import { branchName } from '../shared-git/branch-name.ts';
import { type GitTools, short } from '../shared-git/git-tools.ts';
import { changeMessage } from '../shared-git/pull-request-text.ts';
import { quietLine } from '../shared-git/quiet-text.ts';
import { whyBaseMoved } from '../shared-git/read-base.ts';
import { pinsSchema, readStored } from '../shared-git/stored-state.ts';
import { targetBranch } from '../shared-git/target-branch.ts';
import { undoMerge } from '../shared-git/undo-merge.ts';
import { verifyMerge } from '../shared-git/verify-merge.ts';
import { computeRollback, readText } from './compute-rollback.ts';
import { previewRollback } from './preview.ts';
import { readSettings } from './read-settings.ts';
import { paramsSchema } from './schema.ts';

/** One configuration file as it was at an earlier commit, through a pull request. */
export function createConfigRollback(tools: GitTools): Remedy {
  const { source } = tools;
  return {
    kind: 'config-rollback',
    targets: targetBranch,
    preview: (service, params, signal) => previewRollback(tools, service, params, signal),
    whyStale: async (service, planned, signal) =>
      whyBaseMoved(tools, service, readStored(pinsSchema, planned.pins, 'pins').base, signal),
    async inverse(_service, planned) {
      const { base } = readStored(pinsSchema, planned.pins, 'pins');
      const { path } = readStored(paramsSchema, planned.params, 'parameters');
      return { version: 1, how: 'revert-the-merge', base, path };
    },
    async apply(service, planned, context, signal) {
      const { path, to } = readStored(paramsSchema, planned.params, 'parameters');
      const title = quietLine(`Put ${path} back to ${short(to)}`);
      const why = `The file is as it was at commit ${to}.`;
      const change = {
        branch: branchName('config', context),
        did: `Put ${path} of ${service.name} back to ${short(to)}.`,
        async compute(base: string, abort: AbortSignal) {
          // the catalogue may have changed since the plan was made
          if (!service.configuration.includes(path)) return `${path} is no longer in the catalogue.`;
          return computeRollback(source, service, { base, path, from: to }, abort);
        },
        text: async () => ({ title, message: changeMessage(title, [why], context) }),
      };
      return applyChange(tools, service, planned, context, change, signal);
    },
    verify: (service, _planned, receipt, signal) => verifyMerge(tools, service, receipt, signal),
    undo: (service, inverse, receipt, context, signal) =>
      undoMerge(tools, service, inverse, receipt, context, signal, (changes) => {
        for (const { path, content } of changes) {
          const text = content === null ? null : readText(content);
          const read = text === null ? null : readSettings(path, text);
          if (read?.kind === 'unreadable') {
            return `together with later changes ${path} could not be read any more: ${read.reason}. Undo it by hand.`;
          }
        }
        return null;
      }),
  };
}

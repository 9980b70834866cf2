import type { Receipt } from '../../domain/execution.ts';
import type { Service } from '../../domain/service.ts';
import type { Json } from '../../platform/canonical-json.ts';
import type { PullRequest } from '../../ports/code-host.ts';
import type { Applied, RemedyContext } from '../../ports/remedy.ts';
import type { FileChange } from '../../ports/source-control.ts';
import { isRefusedMerge, leaveOpen } from './apply-change.ts';
import { branchName } from './branch-name.ts';
import { type GitTools, nameAll, noCodeHost, short } from './git-tools.ts';
import { landChange, receiptOf } from './land-change.ts';
import { undoBody, undoMessage } from './pull-request-text.ts';
import { inverseSchema, readStored, receiptSchema } from './stored-state.ts';

/** How often others may push in the middle of it. */
const attempts = 3;

/**
 * Reverts the merge of the fix on top of whatever the branch is now; later commits of others stay.
 * @param whyNot what speaks against the files as undoing leaves them; null when nothing does
 */
export async function undoMerge(
  { source, codeHost }: GitTools,
  service: Service,
  inverse: Json,
  receipt: Receipt,
  context: RemedyContext,
  signal: AbortSignal,
  whyNot: (changes: readonly FileChange[]) => string | null = () => null,
): Promise<Applied> {
  if (codeHost === null) return refuse(noCodeHost);
  readStored(inverseSchema, inverse, 'inverse');
  const { number, mergeSha } = readStored(receiptSchema, receipt.data, 'receipt');
  const branch = branchName('undo', context);
  const done = (pull: PullRequest): Applied => ({
    applied: true,
    receipt: receiptOf(pull, branch, `Undid pull request #${number} in ${service.name}.`),
  });

  for (let attempt = 1; ; attempt += 1) {
    const earlier = await codeHost.findPullRequest(service, branch, signal);
    if (earlier?.state === 'merged') return done(earlier);
    if (earlier?.state === 'closed') {
      return refuse(`pull request #${earlier.number}, which undoes it, was closed by somebody.`);
    }
    const { head } = await source.fetch(service, signal);
    if (!(await source.contains(service, { head, sha: mergeSha }, signal))) {
      return refuse(
        `${service.repository.branch} at ${short(head)} does not have the merge ${short(mergeSha)}: its history was rewritten. Look at it by hand.`,
      );
    }
    const outcome = await source.revert(service, { base: head, sha: mergeSha }, signal);
    if (outcome.kind === 'conflict') {
      return refuse(
        `later changes overlap in ${nameAll(outcome.files)}; ${short(mergeSha)} must be reverted by hand.`,
      );
    }
    if (outcome.kind === 'already-undone') {
      const summary = `Pull request #${number} was already undone by somebody else in ${service.name}.`;
      return {
        applied: true,
        receipt: { summary, url: receipt.url, data: { version: 1, number, merged: false } },
      };
    }
    const against = whyNot(outcome.changes);
    if (against !== null) return refuse(against);
    const landing = {
      branch,
      base: head,
      onlyOntoBase: false,
      changes: outcome.changes,
      title: `Undo #${number}: it did not help`,
      message: undoMessage(number, mergeSha, context),
      body: undoBody(number, mergeSha, context),
    };
    try {
      return done(await landChange(codeHost, service, landing, signal));
    } catch (error) {
      if (!isRefusedMerge(error)) throw error;
      const moved = (await codeHost.branchHead(service, signal)) !== head;
      if (!moved || attempt >= attempts) return leaveOpen(codeHost, service, branch, error, signal);
    }
  }
}

function refuse(reason: string): Applied {
  return { applied: false, reason };
}

import type { Receipt } from '../../domain/execution.ts';
import type { Service } from '../../domain/service.ts';
import type { Json } from '../../platform/canonical-json.ts';
import type { PullRequest } from '../../ports/code-host.ts';
import type { Applied, RemedyContext } from '../../ports/remedy.ts';
import type { Tools } from '../tools.ts';
import { landChange, receiptOf } from './land-change.ts';
import { short } from './preview.ts';
import { undoBody, undoMessage } from './pull-request-text.ts';
import { inverseSchema, readStored, receiptSchema } from './schema.ts';

export function undoBranch(digest: string): string {
  return `warroom/undo-${digest.slice(0, 12)}`;
}

/** Reverts the merge of the fix on top of whatever the branch is now; later commits of others stay. */
export async function undoRevert(
  { source, codeHost }: Tools,
  service: Service,
  inverse: Json,
  receipt: Receipt,
  context: RemedyContext,
  signal: AbortSignal,
): Promise<Applied> {
  readStored(inverseSchema, inverse, 'inverse');
  const { number, mergeSha } = readStored(receiptSchema, receipt.data, 'receipt');
  const branch = undoBranch(context.digest);
  const done = (pull: PullRequest): Applied => ({
    applied: true,
    receipt: receiptOf(pull, branch, `Undid pull request #${number} in ${service.name}.`),
  });

  const earlier = await codeHost.findPullRequest(service, branch, signal);
  if (earlier?.state === 'merged') return done(earlier);
  if (earlier?.state === 'closed') {
    return {
      applied: false,
      reason: `pull request #${earlier.number}, which undoes it, was closed by somebody.`,
    };
  }
  const { head } = await source.fetch(service, signal);
  const outcome = await source.revert(service, { base: head, sha: mergeSha }, signal);
  if (outcome.kind === 'conflict') {
    return {
      applied: false,
      reason: `later changes overlap in ${outcome.files.join(', ')}; ${short(mergeSha)} must be reverted by hand.`,
    };
  }
  if (outcome.kind === 'already-undone') {
    const summary = `Pull request #${number} was already undone by somebody else in ${service.name}.`;
    return {
      applied: true,
      receipt: { summary, url: receipt.url, data: { version: 1, number, merged: false } },
    };
  }
  const landing = {
    branch,
    base: head,
    onlyOntoBase: false,
    changes: outcome.changes,
    title: `Undo #${number}: it did not help`,
    message: undoMessage(number, mergeSha, context),
    body: undoBody(number, mergeSha, context),
  };
  return done(await landChange(codeHost, service, landing, signal));
}
